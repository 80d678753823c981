/**
 * All trades of a node, by queue, and which of them are to be looked at.
 *
 * A trade outlives its queue: what was said to other nodes stays said when a queue is evicted and made
 * anew, perhaps under another number. So trades are found by name; by number only as a short cut.
 */
import { hashKeys, hashName } from "../../../core/keyed-hash.ts";
import type { Queue } from "../../../core/queue.ts";
import { Bag } from "../../../util/bag.ts";
import { Heap } from "../../../util/heap.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { Trade } from "./trade.ts";

const BUCKETS = 65_536;
/** Queues that are remembered because other nodes name them; this node's own ones always are. */
const TRADES_MAX = 1_000_000;
/** Longer names of queues that other nodes say are not remembered: their waiters find jobs by asking all. */
const TOLD_NAME_BYTES_MAX = 65_536;
const OWNERS_MAX = 16;
/** A trade with what it holds, on the heap and beside it; measured, without its name. */
export const TRADE_BYTES = 916;
/** From this memory level on what other nodes name is remembered only within a share of the limit. */
const MEMORY_FULL = 3;
/** All trades may take so much of it then: who waits is served at once though an owner takes no jobs. */
export const SHARE_WHEN_FULL = 1 / 32;

/** Finds trades. */
export class Trades {
  readonly #world: JobsWorld;
  readonly #keys: Int32Array;
  readonly #buckets: (Trade | undefined)[] = [];
  #byNumber: (Trade | undefined)[] = [];
  #all = new Bag<Trade>();
  readonly #timed = new Heap<Trade>((a, b) => a.wakeAtMs - b.wakeAtMs);
  #due: Trade[] = [];
  #bytes = 0;
  #version = 0;
  readonly #owners = new Int32Array(OWNERS_MAX);

  constructor(world: JobsWorld) {
    this.#world = world;
    this.#keys = hashKeys(world.host.randomWord());
  }

  get count(): number {
    return this.#all.size;
  }

  /** Whether some are to be looked at now. */
  get hasDue(): boolean {
    return this.#due.length > 0;
  }

  /** Monotonic ms at which one is to be looked at. */
  get nextWakeAtMs(): number {
    return this.#timed.peek()?.wakeAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** The trade of a queue that exists, if it has one. */
  at(queue: Queue): Trade | undefined {
    const trade = this.#byNumber[queue.number];
    if (trade?.queue === queue) return trade;
    const { name } = queue;
    const found = this.#lookup(name, hashName(this.#keys, name, 0, name.length));
    if (found !== undefined) this.#attach(found, queue);
    return found;
  }

  /** The trade of a queue that exists, made if missing. */
  of(queue: Queue): Trade {
    const found = this.at(queue);
    if (found !== undefined) return found;
    const trade = this.named(queue.name);
    this.#attach(trade, queue);
    return trade;
  }

  /** The trade of a name, whether there is such a queue or not; made if missing. */
  named(name: Buffer): Trade {
    const hash = hashName(this.#keys, name, 0, name.length);
    const found = this.#lookup(name, hash);
    if (found !== undefined) return found;
    // A name that is part of a message would keep the whole message.
    const copy = Buffer.allocUnsafeSlow(name.length);
    copy.set(name);
    const trade = new Trade(copy, hash);
    const bucket = hash & (BUCKETS - 1);
    trade.nextInBucket = this.#buckets[bucket];
    this.#buckets[bucket] = trade;
    this.#all.add(trade);
    this.#account(bytesOf(trade));
    return trade;
  }

  /** The trade of a name, if it has one. */
  known(name: Buffer): Trade | undefined {
    return this.#lookup(name, hashName(this.#keys, name, 0, name.length));
  }

  /** The trade of a queue that another node names; undefined: it is not known, and there is no room for it. */
  told(name: Buffer): Trade | undefined {
    if (name.length > TOLD_NAME_BYTES_MAX) return undefined;
    return this.#hasRoom ? this.named(name) : this.known(name);
  }

  /** The trade's queue as it is now, if there is one. */
  queueOf(trade: Trade): Queue | undefined {
    const { queues } = this.#world.broker;
    const { queue, name } = trade;
    if (queue !== undefined && queues.at(queue.number) === queue) return queue;
    const found = queues.known(name, 0, name.length);
    if (found === undefined) trade.queue = undefined;
    else this.#attach(trade, found);
    return found;
  }

  /** The live nodes that bring the queue's waiters and jobs together; the first one acts. */
  ownersOf(trade: Trade): readonly number[] {
    if (trade.ownersVersion !== this.#version) {
      const count = this.#world.placement.queueOwners(trade.name, this.#owners);
      trade.owners = Array.from(this.#owners.subarray(0, count));
      trade.ownersVersion = this.#version;
    }
    return trade.owners;
  }

  /** Other nodes may be owners now: all are looked at again. */
  membersChanged(): void {
    this.#version++;
    for (const trade of this.values()) this.markDue(trade);
  }

  /** It is to be looked at in this turn or the next one. */
  markDue(trade: Trade): void {
    if (trade.isDue) return;
    trade.isDue = true;
    this.#due.push(trade);
  }

  /** It is to be looked at then, monotonic ms, and not before unless something happens. */
  wakeAt(trade: Trade, atMs: number): void {
    if (trade.wakeAtMs === atMs) return;
    trade.wakeAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) this.#timed.remove(trade);
    else if (trade.heapIndex < 0) this.#timed.push(trade);
    else this.#timed.update(trade);
  }

  /** Those whose moment has come are to be looked at now. */
  wake(nowMs: number): void {
    for (;;) {
      const trade = this.#timed.peek();
      if (trade === undefined || trade.wakeAtMs > nowMs) return;
      this.wakeAt(trade, Number.POSITIVE_INFINITY);
      this.markDue(trade);
    }
  }

  /** Those to be looked at; whatever is marked from now on comes with the next call. */
  takeDue(): Trade[] {
    const due = this.#due;
    if (due.length === 0) return due;
    this.#due = [];
    for (const trade of due) trade.isDue = false;
    return due;
  }

  /** Nothing is to be remembered about the queue. */
  forget(trade: Trade): void {
    this.wakeAt(trade, Number.POSITIVE_INFINITY);
    const bucket = trade.hash & (BUCKETS - 1);
    let at = this.#buckets[bucket];
    if (at === trade) this.#buckets[bucket] = trade.nextInBucket;
    while (at !== undefined && at.nextInBucket !== trade) at = at.nextInBucket;
    if (at !== undefined) at.nextInBucket = trade.nextInBucket;
    trade.nextInBucket = undefined;
    const number = trade.queue?.number;
    if (number !== undefined && this.#byNumber[number] === trade) {
      this.#byNumber[number] = undefined;
    }
    this.#all.remove(trade);
    this.#account(-bytesOf(trade));
  }

  /** All queues are gone; what was said about them is not. */
  queuesFlushed(): void {
    this.#byNumber = [];
    for (const trade of this.values()) {
      trade.queue = undefined;
      trade.lodgers = 0;
      trade.pollCredits = 0;
      this.markDue(trade);
    }
  }

  /** Forgets everything. */
  clear(): void {
    for (const trade of this.values()) this.wakeAt(trade, Number.POSITIVE_INFINITY);
    this.#account(-this.#bytes);
    this.#buckets.length = 0;
    this.#byNumber = [];
    this.#due = [];
    this.#all = new Bag();
  }

  /** All trades; none may be forgotten meanwhile. */
  values(): IterableIterator<Trade> {
    return this.#all.values();
  }

  /** Whether further queues are remembered because other nodes name them. */
  get #hasRoom(): boolean {
    const { memory } = this.#world.broker;
    if (this.count >= TRADES_MAX) return false;
    return memory.level < MEMORY_FULL || this.#bytes < memory.maxBytes * SHARE_WHEN_FULL;
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    this.#world.broker.otherBytes += bytes;
  }

  #lookup(name: Buffer, hash: number): Trade | undefined {
    let trade = this.#buckets[hash & (BUCKETS - 1)];
    while (trade !== undefined && !(trade.hash === hash && trade.name.equals(name))) {
      trade = trade.nextInBucket;
    }
    return trade;
  }

  #attach(trade: Trade, queue: Queue): void {
    trade.queue = queue;
    this.#byNumber[queue.number] = trade;
  }
}

function bytesOf({ name }: Trade): number {
  return TRADE_BYTES + name.length;
}
