/**
 * 10. Jobs pushed and not TAKEN/RETURNed never exceed credits granted + prefetch; a timed-out or
 *     disconnected client's job is returned or redelivered, never stuck.
 *
 * A node never has more borrowed jobs of a queue than those who have some were told lately that it wants
 * (said-credits.ts); none stands there for longer than a poller is remembered, none is lent to somebody
 * who does not have it, and none is pushed back and forth.
 */
import type { Message } from "../../../../src/cluster/messages.ts";
import type { ClusterWorld } from "../cluster-world.ts";
import type { SimProcess } from "../process.ts";
import { type Copy, isLiveRole, type Story } from "../story.ts";
import { roundTripMs } from "./bounds.ts";
import { type Checker, Violation } from "./checker.ts";
import { mayBeExpired } from "./no-loss.ts";
import { SaidCredits } from "./said-credits.ts";

/** A poller's credits, and what a pushed job waits for. */
const POLLER_MS = 2000;
const SLACK_MS = 500;
/** A job travels so often in so long at most. */
const PUSHES_MAX = 40;
const PUSHES_MS = 2000;

/** Watches borrowed jobs that nobody has been given yet. */
export class Credits implements Checker {
  readonly name = "10 credits";
  readonly #cluster: ClusterWorld;
  /** When a job came to another node, lately. */
  readonly #pushes = new Map<Story, number[]>();
  /** Since when nobody has what was lent. */
  readonly #lostLoans = new Map<Story, number>();
  readonly #said = new SaidCredits();

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  /** A job that nobody takes does not travel for ever. */
  copyChanged(story: Story, copy: Copy, before: Copy["role"] | undefined): void {
    // It was with somebody between two looks.
    if (isWithSomebody(copy) && isLentTo(story, copy.process.nodeId)) this.#lostLoans.delete(story);
    const isPushed = before === undefined && (copy.role === "borrowed" || story.retryMs === 0);
    if (!isPushed || copy.process === story.origin) return;
    const { nowMs } = this.#cluster.world;
    const pushes = this.#pushes.get(story) ?? [];
    this.#pushes.set(story, pushes);
    pushes.push(nowMs);
    if (pushes.length <= PUSHES_MAX) return;
    const forMs = nowMs - (pushes.shift() as number);
    if (forMs > PUSHES_MS) return;
    const facts = `pushed ${PUSHES_MAX} times in ${forMs.toFixed(0)} ms`;
    throw new Violation(this.name, facts, story.id);
  }

  sent(process: SimProcess, message: Message, receiverId: string): void {
    this.#said.note(process, receiverId, message);
  }

  lookedClosely(): void {
    const { ledger, world, weather } = this.#cluster;
    const counts = new Map<string, number>();
    for (const story of ledger.open) {
      if (story.ackedAtMs === undefined) this.#judgeLoan(story);
      for (const copy of story.copies.values()) {
        if (copy.role !== "borrowed" || !copy.isDeliverable || copy.process.pace.isStopped)
          continue;
        world.mark(`checked: ${this.name}`);
        const forMs = world.nowMs - copy.changedAtMs;
        if (
          forMs > POLLER_MS + SLACK_MS + copy.process.pace.slownessMs &&
          this.#isAwake(copy.process)
        ) {
          const facts = `borrowed on ${copy.process.name} for ${forMs.toFixed(0)} ms`;
          throw new Violation(this.name, facts, story.id);
        }
        const key = `${copy.process.serial} ${story.queue}`;
        const count = (counts.get(key) ?? 0) + 1;
        counts.set(key, count);
        const most = this.#said.lately(copy.process.nodeId, story.queue, world.nowMs, weather);
        if (count <= most) continue;
        throw new Violation(this.name, `${count} borrowed, asked for ${most}`, story.id);
      }
    }
  }

  /** Lent to somebody who does not have it: nobody is given it before its lease is over. */
  #judgeLoan(story: Story): void {
    const { weather, world } = this.#cluster;
    const lost = [...story.copies.values()].filter(
      (copy) =>
        copy.isLent &&
        !hasIt(story, copy.borrower, world.nowMs) &&
        !this.#wasHandedLate(story, copy),
    );
    // WORKING takes a job out of every queue.
    const isWorkedOn = world.nowMs - story.lastVerbAtMs < story.retryMs + SLACK_MS;
    // DELJOB makes a borrower forget what a client of it has: the lease goes on without it.
    const isExcused = isWorkedOn || story.isMeddledWith || mayBeExpired(story, world.nowMs);
    if (lost.length === 0 || isExcused) {
      this.#lostLoans.delete(story);
      return;
    }
    const since = this.#lostLoans.get(story);
    if (since === undefined) this.#lostLoans.set(story, world.nowMs);
    else {
      // It may have been back, and lent anew, between two looks.
      const lentAtMs = Math.min(...lost.map((copy) => copy.lentAtMs));
      const openMs = Math.max(...lost.map(({ process }) => opensAtMs(process)));
      const forMs = world.nowMs - Math.max(since, lentAtMs, weather.calmSinceMs, openMs);
      if (!(forMs > SLACK_MS + 4 * roundTripMs(world.config))) return;
      throw new Violation(this.name, `lent to nobody for ${forMs.toFixed(0)} ms`, story.id);
    }
  }

  /**
   * A client of the borrower was given it while not all was well. The keeper counts the lease from when it heard of
   * that, be it so late, as after standing still, that the borrower has forgotten the job by then.
   */
  #wasHandedLate(
    { deliveries }: Story,
    { isOut, lentAtMs, borrower, process, dueAtMs }: Copy,
  ): boolean {
    const { weather, world } = this.#cluster;
    if (!isOut || process.clock.monotonicMsAt(world.nowMs) > dueAtMs + SLACK_MS) return false;
    return deliveries.some(
      (delivery) =>
        delivery.process.nodeId === borrower &&
        delivery.atMs >= lentAtMs &&
        !weather.isCalmSince(delivery.atMs),
    );
  }

  /** It has had turns lately: neither stopped nor slow. */
  #isAwake(process: SimProcess): boolean {
    const { weather } = this.#cluster;
    return !process.pace.isStopped && weather.calmForMs > POLLER_MS + SLACK_MS;
  }
}

/** No lease ends at a node that has stood still or begun before it has heard the others. */
function opensAtMs({ clock, broker }: SimProcess): number {
  return clock.worldMsOf(broker.serving.closedUntilMs);
}

function isLentTo({ copies }: Story, nodeId: string): boolean {
  return [...copies.values()].some(({ isLent, borrower }) => isLent && borrower === nodeId);
}

/** It is in the borrower's queue, or with a client of it. */
function hasIt(story: Story, borrower: string | undefined, nowMs: number): boolean {
  for (const copy of story.copies.values()) {
    if (copy.process.nodeId !== borrower) continue;
    if (isWithSomebody(copy) || isWithClientOfCopy(story, copy, nowMs)) return true;
  }
  return false;
}

/** A client of the node has it, which had borrowed it and was sent a copy behind that. */
function isWithClientOfCopy(
  { deliveries, notBeforeMs }: Story,
  copy: Copy,
  nowMs: number,
): boolean {
  const last = deliveries[deliveries.length - 1];
  return copy.role === "copy" && last?.process === copy.process && nowMs < notBeforeMs;
}

/** Its keeper has it, or who has borrowed it. */
function isWithSomebody({ role, isLent }: Copy): boolean {
  return isLiveRole(role) && role !== "copy" && !isLent;
}
