/**
 * What is known about the queues of a node: QSCAN and QSTAT, many in one go.
 *
 * Not how old their oldest jobs are, which costs more and is asked only where it is shown (top/oldest.ts).
 */
import type { Connection } from "../client/connection.ts";
import { listOf, numberOf, pairsOf, type Reply, textOf } from "../client/reply.ts";
import { queueNames } from "../client/scans.ts";
import { harmless } from "./terminal.ts";

/** Queues looked at on one node; the rest only counts in the totals. */
export const QUEUES_MAX = 20_000;
const BATCH = 500;

/** One queue on one node. Rates need two looks and are made elsewhere. */
export interface QueueFigures {
  /** One character per byte. */
  readonly name: string;
  readonly length: number;
  readonly waiters: number;
  /** Handed out and not acknowledged; NaN when the server does not say. */
  readonly inFlight: number;
  readonly jobsIn: number;
  readonly jobsOut: number;
  readonly importRate: number;
  readonly pause: string;
}

/** All queues of a node, and whether there are more than that. Rejects as `ask`. */
export async function readQueues(
  connection: Connection,
): Promise<{ queues: QueueFigures[]; isCut: boolean }> {
  const names = await queueNames(connection);
  const queues: QueueFigures[] = [];
  const looked = names.slice(0, QUEUES_MAX);
  for (let from = 0; from < looked.length; from += BATCH) {
    const batch = looked.slice(from, from + BATCH);
    const replies = await Promise.all(
      batch.map((name) => connection.call("QSTAT", Buffer.from(name, "latin1"))),
    );
    // Nil: it went away in between.
    batch.forEach((name, at) => {
      if (Array.isArray(replies[at])) queues.push(figuresOf(name, replies[at]));
    });
  }
  return { queues, isCut: names.length > QUEUES_MAX };
}

/** A name as people see it; the empty one in quotes. */
export function shownName(name: string): string {
  return name === "" ? '""' : harmless(Buffer.from(name, "latin1").toString("utf8"));
}

/** Now by the server's wall clock, milliseconds since 1970. Rejects as `ask`. */
export async function serverTimeMs(connection: Connection): Promise<number> {
  const [seconds, micros] = listOf(await connection.ask("TIME"));
  return numberOf(seconds) * 1000 + Math.floor(numberOf(micros) / 1000);
}

function figuresOf(name: string, reply: Reply): QueueFigures {
  const pairs = pairsOf(reply);
  return {
    name,
    length: numberOf(pairs.get("len")),
    waiters: numberOf(pairs.get("blocked")),
    inFlight: numberOf(pairs.get("in-flight")),
    jobsIn: numberOf(pairs.get("jobs-in")),
    jobsOut: numberOf(pairs.get("jobs-out")),
    importRate: numberOf(pairs.get("import-rate")),
    pause: textOf(pairs.get("pause")),
  };
}
