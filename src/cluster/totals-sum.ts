/**
 * From the readings of several nodes to one: sums, largest, smallest.
 *
 * Only of those that answered; who did not is the receiver's to name. A figure that a node of another
 * version does not send counts as nothing.
 */
import type { NodeTotals } from "./totals.ts";
import { joined, nodeFigures, queueFigures } from "./totals-figures.ts";
import type { QueueReading } from "./totals-own.ts";

/** A queue on those nodes that have it. */
export interface QueueTotals {
  readonly queue: Buffer;
  /** By position, as queueFigures has them. */
  readonly figures: readonly number[];
}

/** The figures of all nodes that answered, by position as nodeFigures has them. */
export function sumOfNodes(nodes: readonly NodeTotals[]): number[] {
  return nodeFigures.map((_, at) =>
    nodes.reduce((sum, { reading }) => sum + (reading?.figures[at] ?? 0), 0),
  );
}

/** How many nodes did not answer. */
export function missingCount(nodes: readonly NodeTotals[]): number {
  return nodes.filter(({ reading }) => reading === undefined).length;
}

/** A queue on one node; undefined where it is not. */
export function queueOn({ reading }: NodeTotals, name: Buffer): QueueReading | undefined {
  return reading?.queues.find(({ queue }) => queue.equals(name));
}

/** All queues that were told of, each once, in the order in which they appear. */
export function joinQueues(nodes: readonly NodeTotals[]): QueueTotals[] {
  const byName = new Map<string, { queue: Buffer; figures: number[] }>();
  for (const { reading } of nodes) {
    for (const { queue, figures } of reading?.queues ?? []) {
      const key = queue.toString("latin1");
      const known = byName.get(key);
      if (known === undefined) byName.set(key, { queue, figures: [...figures] });
      else known.figures = joinFigures(known.figures, figures);
    }
  }
  return [...byName.values()];
}

function joinFigures(a: readonly number[], b: readonly number[]): number[] {
  return queueFigures.map(({ joining }, at) => {
    const [first, second] = [a[at], b[at]];
    if (first === undefined || second === undefined) return first ?? second ?? 0;
    return joined(joining, first, second);
  });
}
