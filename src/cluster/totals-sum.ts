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
export function joinQueues(nodes: readonly NodeTotals[]): readonly QueueTotals[] {
  const joining = new QueueJoining();
  joining.add(nodes);
  return joining.queues;
}

interface JoinedQueue {
  readonly queue: Buffer;
  figures: readonly number[];
  /** Ids of the nodes that are in it. */
  readonly nodes: string[];
}

/** The same when nodes tell of their queues in portions; what a node tells of once more is passed over. */
export class QueueJoining {
  readonly #byName = new Map<string, JoinedQueue>();

  /** All of them. */
  get queues(): readonly QueueTotals[] {
    return [...this.#byName.values()];
  }

  /** Joins a portion. */
  add(nodes: readonly NodeTotals[]): void {
    for (const { nodeId, reading } of nodes) {
      for (const { queue, figures } of reading?.queues ?? []) this.#join(nodeId, queue, figures);
    }
  }

  #join(nodeId: string, queue: Buffer, figures: readonly number[]): void {
    const key = queue.toString("latin1");
    const known = this.#byName.get(key);
    if (known === undefined) {
      this.#byName.set(key, { queue, figures, nodes: [nodeId] });
    } else if (!known.nodes.includes(nodeId)) {
      known.figures = joinFigures(known.figures, figures);
      known.nodes.push(nodeId);
    }
  }
}

function joinFigures(a: readonly number[], b: readonly number[]): number[] {
  return queueFigures.map(({ joining }, at) => {
    const [first, second] = [a[at], b[at]];
    if (first === undefined || second === undefined) return first ?? second ?? 0;
    return joined(joining, first, second);
  });
}
