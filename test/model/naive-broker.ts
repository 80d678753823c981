/**
 * The broker once more, as plainly as it can be said: objects, arrays, and searching through all.
 *
 * It states the rules of a job's life and nothing about speed: no index, no wheel, no linked lists.
 * What it says must happen is compared with what the real broker does. It knows requests, time and
 * answers, but neither clients' sockets nor memory.
 */
import { type NaiveJob, NaiveLife, type NaiveWaiter } from "./naive-life.ts";

/** The rules. */
export class NaiveBroker extends NaiveLife {
  /** Queues whose pause in input ended with jobs held back, in that order. */
  readonly #releasing = new Set<string>();
  #order = 0;

  add(id: string, queue: string, delayMs: number, retryMs: number, ttlMs: number): void {
    const job: NaiveJob = {
      id,
      queue,
      order: ++this.#order,
      retryMs,
      ttlMs,
      expiresAtMs: this.nowMs + ttlMs,
      place: "out",
      momentMs: this.nowMs + delayMs,
      stamp: 0,
      handOuts: 0,
      wasQueued: false,
      countsOnRelease: false,
      nacks: 0,
      additionalDeliveries: 0,
      lease: 0,
    };
    this.jobs.set(id, job);
    this.schedule(job, job.momentMs);
    this.stats.jobsAdded++;
    if (delayMs === 0) this.enter(job, "first");
  }

  /** Jobs one by one from each queue in turn until there are enough. */
  take(queues: readonly string[], count: number): NaiveJob[] {
    const taken: NaiveJob[] = [];
    for (let found = true; found && taken.length < count; ) {
      found = false;
      for (const name of queues) {
        if (this.queue(name).isPausedOut || taken.length === count) continue;
        const job = this.takeOldest(name);
        if (job === undefined) continue;
        this.lease(job);
        taken.push(job);
        found = true;
      }
    }
    return taken;
  }

  wait(client: string, queues: readonly string[], count: number, deadlineMs: number): void {
    this.waiters.push({ client, queues, count, deadlineMs, jobs: [], isClaimed: false });
  }

  cancel(client: string): void {
    const waiter = this.waiters.find((other) => other.client === client);
    if (waiter === undefined) return;
    this.dismiss(waiter);
    for (const job of waiter.jobs) this.enter(job, "unwritten");
  }

  /** The reply with this hand-out did not reach its client. */
  loseReply(id: string, lease: number, wasHanded: boolean): void {
    const job = this.find(id);
    if (job === undefined || job.place !== "out" || job.lease !== lease) return;
    if (!wasHanded) this.comeBack(job);
    else if (job.retryMs > 0) {
      this.stats.jobsReturned++;
      this.enter(job, "lease over");
    }
  }

  remove(id: string): boolean {
    const job = this.find(id);
    if (job === undefined) return false;
    this.unclaim(job);
    return this.jobs.delete(id);
  }

  enqueue(id: string, cause: "nack" | "client"): boolean {
    const job = this.find(id);
    if (job?.place !== "out") return false;
    if (job.retryMs === 0 && job.handOuts > 0) return false;
    this.enter(job, cause);
    return true;
  }

  dequeue(id: string): boolean {
    const job = this.find(id);
    if (job?.place !== "in") return false;
    const dueInMs = this.requeueWithinMs(job);
    job.place = "out";
    this.schedule(job, this.nowMs + dueInMs);
    return true;
  }

  postpone(id: string): boolean {
    const job = this.find(id);
    if (job === undefined || this.nowMs > job.expiresAtMs - job.ttlMs / 2) return false;
    if (job.retryMs === 0) return true;
    this.unclaim(job);
    const wasOut = job.place === "out";
    job.place = "out";
    job.countsOnRelease = false;
    const notBeforeMs = wasOut ? job.momentMs : 0;
    const momentMs = Math.max(notBeforeMs, this.nowMs + job.retryMs);
    // Somebody works on it: a reply that gets lost after that was not its only copy.
    if (momentMs !== job.momentMs) job.lease++;
    this.schedule(job, momentMs);
    return true;
  }

  pause(name: string, isPausedIn: boolean, isPausedOut: boolean): void {
    const queue = this.queue(name);
    const opensInput = queue.isPausedIn && !isPausedIn;
    queue.isPausedIn = isPausedIn;
    queue.isPausedOut = isPausedOut;
    if (isPausedIn) this.#releasing.delete(name);
    else if (opensInput) this.#releasing.add(name);
    this.serve(name);
  }

  flush(): NaiveWaiter[] {
    const waiters = this.waiters;
    this.waiters = [];
    this.jobs.clear();
    this.queues.clear();
    this.#releasing.clear();
    return waiters;
  }

  /** Everything that is due at this moment but for the answers to waiters. */
  tick(): void {
    const due = [...this.jobs.values()].filter((job) => this.awakeAtMs(job) <= this.nowMs);
    const moments = new Map(due.map((job) => [job, this.awakeAtMs(job)]));
    due.sort((a, b) => (moments.get(a) ?? 0) - (moments.get(b) ?? 0) || a.stamp - b.stamp);
    for (const job of due) this.wake(job);
    for (const name of this.#releasing) {
      for (const job of this.at(name, "held")) this.release(job);
    }
    this.#releasing.clear();
  }

  /** The waiters whose time is up; they wait no longer. */
  endOverdue(): NaiveWaiter[] {
    const isOverdue = (waiter: NaiveWaiter): boolean =>
      !waiter.isClaimed && waiter.deadlineMs <= this.nowMs;
    const overdue = this.waiters.filter(isOverdue);
    for (const waiter of overdue) this.dismiss(waiter);
    return overdue;
  }

  /**
   * The answers to those who were promised a job in this turn, in the order in which they came: first
   * everybody has one, another one when the promise was broken, then they fill up.
   */
  answerClaimed(): NaiveWaiter[] {
    const claimed = this.waiters.filter((waiter) => waiter.isClaimed);
    for (const waiter of claimed) {
      waiter.isClaimed = false;
      for (const job of waiter.jobs) this.lease(job);
      if (waiter.jobs.length === 0) waiter.jobs = this.take(waiter.queues, 1);
    }
    const answered = claimed.filter((waiter) => waiter.jobs.length > 0);
    for (const waiter of answered) {
      waiter.jobs.push(...this.take(waiter.queues, waiter.count - waiter.jobs.length));
      this.dismiss(waiter);
    }
    return answered;
  }

  find(id: string): NaiveJob | undefined {
    const job = this.jobs.get(id);
    return job === undefined || job.expiresAtMs <= this.nowMs ? undefined : job;
  }

  requeueWithinMs(job: NaiveJob): number {
    if (job.place !== "in") return Math.max(0, job.momentMs - this.nowMs);
    if (job.retryMs === 0) return Number.POSITIVE_INFINITY;
    return job.retryMs - ((this.nowMs - job.momentMs) % job.retryMs);
  }

  /** Delivered at most once, and remembered only. */
  isSpent(job: NaiveJob): boolean {
    return job.retryMs === 0 && job.handOuts > 0 && job.place === "out";
  }
}
