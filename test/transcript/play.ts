/**
 * Plays a scenario of a transcript against a server and says which steps went wrong.
 *
 * Knows nothing about test frameworks, so that the same code serves the tests and the command line.
 * The server must be a single empty node with default settings that nobody else uses.
 */
import { delay } from "../support/eventually.ts";
import type { Reply } from "../support/reply.ts";
import { type RespAddress, RespClient } from "../support/resp-client.ts";
import type { ExpectedReply, Scenario, Step } from "./format.ts";
import {
  type Bindings,
  describeMismatch,
  findJobId,
  matchesReply,
  matchesText,
  substituted,
} from "./match.ts";

/** How long a step that expects silence listens. */
const SILENCE_MS = 120;

const fresh = [
  ["DEBUG", "FLUSHALL"],
  ["SLOWLOG", "RESET"],
  ["LATENCY", "RESET"],
  ["CONFIG", "RESETSTAT"],
];

/** How a step went: its number from 1 on, and what was wrong, if anything. */
export interface StepResult {
  number: number;
  step: Step;
  failure: string | undefined;
}

/** Plays all steps. After one that could not be carried out the rest counts as failed. */
export async function playScenario(
  address: RespAddress,
  scenario: Scenario,
): Promise<StepResult[]> {
  if (scenario.fresh) await runCommands(address, fresh);
  const stage = new Stage(address);
  const results: StepResult[] = [];
  let aborted: string | undefined;
  try {
    for (const [i, step] of scenario.steps.entries()) {
      if (aborted === undefined) {
        const failure = await stage.play(step).catch((error: unknown) => {
          aborted = `could not be carried out: ${String(error)}`;
          return aborted;
        });
        results.push({ number: i + 1, step, failure });
      } else
        results.push({ number: i + 1, step, failure: `not played; an earlier step ${aborted}` });
    }
  } finally {
    stage.close();
    if (scenario.cleanup !== undefined) await runCommands(address, scenario.cleanup);
  }
  return results;
}

/** A failed step in one line. */
export function describeFailure({ number, step, failure }: StepResult): string {
  const what = JSON.stringify(step.send ?? step.raw ?? "recv");
  const on = step.conn === undefined ? "" : ` on ${step.conn}`;
  return `step ${number}${on} ${shortened(what, 200)}: ${failure}`;
}

/** The connections and the placeholder bindings of one scenario. */
class Stage {
  readonly #address: RespAddress;
  readonly #clients = new Map<string, RespClient>();
  readonly #bindings: Bindings = new Map();

  constructor(address: RespAddress) {
    this.#address = address;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  /** Plays one step; resolves with what was wrong, rejects when it could not be played. */
  async play(step: Step): Promise<string | undefined> {
    if (step.sleep_ms !== undefined) await delay(step.sleep_ms);
    const client = await this.#client(step.conn ?? "a");
    const startedAt = performance.now();
    if (step.send !== undefined) client.send(step.send.map((arg) => this.#substituted(arg)));
    if (step.raw !== undefined) client.raw(this.#substituted(step.raw));
    if (step.noreply) {
      return (await client.silent(SILENCE_MS)) ? undefined : `unexpected ${unread(client)}`;
    }
    if (step.closed) return (await client.closed()) ? undefined : `not closed ${unread(client)}`;
    const reply = await client.read();
    return this.#check(step, reply, performance.now() - startedAt);
  }

  #check(step: Step, reply: Reply, elapsedMs: number): string | undefined {
    const expected = step.reply;
    if (expected === undefined) throw new Error("a step of a transcript expects nothing");
    if (!this.#matches(step, expected, reply)) {
      return shortened(describeMismatch(expected, reply, this.#bindings), 1_000);
    }
    const jobId = findJobId(reply);
    if (step.jobid_ttl !== undefined && !jobId?.endsWith(step.jobid_ttl)) {
      return `job ID ${jobId} does not end with ${step.jobid_ttl}`;
    }
    const ms = Math.floor(elapsedMs);
    if (ms < (step.min_ms ?? 0)) return `reply after ${ms} ms, expected at least ${step.min_ms}`;
    if (ms > (step.max_ms ?? Infinity))
      return `reply after ${ms} ms, expected at most ${step.max_ms}`;
    return undefined;
  }

  #matches(step: Step, expected: ExpectedReply, reply: Reply): boolean {
    if (step.match !== "error") {
      return matchesReply(expected, reply, this.#bindings, step.match ?? "exact");
    }
    return reply.t === "-" && matchesText(String(expected.v), reply.v, this.#bindings);
  }

  async #client(name: string): Promise<RespClient> {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const client = await RespClient.connect(this.#address);
    this.#clients.set(name, client);
    return client;
  }

  #substituted(text: string): string {
    return substituted(text, this.#bindings, (name) => {
      const client = this.#clients.get(name);
      if (client === undefined) throw new Error(`no connection is called ${name}`);
      return client.localAddress;
    });
  }
}

/** Runs commands on a connection of their own and ignores what they answer. */
async function runCommands(address: RespAddress, commands: string[][]): Promise<void> {
  const client = await RespClient.connect(address);
  try {
    for (const command of commands) await client.call(...command);
  } finally {
    client.close();
  }
}

function unread(client: RespClient): string {
  return `(received ${shortened(JSON.stringify(client.unread), 200)})`;
}

function shortened(text: string | undefined, length: number): string {
  return text === undefined || text.length <= length ? String(text) : `${text.slice(0, length)}...`;
}
