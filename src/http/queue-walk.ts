/**
 * A walk over all queues of a node, some hundred a turn.
 *
 * There may be a million, and clients must not wait for them. A queue that comes or goes meanwhile may be seen
 * or not. Every walk has an end: of more queues than it looks at, the result is partial.
 */
import type { ServerState } from "../commands/server-state.ts";
import type { Queue } from "../core/queue.ts";
import type { Slices } from "./slices.ts";

/** Numbers of queues looked at in one slice: half a millisecond. */
export const QUEUES_PER_SLICE = 500;
/** A walk looks at so many numbers. */
export const QUEUES_MAX = 200_000;
/** What a walk has found is good for 0.2 ms a queue, that is a thousandth of the thread's time, and for so long at most. */
const GOOD_FOR_MS_PER_QUEUE = 0.2;
const GOOD_FOR_MS_MAX = 5000;

/** For how long nobody needs another walk, ms: with many queues it is dear, and with few it may be this short. */
export function walkIsGoodForMs(numberLimit: number, leastMs: number): number {
  return Math.max(leastMs, Math.min(GOOD_FOR_MS_MAX, numberLimit * GOOD_FOR_MS_PER_QUEUE));
}

/** Shows every queue to `visit`; false when there are more than it may look at. */
export async function walkQueues(
  { broker: { queues } }: ServerState,
  slices: Pick<Slices, "next">,
  visit: (queue: Queue) => void,
): Promise<boolean> {
  let number = 0;
  do {
    await slices.next();
    const end = Math.min(queues.numberLimit, QUEUES_MAX, number + QUEUES_PER_SLICE);
    for (; number < end; number++) {
      const queue = queues.at(number);
      if (queue?.isRegistered) visit(queue);
    }
  } while (number < Math.min(queues.numberLimit, QUEUES_MAX));
  return number >= queues.numberLimit;
}
