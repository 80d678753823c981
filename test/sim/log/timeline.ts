/**
 * What a node knew at the end of each of its turns, and what clients had seen by then.
 *
 * A process that comes back goes on from one of these moments. Which one is found by comparing what
 * it knows with what it knew (job-facts.ts); everything behind it has not happened, and whoever judges
 * the node afterwards must forget it, too: `events` are those up to that moment.
 */
import { crc32 } from "node:zlib";
import type { Broker } from "../../../src/core/broker.ts";
import type { Host } from "../../../src/core/host.ts";
import type { LogNodes } from "../../../src/journal/log-nodes.ts";
import {
  afterRestart,
  type Facts,
  factsOf,
  type JobFacts,
} from "../../journal/support/job-facts.ts";
import type { Checker, SimEvent } from "../history.ts";

/** The end of one turn, or (a number with a fraction) its middle. */
interface Moment {
  readonly turn: number;
  readonly facts: Facts;
  /** How many events there were. */
  readonly events: number;
}

/** What a comparison has found. */
export interface Match {
  /** The last turn that has happened. */
  readonly turn: number;
  /** Of some jobs an earlier state was found: the last turn was written in part. */
  readonly isMixed: boolean;
}

/** A story that can be cut off. */
export class Timeline implements Checker {
  readonly name = "timeline";
  readonly events: SimEvent[] = [];
  /** In the beginning there was nothing. */
  #moments: Moment[] = [{ turn: 0, facts: { jobs: [], queues: {} }, events: 0 }];

  on(event: SimEvent): void {
    // What was seen at the end of a turn follows from the rest.
    if (event.type !== "audit") this.events.push(event);
  }

  noteMoment(turn: number, broker: Broker, host: Host, nodes: LogNodes): void {
    const facts = briefFacts(broker, host, nodes);
    this.#moments.push({ turn, facts, events: this.events.length });
  }

  /** A turn in which nothing happened is not remembered. */
  dropEmptyTurn(): void {
    const { events } = this;
    const [turn, tick, ticked] = events.slice(-3);
    const isEmpty = turn?.type === "turn" && tick?.type === "tick" && ticked?.type === "ticked";
    const noted = this.#moments.at(-1)?.events ?? 0;
    if (isEmpty && noted <= events.length - 3) events.length -= 3;
  }

  /** Nobody goes on from before that turn any more. */
  forgetBefore(turn: number): void {
    const first = this.#moments.findIndex((moment) => moment.turn >= turn);
    if (first > 0) this.#moments.splice(0, first);
  }

  /**
   * The latest moment, not before the turn `from`, at which the node knew what it knows now.
   * @param isSure false: what is delivered at most once is withheld
   */
  find(actual: Facts, from: number, wallMs: number, isSure: boolean): Match | undefined {
    const found = linesOf(actual);
    const states: Map<string, string>[] = [];
    for (let i = this.#moments.length - 1; i >= 0; i--) {
      const { turn, facts } = this.#moments[i] as Moment;
      if (turn < from) break;
      const lines = linesOf(afterStart(facts, wallMs, isSure));
      if (isEqual(lines, found)) return { turn, isMixed: false };
      states.push(lines);
    }
    // Of each job any of its states may have been written, and that it was not there is one of them.
    const ids = new Set([found, ...states].flatMap((lines) => [...lines.keys()]));
    const isMixed = [...ids].every((id) => states.some((lines) => lines.get(id) === found.get(id)));
    const last = this.#moments.at(-1)?.turn ?? 0;
    return isMixed && states.length > 0 ? { turn: last, isMixed } : undefined;
  }

  /** What distinguishes now from the last moment, to be read by people. */
  difference(actual: Facts, wallMs: number, isSure: boolean): string {
    const facts = this.#moments.at(-1)?.facts ?? { jobs: [], queues: {} };
    const before = linesOf(afterStart(facts, wallMs, isSure));
    const now = linesOf(actual);
    const ids = [...new Set([...before.keys(), ...now.keys()])];
    const others = ids.filter((id) => before.get(id) !== now.get(id));
    const shown = others.slice(0, 4).map((id) => `was ${before.get(id)}\n is ${now.get(id)}`);
    return `${others.length} of ${ids.length} jobs\n${shown.join("\n")}`;
  }

  /** Nothing behind that turn has happened. */
  cutAfter(turn: number): void {
    this.#moments = this.#moments.filter((moment) => moment.turn <= turn);
    this.events.length = this.#moments.at(-1)?.events ?? 0;
  }

  /** The same story, to be gone on with in another way. */
  copy(): Timeline {
    const other = new Timeline();
    other.events.push(...this.events);
    other.#moments = [...this.#moments];
    return other;
  }
}

/** What a broker knows, with bodies by their checksums: much of it is kept. */
export function briefFacts(broker: Broker, host: Host, nodes: LogNodes): Facts {
  const { jobs, queues } = factsOf(broker, host, nodes);
  for (const job of jobs) job.body = `${job.body.length} ${crc32(job.body)}`;
  return { jobs, queues };
}

function linesOf({ jobs }: Facts): Map<string, string> {
  return new Map(jobs.map((job) => [job.id, JSON.stringify(job, infinities)]));
}

function infinities(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? "never" : value;
}

function isEqual(one: Map<string, string>, other: Map<string, string>): boolean {
  if (one.size !== other.size) return false;
  for (const [id, line] of one) if (other.get(id) !== line) return false;
  return true;
}

function afterStart(facts: Facts, wallMs: number, isSure: boolean): Facts {
  const after = afterRestart(facts, wallMs);
  return isSure ? after : { ...after, jobs: after.jobs.map((job) => withheld(job, wallMs)) };
}

/** Nobody knows whether it has been delivered since. */
function withheld(job: JobFacts, wallMs: number): JobFacts {
  const { place, asked, momentMs } = job;
  const isThere = place === "queued" || place === "held" || (place === "out" && momentMs <= wallMs);
  if (asked.retryMs > 0 || !isThere) return job;
  const momentless = Number.POSITIVE_INFINITY;
  return { ...job, place: "kept only", wasDelivered: true, momentMs: momentless };
}
