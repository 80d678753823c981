/**
 * A reply of the server as values, and ways to read one that has a known shape.
 *
 * Nothing is lost on the way: integers are digits, because some go beyond what a number holds; strings
 * are bytes; and the two kinds of strings stay apart, because people see them differently.
 */
import { ServerError } from "./connection-error.ts";

/** A string on a line of its own in the protocol: `OK`, an id. */
export class Status {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** An error as the server words it. */
export class ErrorReply {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }

  /** The first word. */
  get word(): string {
    return this.message.split(" ", 1)[0] ?? "";
  }
}

/** Nothing; the digits of an integer; a string; a status; an error; a list. */
export type Reply = null | string | Buffer | Status | ErrorReply | Reply[];

/** The reply unless it is an error, which is thrown as ServerError. */
export function checked(reply: Reply | undefined): Reply {
  if (reply instanceof ErrorReply) throw new ServerError(reply.message);
  return reply ?? null;
}

/** The text of a string, status or integer; "" for anything else. */
export function textOf(reply: Reply | undefined): string {
  if (typeof reply === "string") return reply;
  return bytesOf(reply).toString("utf8");
}

/** The bytes of a string or status; none for anything else. */
export function bytesOf(reply: Reply | undefined): Buffer {
  if (Buffer.isBuffer(reply)) return reply;
  return reply instanceof Status ? reply.bytes : Buffer.alloc(0);
}

/** The elements of a list; none of anything else. */
export function listOf(reply: Reply | undefined): Reply[] {
  return Array.isArray(reply) ? reply : [];
}

/** The number of an integer or of digits in a string; NaN when there is none. */
export function numberOf(reply: Reply | undefined): number {
  const text = textOf(reply);
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** A flat list of names and values, as SHOW and QSTAT answer; empty for anything else. */
export function pairsOf(reply: Reply | undefined): Map<string, Reply> {
  const list = listOf(reply);
  const pairs = new Map<string, Reply>();
  for (let at = 0; at + 1 < list.length; at += 2) pairs.set(textOf(list[at]), list[at + 1] ?? null);
  return pairs;
}

const NANOS_PER_MS = 1_000_000n;

/** When a job as SHOW describes it was created: milliseconds since 1970, NaN when it does not say. */
export function createdMs(job: ReadonlyMap<string, Reply>): number {
  const digits = textOf(job.get("ctime"));
  return /^\d+$/.test(digits) ? Number(BigInt(digits) / NANOS_PER_MS) : Number.NaN;
}
