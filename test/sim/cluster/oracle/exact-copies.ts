/**
 * 7. Failure-free: copies == R, holders == origin + first R-1 of the walk; after any failures and
 *    quiescence R <= copies <= R + repairs (the lower bound is that of repair.ts).
 *
 * A job that may be delivered once moves to its consumer; one whose queue is paused somewhere when it is
 * added, or that meets full memory, goes elsewhere; an ASYNC one may have another keeper before its copies are there, who
 * hears from a node that it has none, and asks another one: there only the number of copies counts.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import { type Copy, type Story, settledHoldersOf } from "../story.ts";
import { roundTripMs } from "./bounds.ts";
import { type Checker, Violation } from "./checker.ts";
import { walkOfJob } from "./naive-ring.ts";
import { isOver } from "./no-loss.ts";
import { repairBoundMs } from "./repair.ts";

/** Peers that let a request for a copy go unanswered for so long are replaced. */
const PATIENCE_MS = 50;

/** Counts copies, and looks where they are. */
export class ExactCopies implements Checker {
  readonly name = "7 exact copies";
  readonly #cluster: ClusterWorld;
  readonly #isPlacementFree: boolean;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
    const { features } = cluster.world.config;
    const disturbing = ["local pauses", "cluster pauses", "memory pressure"] as const;
    this.#isPlacementFree = disturbing.some((feature) => features.has(feature));
  }

  lookedClosely(): void {
    const { ledger, world, weather } = this.#cluster;
    for (const story of ledger.open) {
      const { replicatedAtMs } = story;
      if (replicatedAtMs === undefined || isOver(this.#cluster, story)) continue;
      const isFree =
        weather.isCalmSince(story.addedAtMs) && roundTripMs(world.config) < PATIENCE_MS;
      const isSettled = world.nowMs - replicatedAtMs > 2 * roundTripMs(world.config);
      // Nobody waits for the copies of an ASYNC job that others have no memory for.
      if (story.isAsync && world.config.features.has("memory pressure")) continue;
      if (isFree && isSettled) this.#judge(story);
      else if (weather.calmForMs > repairBoundMs(world.config)) this.#countSurplus(story);
    }
  }

  #judge(story: Story): void {
    this.#cluster.world.mark(`checked: ${this.name}`);
    const holders = settledHoldersOf(story);
    const isMoving = story.retryMs === 0 && holders.length === 0;
    if (holders.length !== story.replicate && !isMoving) {
      const facts = `${holders.length} copies instead of ${story.replicate}`;
      throw new Violation(this.name, facts, story.id);
    }
    if (this.#isPlacementFree || story.retryMs === 0 || hasMovedEarly(story)) return;
    if (this.#haveAllAnswered(story)) this.#judgePlaces(story, holders);
  }

  /** Who has let somebody wait while not all was well comes last in every choice until its answer is there. */
  #haveAllAnswered({ addedAtMs }: Story): boolean {
    const { weather, world } = this.#cluster;
    return weather.isCalmSince(addedAtMs - roundTripMs(world.config));
  }

  #judgePlaces(story: Story, holders: readonly Copy[]): void {
    this.#cluster.world.mark(`checked: ${this.name}, places`);
    const originId = story.origin.nodeId;
    const others = story.ringIds.filter((id) => id !== originId);
    const walk = walkOfJob(story.id, others);
    const expected = this.#places(originId, walk, story.replicate).sort();
    const found = holders.map(({ process }) => process.nodeId).sort();
    if (expected.join() === found.join()) return;
    const names = (ids: readonly string[]): string =>
      ids.map((id) => this.#cluster.nameOf(id)).join(" ");
    throw new Violation(this.name, `on ${names(found)}, not on ${names(expected)}`, story.id);
  }

  /** First one node of each zone that has no copy yet, then any. */
  #places(originId: string, walk: readonly string[], count: number): string[] {
    const places = [originId];
    const zones = new Set([this.#zoneOf(originId), ""]);
    for (const id of walk) {
      const zone = this.#zoneOf(id);
      if (places.length === count || zones.has(zone)) continue;
      places.push(id);
      zones.add(zone);
    }
    const others = walk.filter((id) => !places.includes(id));
    return [...places, ...others.slice(0, count - places.length)];
  }

  #zoneOf(nodeId: string): string {
    const { machines } = this.#cluster;
    return machines.find(({ process }) => process?.nodeId === nodeId)?.zone ?? "";
  }

  #countSurplus(story: Story): void {
    this.#cluster.world.mark(`checked: ${this.name}, surplus`);
    const copies = settledHoldersOf(story).length;
    if (copies <= story.replicate) return;
    throw new Violation(this.name, `${copies} copies instead of ${story.replicate}`, story.id);
  }
}

function hasMovedEarly({ isAsync, copies, origin }: Story): boolean {
  return isAsync && copies.get(origin)?.role !== "own";
}
