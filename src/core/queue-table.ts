/**
 * All queues of a node, by name.
 *
 * Names are bytes, compared as bytes; no string is made to find one. The hash table grows and
 * shrinks by one bucket at a time (linear hashing, Litwin 1980), so that a node with a million
 * queues never stops to rebuild it. Every queue also has a number: jobs refer to it, and QSCAN walks
 * the numbers, which never change while a queue exists.
 *
 * Queues that could be evicted stand in a list, longest idle first; nobody has to look for them.
 */
import type { JobTable } from "./job-table.ts";
import { hashKeys, hashName } from "./keyed-hash.ts";
import { QUEUE_BYTES, Queue } from "./queue.ts";

const BUCKETS_MIN = 16;

/** Finds, registers and forgets queues. */
export class QueueTable {
  readonly #jobs: JobTable;
  readonly #keys: Int32Array;
  readonly #buckets: (Queue | undefined)[] = new Array(BUCKETS_MIN).fill(undefined);
  /** Buckets below #split belong to a table twice the size of #round. */
  #round = BUCKETS_MIN;
  #split = 0;
  readonly #byNumber: (Queue | undefined)[] = [];
  readonly #vacantNumbers: number[] = [];
  #entries = 0;
  #registered = 0;
  #nameBytes = 0;
  /** Whether changes of queues are noted; somebody takes them away regularly then. */
  notesChanges = false;
  #changed: Queue[] = [];
  #firstIdle: Queue | undefined;
  #lastIdle: Queue | undefined;

  /** @param secret 32 unpredictable bits: clients choose names and must not choose buckets */
  constructor(jobs: JobTable, secret: number) {
    this.#jobs = jobs;
    this.#keys = hashKeys(secret);
  }

  /** Queues that clients can see. */
  get registeredCount(): number {
    return this.#registered;
  }

  /** Queues that exist, seen by clients or not. */
  get entryCount(): number {
    return this.#entries;
  }

  /** Bytes of queues and names, without their jobs. */
  get usedBytes(): number {
    return this.#entries * QUEUE_BYTES + this.#nameBytes;
  }

  /** Numbers are below this; for scans. */
  get numberLimit(): number {
    return this.#byNumber.length;
  }

  /** The queue with this number; there is none for a number that is not in use. */
  at(number: number): Queue | undefined {
    return this.#byNumber[number];
  }

  /** The queue a job belongs to. */
  of(number: number): Queue {
    return this.#byNumber[number] as Queue;
  }

  /** The registered queue with the name buffer[start, end), if any. */
  find(buffer: Buffer, start: number, end: number): Queue | undefined {
    const queue = this.#lookup(buffer, start, end, hashName(this.#keys, buffer, start, end));
    return queue?.isRegistered ? queue : undefined;
  }

  /** The entry for a name if there is one, registered or not. */
  known(buffer: Buffer, start: number, end: number): Queue | undefined {
    return this.#lookup(buffer, start, end, hashName(this.#keys, buffer, start, end));
  }

  /** Whether the queue is found by its name and by its number; for checks. */
  isReachable(queue: Queue): boolean {
    const name = queue.name;
    const found = this.#lookup(name, 0, name.length, hashName(this.#keys, name, 0, name.length));
    return found === queue && this.#byNumber[queue.number] === queue;
  }

  /** The entry for a name, made if missing; not registered by this alone. */
  entry(buffer: Buffer, start: number, end: number): Queue {
    const hash = hashName(this.#keys, buffer, start, end);
    return this.#lookup(buffer, start, end, hash) ?? this.#insert(buffer, start, end, hash);
  }

  /** Makes a queue visible to clients; its counters start again. */
  register(queue: Queue, nowMs: number): void {
    if (queue.isRegistered) return;
    queue.isRegistered = true;
    queue.createdAtMs = nowMs;
    queue.usedAtMs = nowMs;
    queue.jobsIn = 0;
    queue.jobsOut = 0;
    this.#registered++;
  }

  /** Hides an idle queue from clients; its entry stays while jobs refer to it. */
  unregister(queue: Queue): void {
    this.noteBusy(queue);
    queue.isRegistered = false;
    this.#registered--;
    this.dropUnused(queue);
  }

  /** Hides at most so many of the queues that are idle since that moment or longer; how many. */
  evictIdle(idleSinceMs: number, queuesMax: number): number {
    let evicted = 0;
    while (evicted < queuesMax) {
      const queue = this.#firstIdle;
      if (queue === undefined || queue.idleSinceMs > idleSinceMs) break;
      this.unregister(queue);
      evicted++;
    }
    return evicted;
  }

  /** Forgets an entry that nobody sees and nothing refers to. */
  dropUnused(queue: Queue): void {
    if (queue.isRegistered || queue.knownJobs > 0 || queue.waiterCount > 0) return;
    this.#unlinkFromBucket(queue);
    this.#byNumber[queue.number] = undefined;
    this.#vacantNumbers.push(queue.number);
    this.#entries--;
    this.#nameBytes -= queue.name.length;
    this.#shrink();
  }

  /** Notes that there are other jobs in it, or that somebody else waits; each queue once. */
  noteChange(queue: Queue): void {
    if (queue.isChanged || !this.notesChanges) return;
    queue.isChanged = true;
    this.#changed.push(queue);
  }

  /** Whether queues have changed. */
  get hasChanges(): boolean {
    return this.#changed.length > 0;
  }

  /** The queues that have changed since the last call. */
  takeChanges(): Queue[] {
    const changed = this.#changed;
    if (changed.length === 0) return changed;
    this.#changed = [];
    for (const queue of changed) queue.isChanged = false;
    return changed;
  }

  /** Notes that the queue may be evicted unless it is used again; restarts its idle time. */
  noteIdle(queue: Queue, nowMs: number): void {
    this.noteBusy(queue);
    queue.isIdle = true;
    queue.idleSinceMs = nowMs;
    queue.idlePrevious = this.#lastIdle;
    if (this.#lastIdle === undefined) this.#firstIdle = queue;
    else this.#lastIdle.idleNext = queue;
    this.#lastIdle = queue;
  }

  /** Starts the idle time of a queue if nothing is in it any more and nobody waits. */
  noteIfIdle(queue: Queue, nowMs: number): void {
    if (queue.mayIdle) this.noteIdle(queue, nowMs);
    else this.noteBusy(queue);
  }

  /** Takes the queue off the list of idle ones. */
  noteBusy(queue: Queue): void {
    if (!queue.isIdle) return;
    if (queue.idlePrevious === undefined) this.#firstIdle = queue.idleNext;
    else queue.idlePrevious.idleNext = queue.idleNext;
    if (queue.idleNext === undefined) this.#lastIdle = queue.idlePrevious;
    else queue.idleNext.idlePrevious = queue.idlePrevious;
    queue.idlePrevious = undefined;
    queue.idleNext = undefined;
    queue.isIdle = false;
  }

  /** The queue that has been idle for longest. */
  get firstIdle(): Queue | undefined {
    return this.#firstIdle;
  }

  /** Forgets all queues. */
  clear(): void {
    this.#buckets.length = 0;
    for (let i = 0; i < BUCKETS_MIN; i++) this.#buckets.push(undefined);
    this.#round = BUCKETS_MIN;
    this.#split = 0;
    this.#byNumber.length = 0;
    this.#vacantNumbers.length = 0;
    this.#entries = 0;
    this.#registered = 0;
    this.#nameBytes = 0;
    this.#firstIdle = undefined;
    this.#lastIdle = undefined;
    this.#changed = [];
  }

  #lookup(buffer: Buffer, start: number, end: number, hash: number): Queue | undefined {
    let queue = this.#buckets[this.#bucketOf(hash)];
    while (queue !== undefined) {
      if (queue.hash === hash && isName(queue.name, buffer, start, end)) return queue;
      queue = queue.nextInBucket;
    }
    return undefined;
  }

  #insert(buffer: Buffer, start: number, end: number, hash: number): Queue {
    const name = Buffer.allocUnsafeSlow(end - start);
    buffer.copy(name, 0, start, end);
    const number = this.#vacantNumbers.pop() ?? this.#byNumber.length;
    const queue = new Queue(name, hash, number, this.#jobs);
    this.#byNumber[number] = queue;
    this.#linkToBucket(queue);
    this.#entries++;
    this.#nameBytes += name.length;
    this.#grow();
    return queue;
  }

  #bucketOf(hash: number): number {
    const bucket = hash & (this.#round - 1);
    return bucket < this.#split ? hash & (this.#round * 2 - 1) : bucket;
  }

  #linkToBucket(queue: Queue): void {
    const bucket = this.#bucketOf(queue.hash);
    queue.nextInBucket = this.#buckets[bucket];
    this.#buckets[bucket] = queue;
  }

  #unlinkFromBucket(queue: Queue): void {
    const bucket = this.#bucketOf(queue.hash);
    let at = this.#buckets[bucket];
    if (at === queue) {
      this.#buckets[bucket] = queue.nextInBucket;
      return;
    }
    while (at !== undefined && at.nextInBucket !== queue) at = at.nextInBucket;
    if (at !== undefined) at.nextInBucket = queue.nextInBucket;
  }

  /** One more bucket: the one at #split is divided between itself and the new last one. */
  #grow(): void {
    if (this.#entries <= this.#buckets.length) return;
    let queue = this.#buckets[this.#split];
    this.#buckets[this.#split] = undefined;
    this.#buckets.push(undefined);
    this.#split++;
    if (this.#split === this.#round) {
      this.#round *= 2;
      this.#split = 0;
    }
    while (queue !== undefined) {
      const next = queue.nextInBucket;
      this.#linkToBucket(queue);
      queue = next;
    }
  }

  /** One bucket less: the last one joins the one it came from. */
  #shrink(): void {
    if (this.#buckets.length <= BUCKETS_MIN || this.#entries * 2 > this.#buckets.length) return;
    let queue = this.#buckets.pop();
    if (this.#split === 0) {
      this.#round /= 2;
      this.#split = this.#round;
    }
    this.#split--;
    while (queue !== undefined) {
      const next = queue.nextInBucket;
      this.#linkToBucket(queue);
      queue = next;
    }
  }
}

function isName(name: Buffer, buffer: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    if (name[i] !== buffer[start + i]) return false;
  }
  return true;
}
