/**
 * 14. Repair restores R within bound; no repair of acked or nearly expired jobs; bandwidth within token
 *     bucket.
 *
 * The bound is the repair delay and what it takes to notice and to copy; a simulated life never has so
 * many jobs that the token bucket matters.
 */
import { NO_JOB } from "../../../../src/core/job.ts";
import { words } from "../../../support/id-words.ts";
import type { ClusterWorld } from "../cluster-world.ts";
import type { ClusterConfig } from "../config.ts";
import { type Copy, holdersOf, isHoldingRole, type Story } from "../story.ts";
import { roundTripMs } from "./bounds.ts";
import { type Checker, Violation } from "./checker.ts";
import { isOver } from "./no-loss.ts";

const REPAIR_DELAY_MIN_MS = 60_000;
const REPAIR_TIMEOUTS = 4;
/** Takeovers come first. */
const SLACK_MS = 12_000;

/** After so much calm all jobs have their copies again. */
export function repairBoundMs(config: ClusterConfig): number {
  const { repairDelayMs, nodeTimeoutMs, retrySecondsMax } = config;
  const delayMs = repairDelayMs || Math.max(REPAIR_DELAY_MIN_MS, REPAIR_TIMEOUTS * nodeTimeoutMs);
  return delayMs + SLACK_MS + retrySecondsMax * 1000;
}

/** Watches copies that are missing, and those that come. */
export class Repair implements Checker {
  readonly name = "14 repair";
  readonly #cluster: ClusterWorld;
  readonly #boundMs: number;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
    this.#boundMs = repairBoundMs(cluster.world.config);
  }

  copyChanged(story: Story, copy: Copy, before: Copy["role"] | undefined): void {
    const { world, weather } = this.#cluster;
    if (before !== undefined || !isHoldingRole(copy.role)) return;
    if (story.replicatedAtMs === undefined || story.retryMs === 0) return;
    // What was sent in time may have lain in a socket since: its life is counted from where it arrives.
    const wayMs = roundTripMs(world.config);
    const isOverdue = world.nowMs > Math.max(story.expiresAtMs, weather.calmSinceMs) + wayMs;
    if (isOverdue && !this.#livesLonger(story, copy)) {
      throw new Violation(this.name, `${copy.process.name} gets an expired job`, story.id);
    }
    const { ackedAtMs } = story;
    if (ackedAtMs === undefined || !weather.isCalmSince(ackedAtMs)) return;
    if (world.nowMs < ackedAtMs + 2 * roundTripMs(world.config)) return;
    throw new Violation(this.name, `${copy.process.name} gets an acknowledged job`, story.id);
  }

  /** Somebody else has got it by a slow way that added to its life, and repairs what is not over for him. */
  #livesLonger({ id, addedAtMs, copies }: Story, { process }: Copy): boolean {
    if (this.#cluster.weather.isCalmSince(addedAtMs)) return false;
    return [...copies.keys()].some(({ broker, isAlive, clock }) => {
      if (!isAlive || broker === process.broker) return false;
      const job = broker.find(words(id));
      return job !== NO_JOB && broker.jobs.expiresAtMs(job) > clock.nowMs;
    });
  }

  lookedClosely(): void {
    const { ledger, weather, world, running } = this.#cluster;
    if (weather.calmForMs < this.#boundMs) return;
    for (const story of ledger.open) {
      if (story.replicatedAtMs === undefined || isOver(this.#cluster, story)) continue;
      if (story.isLossExcused && holdersOf(story).length === 0) continue;
      const leftMs = story.expiresAtMs - world.nowMs;
      if (world.nowMs - story.replicatedAtMs < this.#boundMs || leftMs < this.#boundMs) continue;
      world.mark(`checked: ${this.name}`);
      const copies = holdersOf(story).length;
      const possible = Math.min(story.replicate, running.length);
      if (copies >= possible) continue;
      throw new Violation(this.name, `${copies} copies instead of ${possible}`, story.id);
    }
  }
}
