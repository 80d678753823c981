/**
 * The ledger: every job that was ever added, and everything that has happened to it anywhere.
 *
 * Commands and the census report here, checkers hear of it. With a job's id to follow it also writes
 * down, in plain words, each thing that happens to that job on any node: that is what a failure prints.
 */

import { roundTripMs } from "./oracle/bounds.ts";
import type { Checker, JobVerb, SeenJob } from "./oracle/checker.ts";
import { Violation } from "./oracle/checker.ts";
import type { SimProcess } from "./process.ts";
import type { Copy, DeliveryNote, Story } from "./story.ts";
import type { World } from "./world.ts";

/** A job as its producer asked for it. */
export type NewStory = Pick<
  Story,
  "id" | "queue" | "body" | "replicate" | "delayMs" | "retryMs" | "isAsync" | "ringIds"
> & { readonly ttlMs: number };

/** Lines kept of what happens to the cluster as a whole. */
const NEWS_MAX = 60;

/** Remembers jobs. */
export class Ledger {
  readonly world: World;
  readonly stories = new Map<string, Story>();
  readonly checkers: Checker[] = [];
  /** All ids, in the order of creation. */
  readonly ids: string[] = [];
  /** Jobs that may still be somewhere. */
  readonly open = new Set<Story>();
  /** Honest consumers take everything. */
  isDraining = false;
  /** All is drained: nobody says anything any more. */
  isOver = false;
  /** How often a node was told to forget another one, or everything. */
  membersForgotten = 0;
  /** What happened to the job that is followed, in words. */
  readonly timeline: string[] = [];
  /** What happened last to nodes. */
  readonly news: string[] = [];
  readonly #followed: string | undefined;
  #hash = 0x811c9dc5;

  /** @param followed the id of a job that everything is written down of */
  constructor(world: World, followed: string | undefined) {
    this.world = world;
    this.#followed = followed;
  }

  /** Equal for two lives in which the same happened. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  /** Takes a number into the hash. */
  absorb(number: number): void {
    this.#hash = Math.imul(this.#hash ^ number, 0x01000193);
  }

  follows(id: string): boolean {
    return this.#followed === id;
  }

  get followed(): string | undefined {
    return this.#followed;
  }

  /** Writes down something about the followed job. */
  note(process: SimProcess | undefined, text: string): void {
    const { nowMs } = this.world;
    this.timeline.push(`${nowMs.toFixed(2).padStart(12)} ${process?.name.padEnd(6) ?? ""} ${text}`);
  }

  /** Something has happened to nodes or to the network. */
  tell(text: string): void {
    const line = `${this.world.nowMs.toFixed(2).padStart(12)} ${text}`;
    this.news.push(line);
    if (this.news.length > NEWS_MAX * 2) this.news.splice(0, NEWS_MAX);
    if (this.#followed !== undefined) this.timeline.push(`${line}  <<<`);
  }

  /** ADDJOB has made a job. */
  added(process: SimProcess, job: NewStory): Story {
    const { nowMs } = this.world;
    if (this.stories.has(job.id)) throw new Violation("ids", "an id was given twice", job.id);
    const { ttlMs, ...asked } = job;
    const story: Story = {
      ...asked,
      origin: process,
      addedAtMs: nowMs,
      expiresAtMs: nowMs + ttlMs,
      order: this.stories.size,
      replicatedAtMs: undefined,
      failedAtMs: undefined,
      toldAtMs: undefined,
      deliveries: [],
      ackedAtMs: undefined,
      lastAckAtMs: Number.NEGATIVE_INFINITY,
      ackedBy: new Set(),
      hasSureAck: false,
      isMeddledWith: false,
      copies: new Map(),
      everHeld: new Set(),
      losses: 0,
      repaired: undefined,
      isLossExcused: false,
      isAckExcused: false,
      deadSinceMs: undefined,
      isOriginLost: false,
      isTorn: false,
      isDequeued: false,
      lastVerbAtMs: Number.NEGATIVE_INFINITY,
      strayWishAtMs: Number.NEGATIVE_INFINITY,
      passedWishAtMs: Number.NEGATIVE_INFINITY,
      notBeforeMs: nowMs + job.delayMs,
      worked: undefined,
    };
    this.stories.set(job.id, story);
    this.ids.push(job.id);
    this.absorb(story.order);
    this.#note(story, process, () => {
      const { replicate, delayMs, retryMs, isAsync } = job;
      return `ADDJOB replicate=${replicate} delay=${delayMs} retry=${retryMs} ttl=${ttlMs}${isAsync ? " async" : ""}`;
    });
    for (const checker of this.checkers) checker.added?.(story);
    return story;
  }

  /** The origin answers its ADDJOB. */
  addEnded(story: Story, error: string | undefined): void {
    if (error === undefined) story.replicatedAtMs = this.world.nowMs;
    else story.failedAtMs = this.world.nowMs;
    this.#note(story, story.origin, () => `ADDJOB answers ${error ?? "the id"}`);
    for (const checker of this.checkers) checker.addEnded?.(story);
  }

  /** The producer has read the answer. */
  told(story: Story): void {
    story.toldAtMs = this.world.nowMs;
    this.#note(story, undefined, () => "the producer knows");
  }

  /** A client is given a job; the note can be taken back. */
  delivered(process: SimProcess, client: string, seen: SeenJob): DeliveryNote {
    const story = this.stories.get(seen.id);
    if (story === undefined) throw new Violation("genuine", "an unknown job is delivered", seen.id);
    const { nowMs } = this.world;
    const delivery = { atMs: nowMs, process, client, isReturned: false };
    this.absorb(story.order + nowMs * 8);
    this.#note(story, process, () => {
      const { nacks, additionalDeliveries } = seen;
      return `DELIVERED to ${client} (nacks ${nacks}, additional ${additionalDeliveries})`;
    });
    for (const checker of this.checkers) checker.delivered?.(story, delivery, seen);
    story.deliveries.push(delivery);
    story.worked = undefined;
    const isWishUnderWay = nowMs - story.strayWishAtMs < roundTripMs(this.world.config);
    const leaseMs = isWishUnderWay ? 0 : story.retryMs;
    story.notBeforeMs = story.retryMs === 0 ? Number.POSITIVE_INFINITY : nowMs + leaseMs;
    return delivery;
  }

  /** A reply did not reach its client; `wasHanded`: it might have. */
  returned(story: Story, delivery: DeliveryNote, wasHanded: boolean): void {
    if (!wasHanded) delivery.isReturned = true;
    this.#note(story, delivery.process, () => `reply lost, handed=${wasHanded}`);
    if (!wasHanded || story.retryMs > 0) story.notBeforeMs = this.world.nowMs;
    if (delivery === story.deliveries.at(-1)) this.#leaseEnded(story, delivery);
  }

  /** By that, and not by a wish about it that is not heard yet: it may end the next one. */
  #leaseEnded(story: Story, { atMs }: DeliveryNote): void {
    const { passedWishAtMs } = story;
    const isUnheard = this.world.nowMs - passedWishAtMs < roundTripMs(this.world.config);
    if (isUnheard && atMs <= passedWishAtMs) story.strayWishAtMs = passedWishAtMs;
  }

  /** A request about a job has run. */
  asked(process: SimProcess, verb: JobVerb, id: string, answer: boolean): void {
    const story = this.stories.get(id);
    if (story === undefined) return;
    const { nowMs } = this.world;
    this.absorb(story.order * 2 + (answer ? 1 : 0));
    this.#note(story, process, () => `${verb.toUpperCase()} answers ${answer}`);
    if (verb === "ack" || verb === "fastack") {
      story.ackedAtMs ??= nowMs;
      story.lastAckAtMs = nowMs;
      story.ackedBy.add(process);
      // Where a job that may be delivered once is not known, nobody remembers its acknowledgement.
      // Nor can a node ask those it does not know yet.
      const isAsked = story.retryMs > 0 && knowsHolders(process, story);
      const isCollected = verb === "ack" || (!answer && isAnyAway(process));
      if (isCollected && (answer || isAsked)) story.hasSureAck = true;
    } else if (verb === "delete") {
      if (answer) story.isMeddledWith = true;
      // Others hear of it a moment later, and not all of them in the same one.
      story.lastVerbAtMs = nowMs;
    } else this.#wished(process, story, verb, answer);
    for (const checker of this.checkers) checker.asked?.(story, verb, process, answer);
  }

  /** Somebody wants a job to be delivered earlier or later. */
  #wished(process: SimProcess, story: Story, verb: JobVerb, answer: boolean): void {
    const { nowMs } = this.world;
    const isAlone = nowMs - story.lastVerbAtMs > 2 * roundTripMs(this.world.config);
    story.lastVerbAtMs = nowMs;
    if (verb === "dequeue" && answer) story.isDequeued = true;
    const endsLease = verb === "nack" || verb === "enqueue";
    // The keeper itself would have seen that there is nothing to do, and answered so.
    const wayMs = roundTripMs(this.world.config) / 2;
    if (endsLease && answer && story.notBeforeMs <= nowMs + wayMs) story.strayWishAtMs = nowMs;
    else if (endsLease && answer && !isKeeper(process, story)) story.passedWishAtMs = nowMs;
    if (endsLease || verb === "dequeue") story.notBeforeMs = Math.min(story.notBeforeMs, nowMs);
    // It runs after a job that goes round between nodes, and takes it from nobody, if nobody has it.
    else if (isWithNobody(story, nowMs) && !isKeeper(process, story)) return;
    // Of two wishes on two nodes, nobody knows which one comes first.
    else if (answer && isAlone && story.replicatedAtMs !== undefined) {
      story.worked = { atMs: nowMs, notBeforeMs: story.notBeforeMs };
      story.notBeforeMs = Math.max(story.notBeforeMs, nowMs + story.retryMs);
    }
  }

  /** All that a node has is about to be deleted by somebody's wish; `isLoss`: that counts as lost. */
  flushed(process: SimProcess, isLoss = false): void {
    for (const story of this.stories.values()) {
      // Added in this turn: no census has seen it.
      const isNew = story.origin === process && story.everHeld.size === 0;
      if (isNew || (!isLoss && story.copies.has(process))) story.isMeddledWith = true;
    }
  }

  /** A record is new or another one. */
  copyChanged(
    story: Story,
    copy: Copy,
    before: Copy["role"] | undefined,
    text: () => string,
  ): void {
    this.open.add(story);
    this.#note(story, copy.process, text);
    this.#noteDeath(story);
    for (const checker of this.checkers) checker.copyChanged?.(story, copy, before);
  }

  /** A record is gone. */
  copyGone(story: Story, copy: Copy, isLost: boolean): void {
    this.#note(
      story,
      copy.process,
      () => `${copy.role} ${isLost ? "lost with its process" : "gone"}`,
    );
    if (story.copies.size === 0) this.open.delete(story);
    if (isLost && copy.process === story.origin) story.isOriginLost = true;
    this.#noteDeath(story);
    for (const checker of this.checkers) checker.copyGone?.(story, copy, isLost);
  }

  #noteDeath(story: Story): void {
    if (story.ackedAtMs === undefined || story.deadSinceMs !== undefined) return;
    if (story.copies.size === 0) story.deadSinceMs = this.world.nowMs;
  }

  #note(story: Story, process: SimProcess | undefined, text: () => string): void {
    if (this.#followed === story.id) this.note(process, text());
  }
}

/** It was handed to nobody yet, or not to anybody who has it still. */
function isWithNobody({ deliveries, notBeforeMs }: Story, nowMs: number): boolean {
  return deliveries.length === 0 || notBeforeMs <= nowMs;
}

/** Whether a job is leased by this very process, and what is asked of it there is heard at once. */
function isKeeper(process: SimProcess, { copies }: Story): boolean {
  const copy = copies.get(process);
  return copy?.role === "own" && !copy.isLent;
}

/** Whether a process has members that it cannot speak to. */
function isAnyAway({ cluster }: SimProcess): boolean {
  return [...cluster.membership.members()].some(({ link }) => link === undefined);
}

/** Whether all who have anything of a job are members to a process. */
function knowsHolders({ cluster }: SimProcess, { copies }: Story): boolean {
  // What is nowhere may be back with a log without its end, on a node that was never asked.
  if (copies.size === 0) return false;
  return [...copies.keys()].every(
    (holder) =>
      holder.cluster === cluster || cluster.membership.member(holder.nodeId) !== undefined,
  );
}
