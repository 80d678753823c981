/**
 * The waiting room: requests that asked for jobs when there were none.
 *
 * A waiter takes a seat in the line of every queue it named. A job that becomes available goes at
 * once to whoever has waited longest for its queue; that waiter leaves all its lines and is
 * *claimed*. At the end of the turn the claimed waiters may fill up to the number of jobs they asked
 * for, in order, and are answered. The broker does not know what a waiter is: a blocked client here,
 * anything else that can receive jobs elsewhere.
 */
import { Heap } from "../util/heap.ts";
import type { Job } from "./job.ts";
import type { Queue } from "./queue.ts";

/**
 * Who is told about the outcome; exactly one of the two is called, once. It must not call the broker:
 * others are answered in the same go.
 */
export interface WaiterReceiver {
  /** Jobs were found; they are leased from now on. */
  jobsArrived(jobs: readonly Job[]): void;
  /** The time is up, or all jobs were flushed. */
  waitEnded(): void;
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
  jobs: Job[] = [];
  heapIndex = -1;

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
  readonly #sitting = new Set<Waiter>();
  #seats = 0;
  #claimed: Waiter[] = [];
  #arrivals = 0;

  /** Everybody who sits; for checks. */
  get sitting(): ReadonlySet<Waiter> {
    return this.#sitting;
  }

  /** Everybody who is to be answered at the end of the turn; for checks. */
  get claimed(): readonly Waiter[] {
    return this.#claimed;
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

  get hasClaimed(): boolean {
    return this.#claimed.length > 0;
  }

  /** Sits down at the end of the line of each distinct queue. */
  sit(waiter: Waiter): void {
    waiter.arrival = ++this.#arrivals;
    this.#enter(waiter);
  }

  /** Takes its old places again: it had been claimed, and its job was taken away. */
  sitAgain(waiter: Waiter): void {
    this.#enter(waiter);
  }

  /** Leaves all lines without an answer; false when it sat in none. */
  leave(waiter: Waiter): boolean {
    if (!this.#sitting.delete(waiter)) return false;
    this.#seats -= waiter.seats.length;
    for (const seat of waiter.seats) unseat(seat);
    waiter.seats = [];
    if (waiter.heapIndex >= 0) this.#deadlines.remove(waiter);
    return true;
  }

  /** The longest-waiting waiter of a queue leaves its lines and is answered at the end of the turn. */
  claim(queue: Queue, job: Job): void {
    const waiter = queue.firstSeat?.waiter;
    if (waiter === undefined) return;
    this.leave(waiter);
    waiter.jobs.push(job);
    this.#claimed.push(waiter);
  }

  /** Takes a job out of the hands of whoever claimed it. */
  dropClaim(job: Job): void {
    for (const waiter of this.#claimed) {
      const at = waiter.jobs.indexOf(job);
      if (at >= 0) waiter.jobs.splice(at, 1);
    }
  }

  /** The claimed waiters in order; the caller answers them all. */
  takeClaimed(): Waiter[] {
    const claimed = this.#claimed;
    this.#claimed = [];
    return claimed;
  }

  /** A claimed waiter is gone: forgets it and gives its jobs to the caller; undefined: not claimed. */
  abandon(waiter: Waiter): readonly Job[] | undefined {
    const at = this.#claimed.indexOf(waiter);
    if (at < 0) return undefined;
    this.#claimed.splice(at, 1);
    return waiter.jobs;
  }

  /** A waiter whose time is up, out of its lines, or undefined. */
  takeOverdue(nowMs: number): Waiter | undefined {
    const waiter = this.#deadlines.peek();
    if (waiter === undefined || waiter.deadlineMs > nowMs) return undefined;
    this.leave(waiter);
    return waiter;
  }

  /** Everybody who sits, out of their lines. */
  takeAll(): Waiter[] {
    const waiters = [...this.#sitting];
    for (const waiter of waiters) this.leave(waiter);
    return waiters;
  }

  #enter(waiter: Waiter): void {
    for (const queue of new Set(waiter.queues)) waiter.seats.push(takeSeat(waiter, queue));
    this.#sitting.add(waiter);
    this.#seats += waiter.seats.length;
    if (waiter.deadlineMs !== Number.POSITIVE_INFINITY) this.#deadlines.push(waiter);
  }
}

/** Gives a waiter its place in a line: behind everybody who came before it. */
function takeSeat(waiter: Waiter, queue: Queue): Seat {
  let next: Seat | undefined;
  let previous = queue.lastSeat;
  while (previous !== undefined && previous.waiter.arrival > waiter.arrival) {
    next = previous;
    previous = previous.previous;
  }
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
  queue.waiterCount--;
}
