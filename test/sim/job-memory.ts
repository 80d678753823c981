/**
 * What an observer remembers of jobs: who added them, who got them, what was asked about them.
 *
 * Made from what clients saw and nothing else. Every promise (promises.ts) has a memory of its own
 * and judges by it; where the observer can not know, it remembers what is certain.
 */
import type { Delivery, SimEvent } from "./history.ts";

/** A job that somebody added and nobody is done with. */
export interface RememberedJob {
  readonly queue: string;
  readonly body: string;
  readonly order: number;
  readonly retryMs: number;
  readonly addedAtMs: number;
  readonly expiresAtMs: number;
  /** Nobody may get it before this moment. */
  notBeforeMs: number;
  /** Answers that reached, or may have reached, a client. */
  deliveries: number;
  /** Certainly in its queue since that turn, because a request said so; undefined: who knows. */
  queuedInTurn: number | undefined;
}

/** Called for every delivery, before it is remembered. */
type Judge = (job: RememberedJob | undefined, delivery: Delivery) => void;

/** Jobs by id, and which queues are paused. */
export class JobMemory {
  readonly jobs = new Map<string, RememberedJob>();
  readonly pausedIn = new Set<string>();
  /** With the turn in which it was paused. */
  readonly pausedOut = new Map<string, number>();
  /** When each queue was last paused or opened. */
  readonly pauseChangedInTurn = new Map<string, number>();
  turn = 0;
  #order = 0;

  /** Remembers an event. */
  note(event: SimEvent, judge: Judge): void {
    switch (event.type) {
      case "turn":
        this.turn++;
        break;
      case "add":
        this.#added(event);
        break;
      case "ask":
      case "arrive":
        for (const delivery of event.jobs) this.#delivered(delivery, event.atMs, judge);
        break;
      case "verb":
        if (event.answer) this.#asked(event);
        break;
      case "lose reply":
        this.#lost(event);
        break;
      case "evict":
        for (const id of event.ids) this.jobs.delete(id);
        break;
      case "pause":
        this.#paused(event);
        break;
      case "flush":
        this.jobs.clear();
        this.pausedIn.clear();
        this.pausedOut.clear();
        break;
      default:
    }
  }

  #added(event: SimEvent & { type: "add" }): void {
    this.jobs.set(event.id, {
      queue: event.queue,
      body: event.body,
      order: ++this.#order,
      retryMs: event.retryMs,
      addedAtMs: event.atMs,
      expiresAtMs: event.atMs + event.ttlMs,
      notBeforeMs: event.atMs + event.delayMs,
      deliveries: 0,
      queuedInTurn: event.delayMs === 0 ? this.turn : undefined,
    });
  }

  #delivered(delivery: Delivery, atMs: number, judge: Judge): void {
    const job = this.jobs.get(delivery.id);
    judge(job, delivery);
    if (job === undefined) return;
    job.deliveries++;
    job.queuedInTurn = undefined;
    job.notBeforeMs = atMs + (job.retryMs === 0 ? Number.POSITIVE_INFINITY : job.retryMs);
  }

  #asked(event: SimEvent & { type: "verb" }): void {
    const job = this.jobs.get(event.id);
    if (job === undefined) return;
    switch (event.verb) {
      case "ack":
      case "delete":
        this.jobs.delete(event.id);
        break;
      case "nack":
      case "enqueue":
        job.notBeforeMs = event.atMs;
        job.queuedInTurn = this.pausedIn.has(job.queue) ? undefined : this.turn;
        break;
      case "dequeue":
        job.queuedInTurn = undefined;
        break;
      case "working":
        if (job.retryMs === 0) return;
        job.queuedInTurn = undefined;
        job.notBeforeMs = Math.max(job.notBeforeMs, event.atMs + job.retryMs);
        break;
    }
  }

  #lost(event: SimEvent & { type: "lose reply" }): void {
    for (const id of event.ids) {
      const job = this.jobs.get(id);
      if (job === undefined || (event.wasHanded && job.retryMs === 0)) continue;
      if (!event.wasHanded) job.deliveries--;
      job.notBeforeMs = event.atMs;
    }
  }

  #paused(event: SimEvent & { type: "pause" }): void {
    this.pauseChangedInTurn.set(event.queue, this.turn);
    if (event.isPausedIn) this.pausedIn.add(event.queue);
    else this.pausedIn.delete(event.queue);
    if (event.isPausedOut) this.pausedOut.set(event.queue, this.turn);
    else this.pausedOut.delete(event.queue);
  }
}
