/**
 * How many jobs of a queue may be sent to a node, by what was said of it: as often as a number was said to somebody
 * who may have some.
 *
 * Who wants jobs says so to the owners of the queue, and one of these to everybody who has some, each time with the
 * whole number: a source says roughly how much it has, and one that has less than was thought must not keep anybody
 * waiting. Each may send so many, and does not know what the others do. What is too much goes back.
 */
import type { Message } from "../../../../src/cluster/messages.ts";
import { STOP_MS_MAX } from "../faults.ts";
import type { SimProcess } from "../process.ts";
import type { Weather } from "../weather.ts";

/** A number said so long ago was used up, or replaced by the next one that was said. */
const MEMORY_MS = 10_000;
/** So long ago if it may have been said to one who stood still, or could not be reached. */
const LONG_MEMORY_MS = MEMORY_MS + STOP_MS_MAX;

interface Said {
  readonly credits: number;
  readonly atMs: number;
}

/** What one process has said to one node. */
interface Statements {
  readonly speaker: SimProcess;
  readonly said: Said[];
}

/** Remembers who was told how many jobs a node wants. */
export class SaidCredits {
  /** By the node that wants them and the queue, then by who said it to whom. */
  readonly #wishes = new Map<string, Map<string, Statements>>();

  /** A message is queued for the node with that id. */
  note(speaker: SimProcess, receiverId: string, message: Message): void {
    if (message.type === "want") {
      for (const { queue, credits } of message.queues)
        this.#note(speaker, receiverId, keyOf(speaker.nodeId, queue.toString("latin1")), credits);
    } else if (message.type === "grant") {
      for (const { queue, nodeId, credits } of message.grants)
        this.#note(speaker, receiverId, keyOf(nodeId, queue.toString("latin1")), credits);
    }
  }

  /** So many jobs it may have been sent lately, in that weather. */
  lately(nodeId: string, queue: string, nowMs: number, weather: Weather): number {
    const wishes = this.#wishes.get(keyOf(nodeId, queue));
    const isHeard = weather.isCalmSince(nowMs - MEMORY_MS);
    const sinceMs = nowMs - (isHeard ? MEMORY_MS : LONG_MEMORY_MS);
    let sum = 0;
    for (const { speaker, said } of wishes?.values() ?? []) {
      const kept = speaker.isAlive ? 1 : 0;
      while (said.length > kept && endOf(said) < sinceMs) said.shift();
      for (const { credits } of said) sum += credits;
    }
    return sum;
  }

  #note(speaker: SimProcess, receiverId: string, key: string, credits: number): void {
    const wishes = this.#wishes.get(key) ?? new Map<string, Statements>();
    this.#wishes.set(key, wishes);
    const way = `${speaker.serial} ${receiverId}`;
    const statements = wishes.get(way) ?? { speaker, said: [] };
    wishes.set(way, statements);
    statements.said.push({ credits, atMs: speaker.world.nowMs });
  }
}

/** When the first number was replaced by the next one, or said, if it is the last. */
function endOf([first, next]: readonly Said[]): number {
  return (next ?? first)?.atMs ?? 0;
}

function keyOf(nodeId: string, queue: string): string {
  return `${nodeId} ${queue}`;
}
