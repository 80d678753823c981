/**
 * Steps of a transcript, written by hand in one line each.
 *
 * The recordings are data; what replaces parts of them is code, and should read like a conversation:
 * `say("QLEN q", integer(1))`.
 */
import type { ExpectedReply, Step } from "./format.ts";

/** A scenario that ringq answers differently on purpose. */
export interface Deviation {
  file: string;
  scenario: string;
  /** What ringq does and why that is better. */
  reason: string;
  /** Played instead of the recorded steps. */
  steps: Step[];
}

/** Sends a command (words of a text, or exact arguments) and expects a reply. */
export function say(command: string | string[], reply: ExpectedReply, more: Step = {}): Step {
  return { ...more, send: typeof command === "string" ? command.split(" ") : command, reply };
}

/** Sends bytes as they are and expects a reply. */
export function sayRaw(raw: string, reply: ExpectedReply, more: Step = {}): Step {
  return { ...more, raw, reply };
}

/** Expects another reply without sending anything. */
export function hear(reply: ExpectedReply, more: Step = {}): Step {
  return { ...more, recv: true, reply };
}

/** Expects silence, or after a command that blocks: silence for now. */
export function silence(command?: string, more: Step = {}): Step {
  return { ...more, ...(command && { send: command.split(" ") }), noreply: true };
}

/** Expects the server to hang up. */
export function hangUp(more: Step = {}): Step {
  return { ...more, recv: true, closed: true };
}

/** A simple string. */
export function status(v: string): ExpectedReply {
  return { t: "+", v };
}

/** `+OK`. */
export const ok: ExpectedReply = status("OK");

/** An error with this text. */
export function error(v: string): ExpectedReply {
  return { t: "-", v };
}

/** An integer, or a placeholder for one. */
export function integer(v: number | string): ExpectedReply {
  return { t: ":", v };
}

/** A bulk string. */
export function bulk(v: string): ExpectedReply {
  return { t: "$", v };
}

/** An array. */
export function list(...v: ExpectedReply[]): ExpectedReply {
  return { t: "*", v };
}

/** A null array: no job. */
export const noJob: ExpectedReply = { t: "nil", v: "*" };

/** A new job's ID, bound to that number. */
export function id(number: number): ExpectedReply {
  return status(`<jobid:${number}>`);
}

/** One job as GETJOB returns it; with counters when they are given. */
export function job(
  queue: string,
  number: number,
  body: string,
  counters?: { nacks: number; additionalDeliveries: number },
): ExpectedReply {
  const fields = [bulk(queue), bulk(`<jobid:${number}>`), bulk(body)];
  if (counters === undefined) return list(...fields);
  return list(
    ...fields,
    bulk("nacks"),
    integer(counters.nacks),
    bulk("additional-deliveries"),
    integer(counters.additionalDeliveries),
  );
}

/** What SHOW says about a job in queue "q" with body "b", where it differs from a plain new job. */
export function shown(
  number: number,
  fields: {
    state: string;
    ttl: string;
    delay?: number;
    retry: number;
    requeue: string;
    awake: string;
  },
): ExpectedReply {
  const named = (name: string, value: ExpectedReply): ExpectedReply[] => [bulk(name), value];
  return list(
    ...named("id", bulk(`<jobid:${number}>`)),
    ...named("queue", bulk("q")),
    ...named("state", bulk(fields.state)),
    ...named("repl", integer(1)),
    ...named("ttl", integer(fields.ttl)),
    ...named("ctime", integer("<int>")),
    ...named("delay", integer(fields.delay ?? 0)),
    ...named("retry", integer(fields.retry)),
    ...named("nacks", integer(0)),
    ...named("additional-deliveries", integer(0)),
    ...named("nodes-delivered", list(bulk("<nodeid:1>"))),
    ...named("nodes-confirmed", list()),
    ...named("next-requeue-within", integer(fields.requeue)),
    ...named("next-awake-within", integer(fields.awake)),
    ...named("body", bulk("b")),
  );
}
