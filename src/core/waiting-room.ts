/**
 * The waiting room: requests that asked for jobs when there were none.
 *
 * A waiter takes a seat in the line of every queue it named. A job that becomes available is promised
 * at once to whoever has waited longest for its queue; that waiter leaves all its lines and is
 * *claimed* until the end of the turn. What happens then is decided in serving.ts; this only knows who
 * sits where and which job is promised to whom. The broker does not know what a waiter is: a blocked
 * client here, anything else that can receive jobs elsewhere.
 */
import { Bag } from "../util/bag.ts";
import { Heap } from "../util/heap.ts";
import type { Job } from "./job.ts";
import type { Queue } from "./queue.ts";

/** Why nobody gets jobs any more: the time is up (or all jobs were flushed), or this node goes. */
export type WaitEnd = "in vain" | "leaving";

/**
 * Who is told about the outcome; exactly one of the two is called, once. It must not call the broker:
 * others are answered in the same go.
 */
export interface WaiterReceiver {
  /** Jobs were found; they are leased from now on. */
  jobsArrived(jobs: readonly Job[]): void;
  /** There are none, and there will be none. */
  waitEnded(why: WaitEnd): void;
}

/** A place in the line of one queue. */
export interface Seat {
  readonly waiter: Waiter;
  readonly queue: Queue;
  previous: Seat | undefined;
  next: Seat | undefined;
}

/** A request that waits for jobs of some queues. */
export class Waiter {
  readonly queues: readonly Queue[];
  readonly jobsMax: number;
  /** Monotonic ms; Infinity: waits for ever. */
  readonly deadlineMs: number;
  readonly receiver: WaiterReceiver;
  /** Number in the order in which waiters came. */
  arrival = 0;
  seats: Seat[] = [];
  /** The job it is promised, if any; when the promise is kept, all it is given. */
  jobs: Job[] = [];
  /** It was promised a job in this turn, and is answered at its end if it still has one. */
  isClaimed = false;
  heapIndex = -1;
  bagIndex = -1;

  constructor(
    queues: readonly Queue[],
    jobsMax: number,
    deadlineMs: number,
    receiver: WaiterReceiver,
  ) {
    this.queues = queues;
    this.jobsMax = jobsMax;
    this.deadlineMs = deadlineMs;
    this.receiver = receiver;
  }
}

/** What a waiter costs, in accounted bytes; measured on the heap. */
export const WAITER_BYTES = 512;
/** What each of its seats costs, in accounted bytes. */
export const SEAT_BYTES = 192;

/** Where waiters sit, and which are to be answered at the end of the turn. */
export class WaitingRoom {
  readonly #deadlines = new Heap<Waiter>((a, b) => a.deadlineMs - b.deadlineMs);
  readonly #sitting = new Bag<Waiter>();
  #seats = 0;
  /** In order of their promises; some may have gone since. */
  #claimed: Waiter[] = [];
  /** Claimed waiters by the job that is promised to them; made when a promise of the turn is broken. */
  #promises: Map<Job, Waiter> | undefined;
  #arrivals = 0;

  /** Everybody who sits; for checks. */
  get sitting(): ReadonlySet<Waiter> {
    return new Set(this.#sitting.values());
  }

  /** Everybody who is to be answered at the end of the turn; for checks. */
  get claimed(): readonly Waiter[] {
    return this.#claimed.filter((waiter) => waiter.isClaimed);
  }

  /** Waiters that sit. */
  get count(): number {
    return this.#sitting.size;
  }

  /** Monotonic ms of the earliest deadline; Infinity when nobody has one. */
  get nextDeadlineMs(): number {
    return this.#deadlines.peek()?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes accounted for those who sit. */
  get usedBytes(): number {
    return this.#sitting.size * WAITER_BYTES + this.#seats * SEAT_BYTES;
  }

  /** Whether there may be somebody to be answered at the end of the turn. */
  get hasClaimed(): boolean {
    return this.#claimed.length > 0;
  }

  /** Sits down at the end of the line of each distinct queue. */
  sit(waiter: Waiter): void {
    waiter.arrival = ++this.#arrivals;
    this.#enter(waiter, false);
  }

  /**
   * Waiters who left their lines, in order of arrival, take their old places again: for lack of a job,
   * which was promised to them and taken away.
   */
  sitAgain(waiters: readonly Waiter[]): void {
    // Most belong in front of everybody else: beginning with the last, each finds its place at once.
    for (const waiter of waiters.toReversed()) this.#enter(waiter, true);
  }

  /** Leaves all lines without an answer; false when it sat in none. */
  leave(waiter: Waiter): boolean {
    if (!this.#sitting.remove(waiter)) return false;
    this.#seats -= waiter.seats.length;
    for (const seat of waiter.seats) unseat(seat);
    waiter.seats = [];
    if (waiter.heapIndex >= 0) this.#deadlines.remove(waiter);
    return true;
  }

  /** Promises a job of the queue to its longest-waiting waiter, which leaves its lines. */
  claim(queue: Queue, job: Job): void {
    const waiter = queue.firstSeat?.waiter;
    if (waiter === undefined) return;
    this.leave(waiter);
    waiter.jobs.push(job);
    waiter.isClaimed = true;
    this.#claimed.push(waiter);
    this.#promises?.set(job, waiter);
  }

  /** Takes a job out of the hands of whoever it was promised to. */
  dropClaim(job: Job): void {
    this.#promises ??= new Map(this.claimed.flatMap(promisesTo));
    const waiter = this.#promises.get(job);
    if (waiter === undefined) return;
    this.#promises.delete(job);
    waiter.jobs.length = 0;
  }

  /** The claimed waiters in the order in which they came; the caller answers them all. */
  takeClaimed(): Waiter[] {
    const waiters = this.#claimed.filter((waiter) => waiter.isClaimed);
    this.#claimed = [];
    this.#promises = undefined;
    for (const waiter of waiters) waiter.isClaimed = false;
    return waiters.sort(byArrival);
  }

  /** A claimed waiter is gone: forgets it and gives its jobs to the caller; undefined: not claimed. */
  abandon(waiter: Waiter): readonly Job[] | undefined {
    if (!waiter.isClaimed) return undefined;
    waiter.isClaimed = false;
    for (const job of waiter.jobs) this.#promises?.delete(job);
    return waiter.jobs;
  }

  /** A waiter whose time is up, out of its lines, or undefined. */
  takeOverdue(nowMs: number): Waiter | undefined {
    const waiter = this.#deadlines.peek();
    if (waiter === undefined || waiter.deadlineMs > nowMs) return undefined;
    this.leave(waiter);
    return waiter;
  }

  /** Everybody who sits, in the order in which they came, out of their lines. */
  takeAll(): Waiter[] {
    const waiters = [...this.#sitting.values()].sort(byArrival);
    for (const waiter of waiters) this.leave(waiter);
    return waiters;
  }

  #enter(waiter: Waiter, isBack: boolean): void {
    const lines = waiter.queues.length === 1 ? waiter.queues : new Set(waiter.queues);
    for (const queue of lines) {
      const next = isBack ? firstAfter(waiter, queue) : undefined;
      waiter.seats.push(takeSeat(waiter, queue, next));
    }
    this.#sitting.add(waiter);
    this.#seats += waiter.seats.length;
    if (waiter.deadlineMs !== Number.POSITIVE_INFINITY) this.#deadlines.push(waiter);
  }
}

/** The order in which waiters came; for sorting. */
export function byArrival(a: Waiter, b: Waiter): number {
  return a.arrival - b.arrival;
}

function promisesTo(waiter: Waiter): [Job, Waiter][] {
  return waiter.jobs.map((job) => [job, waiter]);
}

/** The first seat of somebody who came later than this waiter. */
function firstAfter(waiter: Waiter, queue: Queue): Seat | undefined {
  let seat = queue.firstSeat;
  while (seat !== undefined && seat.waiter.arrival < waiter.arrival) seat = seat.next;
  return seat;
}

/** Gives a waiter its place in a line: before that seat, or at the end. */
function takeSeat(waiter: Waiter, queue: Queue, next: Seat | undefined): Seat {
  const previous = next === undefined ? queue.lastSeat : next.previous;
  const seat: Seat = { waiter, queue, previous, next };
  if (previous === undefined) queue.firstSeat = seat;
  else previous.next = seat;
  if (next === undefined) queue.lastSeat = seat;
  else next.previous = seat;
  queue.waiterCount++;
  return seat;
}

function unseat(seat: Seat): void {
  const queue = seat.queue;
  if (seat.previous === undefined) queue.firstSeat = seat.next;
  else seat.previous.next = seat.next;
  if (seat.next === undefined) queue.lastSeat = seat.previous;
  else seat.next.previous = seat.previous;
  // A seat that outlived a collection would keep all who sat behind it alive until the next full one.
  seat.previous = undefined;
  seat.next = undefined;
  queue.waiterCount--;
}
