/**
 * Who can be dealt with: noticed by comparing, so that nobody has to announce every kind of change.
 *
 * Owners of queues follow from who is a member, alive and not leaving; who can be sent jobs, from who
 * is linked.
 */
import type { QueueTable } from "../../../core/queue-table.ts";
import { type Nodes, OWN_INDEX } from "../../nodes.ts";

/** A number that changes with any of that, as good as certainly; O(members). */
export function sumOfPartners(nodes: Nodes): number {
  let sum = 0;
  for (let node = 1; node < nodes.limit; node++) {
    if (!nodes.isMember(node)) continue;
    let bits = 1;
    if (nodes.isLinked(node)) bits |= 2;
    if (nodes.isLive(node)) bits |= 4;
    if (nodes.isLeaving(node)) bits |= 8;
    sum = (Math.imul(sum + bits, 0x9e3779b1) + node) | 0;
  }
  return sum;
}

/** Neither this node nor that one. */
export function isThird(other: number, node: number): boolean {
  return other !== OWN_INDEX && other !== node;
}

/** There are others to deal with from now on: all queues in which there is somebody or something are news. */
export function noteQueuesInUse(queues: QueueTable): void {
  for (let number = 0; number < queues.numberLimit; number++) {
    const queue = queues.at(number);
    if (queue === undefined) continue;
    if (queue.waiterCount > 0 || queue.length > 0) queues.noteChange(queue);
  }
}
