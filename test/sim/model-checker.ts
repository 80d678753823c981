/**
 * Does the node do exactly what the rules say?
 *
 * Lives the same life in the naive broker and compares every answer, every delivery and, at the end
 * of each turn, everything that clients can see. It knows the rules and nothing of the real broker's
 * insides, so it also finds what no single promise forbids.
 */
import { NaiveBroker } from "../model/naive-broker.ts";
import type { NaiveJob, NaiveWaiter } from "../model/naive-life.ts";
import {
  type Checker,
  type Delivery,
  type JobVerb,
  type SimEvent,
  type Snapshot,
  Violation,
} from "./history.ts";

/** An empty turn costs little, but a job must not cause many of them (levels of the agenda). */
const TURNS_PER_STAMP = 6;
const TURNS_FREE = 50;

/** Compares a node with the rules. */
export class ModelChecker implements Checker {
  readonly name = "model";
  readonly #naive = new NaiveBroker();
  /** By client, the leases in the answer that is on its way to it. */
  readonly #replies = new Map<string, Map<string, number>>();
  /** Answers that the node owes before the turn ends. */
  #owed: NaiveWaiter[] = [];
  #ends = new Set<string>();
  /** Since when queues exist, to notice that one went and came again. */
  #queueAges = new Map<string, number>();
  #turns = 0;
  #requests = 0;

  on(event: SimEvent): void {
    this.#naive.nowMs = event.atMs;
    switch (event.type) {
      case "turn":
        if (event.isOwnWish) this.#turns++;
        this.#onTurn(event.atMs, event.freeSinceMs);
        break;
      case "add":
        this.#requests++;
        this.#naive.add(event.id, event.queue, event.delayMs, event.retryMs, event.ttlMs);
        break;
      case "ask":
        this.#onAsk(event);
        break;
      case "arrive":
        this.#onArrive(event.client, event.jobs);
        break;
      case "end wait":
        this.#onEndWait(event.client);
        break;
      case "cancel":
        this.#naive.cancel(event.client);
        break;
      case "lose reply":
        this.#onLoseReply(event.client, event.ids, event.wasHanded);
        break;
      case "written":
        this.#replies.delete(event.client);
        break;
      case "verb":
        this.#onVerb(event.verb, event.id, event.answer);
        break;
      case "pause":
        this.#naive.pause(event.queue, event.isPausedIn, event.isPausedOut);
        break;
      case "evict":
        this.#onEvict(event.ids);
        break;
      case "flush":
        this.#ends = new Set(this.#naive.flush().map((waiter) => waiter.client));
        break;
      case "tick":
        this.#naive.tick();
        this.#owed = this.#naive.answerClaimed();
        this.#ends = new Set(this.#naive.endOverdue().map((waiter) => waiter.client));
        break;
      case "ticked":
        this.#onTicked();
        break;
      case "audit":
        this.#onAudit(event.snapshot);
        break;
      case "silence":
        this.#expectFewTurns();
        break;
      default:
        break;
    }
  }

  /** The node sleeps no longer than until the next thing that must happen. */
  #onTurn(atMs: number, freeSinceMs: number): void {
    if (atMs <= freeSinceMs) return;
    const { jobs, waiters } = this.#naive;
    for (const job of jobs.values()) {
      if (this.#naive.awakeAtMs(job) < atMs) throw this.#wrong(`slept while ${job.id} was due`);
    }
    for (const waiter of waiters) {
      if (waiter.deadlineMs < atMs) throw this.#wrong(`slept while ${waiter.client} was overdue`);
    }
  }

  #expectFewTurns(): void {
    const turnsMax = TURNS_FREE + this.#requests * 2 + this.#naive.stamps * TURNS_PER_STAMP;
    if (this.#turns > turnsMax) throw this.#wrong(`${this.#turns} turns, more than ${turnsMax}`);
  }

  #onAsk(event: SimEvent & { type: "ask" }): void {
    this.#requests++;
    const { client, queues, count, deadlineMs, jobs } = event;
    this.#expectJobs(client, jobs, this.#naive.take(queues, count));
    if (deadlineMs !== undefined) this.#naive.wait(client, queues, count, deadlineMs);
  }

  #onArrive(client: string, jobs: readonly Delivery[]): void {
    const owed = this.#owed.shift();
    this.#expect("who is answered", client, owed?.client);
    this.#expectJobs(client, jobs, owed?.jobs ?? []);
  }

  #expectJobs(client: string, jobs: readonly Delivery[], expected: readonly NaiveJob[]): void {
    const ids = (list: readonly { id: string }[]) => list.map((job) => job.id).join(" ");
    this.#expect(`jobs for ${client}`, ids(jobs), ids(expected));
    for (const [i, job] of jobs.entries()) {
      this.#expect(`nacks of ${job.id}`, job.nacks, expected[i]?.nacks);
      const deliveries = expected[i]?.additionalDeliveries;
      this.#expect(`deliveries of ${job.id}`, job.additionalDeliveries, deliveries);
    }
    this.#replies.set(client, new Map(expected.map((job) => [job.id, job.lease])));
  }

  #onEndWait(client: string): void {
    if (!this.#ends.delete(client)) throw this.#wrong(`${client} was told that its time is up`);
  }

  #onLoseReply(client: string, ids: readonly string[], wasHanded: boolean): void {
    const leases = this.#replies.get(client);
    this.#replies.delete(client);
    for (const id of ids) this.#naive.loseReply(id, leases?.get(id) ?? -1, wasHanded);
  }

  #onVerb(verb: JobVerb, id: string, answer: boolean): void {
    this.#requests++;
    this.#expect(`answer to ${verb} ${id}`, answer, this.#expectedAnswer(verb, id));
  }

  #expectedAnswer(verb: JobVerb, id: string): boolean {
    const naive = this.#naive;
    if (verb === "enqueue" || verb === "nack") {
      return naive.enqueue(id, verb === "nack" ? "nack" : "client");
    }
    if (verb === "dequeue") return naive.dequeue(id);
    if (verb === "working") return naive.postpone(id);
    const answer = naive.remove(id);
    if (answer && verb === "ack") naive.stats.jobsAcked++;
    if (answer && verb === "delete") naive.stats.jobsDeleted++;
    return answer;
  }

  /** Only what is remembered may go, and the oldest of it first. */
  #onEvict(ids: readonly string[]): void {
    let newestOrder = 0;
    for (const id of ids) {
      const job = this.#naive.jobs.get(id);
      if (job === undefined || !this.#naive.isSpent(job)) throw this.#wrong(`evicted ${id}`);
      newestOrder = Math.max(newestOrder, job.order);
      this.#naive.jobs.delete(id);
      this.#naive.stats.jobsEvicted++;
    }
    for (const job of this.#naive.jobs.values()) {
      const isOlder = this.#naive.isSpent(job) && job.order < newestOrder;
      if (isOlder) throw this.#wrong(`evicted newer jobs than ${job.id}`);
    }
  }

  #onTicked(): void {
    this.#expect("answers owed", this.#owed.map((waiter) => waiter.client).join(" "), "");
    this.#expect("waits to end", [...this.#ends].join(" "), "");
  }

  #onAudit(snapshot: Snapshot): void {
    const { jobs, stats } = this.#naive;
    for (const [id, job] of jobs) {
      const shown = snapshot.jobs.get(id);
      this.#expect(`state of ${id}`, shown?.state, job.place === "in" ? "queued" : "active");
      this.#expect(`nacks of ${id}`, shown?.nacks, job.nacks);
      const deliveries = shown?.additionalDeliveries;
      this.#expect(`deliveries of ${id}`, deliveries, job.additionalDeliveries);
      this.#expect(`moment of ${id}`, shown?.requeueWithinMs, this.#naive.requeueWithinMs(job));
    }
    this.#expect("number of jobs", snapshot.jobs.size, jobs.size);
    for (const [name, total] of Object.entries(stats)) {
      this.#expect(name, snapshot.stats[name], total);
    }
    for (const [name, queue] of this.#naive.queues) {
      const shown = snapshot.queues.get(name);
      const length = this.#lengthOf(name);
      this.#expect(`length of ${name}`, shown?.length ?? 0, length);
      this.#expect(`waiters of ${name}`, shown?.waiters ?? 0, this.#waitersOf(name));
      const pause = pauseName(queue.isPausedIn, queue.isPausedOut);
      this.#expect(`pause of ${name}`, shown?.pause ?? "none", pause);
      // A queue that was evicted begins to count anew.
      if (shown === undefined || this.#queueAges.get(name) !== shown.createdAtMs) {
        queue.jobsIn = shown?.jobsIn ?? 0;
        queue.jobsOut = shown?.jobsOut ?? 0;
      }
      if (shown !== undefined) this.#queueAges.set(name, shown.createdAtMs);
      this.#expect(`jobs-in of ${name}`, shown?.jobsIn ?? 0, queue.jobsIn);
      this.#expect(`jobs-out of ${name}`, shown?.jobsOut ?? 0, queue.jobsOut);
    }
  }

  #lengthOf(queue: string): number {
    let length = 0;
    for (const job of this.#naive.jobs.values()) {
      if (job.queue === queue && job.place === "in") length++;
    }
    return length;
  }

  #waitersOf(queue: string): number {
    const sits = (waiter: NaiveWaiter) => !waiter.isClaimed && waiter.queues.includes(queue);
    return this.#naive.waiters.filter(sits).length;
  }

  #expect<T>(what: string, actual: T, expected: T): void {
    if (actual !== expected) throw this.#wrong(`${what}: ${actual} instead of ${expected}`);
  }

  #wrong(message: string): Violation {
    return new Violation(this.name, message);
  }
}

function pauseName(isPausedIn: boolean, isPausedOut: boolean): string {
  if (isPausedIn) return isPausedOut ? "all" : "in";
  return isPausedOut ? "out" : "none";
}
