/**
 * Rows about queues from two looks: how much there is, and how much comes and goes a second.
 *
 * Rates are differences of counters of the same process; a node that started again in between has none.
 * A job that moves from node to node is counted by each, so rates of all nodes together may exceed what
 * clients did.
 */
import type { QueueFigures } from "../queue-figures.ts";
import type { Look, NodeLook } from "./observation.ts";

/** A queue on one node, or on all together. */
export interface QueueRow {
  /** One character per byte. */
  readonly name: string;
  /** The node, or how many have it. */
  readonly where: string;
  readonly length: number;
  readonly waiters: number;
  readonly inFlight: number;
  /** Jobs a second; NaN without an earlier look. */
  readonly inRate: number;
  readonly outRate: number;
  readonly pause: string;
  /** Where to ask for the oldest job. */
  readonly places: readonly { readonly look: NodeLook; readonly queue: QueueFigures }[];
}

/** The queues of a look, one row each for every node that has it, or one for all nodes together. */
export function queueRows(now: Look, before: Look | undefined, isByNode: boolean): QueueRow[] {
  const rows = now.nodes.flatMap((look) => rowsOfNode(look, now, before));
  if (isByNode) return rows;
  const together = new Map<string, QueueRow>();
  for (const row of rows) {
    const known = together.get(row.name);
    together.set(row.name, known === undefined ? { ...row, where: "1" } : joined(known, row));
  }
  return [...together.values()];
}

/** By how much a counter of INFO grew each second; NaN when that cannot be said. */
export function infoRate(
  now: Look,
  before: Look | undefined,
  look: NodeLook,
  name: string,
): number {
  const earlier = sameProcess(before, look);
  if (before === undefined || earlier?.info === undefined || look.info === undefined) {
    return Number.NaN;
  }
  const grown = look.info.number(name) - earlier.info.number(name);
  return grown / ((now.atMs - before.atMs) / 1000);
}

function rowsOfNode(look: NodeLook, now: Look, before: Look | undefined): QueueRow[] {
  const earlier = sameProcess(before, look);
  const seconds = (now.atMs - (before?.atMs ?? Number.NaN)) / 1000;
  const known = new Map(earlier?.queues.map((queue) => [queue.name, queue]));
  return look.queues.map((queue) => {
    // A queue that was not there before has had all its jobs since.
    const { jobsIn, jobsOut } = known.get(queue.name) ?? { jobsIn: 0, jobsOut: 0 };
    const rate = (grown: number) =>
      earlier === undefined ? Number.NaN : Math.max(0, grown) / seconds;
    return {
      name: queue.name,
      where: look.address,
      length: queue.length,
      waiters: queue.waiters,
      inFlight: queue.inFlight,
      inRate: rate(queue.jobsIn - jobsIn),
      outRate: rate(queue.jobsOut - jobsOut),
      pause: queue.pause,
      places: [{ look, queue }],
    };
  });
}

function sameProcess(before: Look | undefined, look: NodeLook): NodeLook | undefined {
  const run = look.info?.text("run_id");
  return before?.nodes.find(
    ({ node, info }) => node.id === look.node.id && info?.text("run_id") === run,
  );
}

function joined(a: QueueRow, b: QueueRow): QueueRow {
  return {
    name: a.name,
    where: String(a.places.length + 1),
    length: a.length + b.length,
    waiters: a.waiters + b.waiters,
    inFlight: a.inFlight + b.inFlight,
    inRate: a.inRate + b.inRate,
    outRate: a.outRate + b.outRate,
    pause: a.pause === b.pause ? a.pause : "some",
    places: [...a.places, ...b.places],
  };
}
