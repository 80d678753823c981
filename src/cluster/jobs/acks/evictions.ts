/**
 * Tombstones that go before everybody knows of the acknowledgement, because memory is short.
 *
 * Those first whose holders are all there: they have been told, and only the end is missing. The others
 * may cost a delivery more when a holder comes back that has not heard of it.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsWorld } from "../jobs-world.ts";
import type { Tombstones } from "./tombstones.ts";

/** Memory level from which on what is only remembered goes (core/memory.ts). */
const EVICTION_LEVEL = 2;
/** Tombstones evicted in one go, and looked at for that. */
const EVICTIONS_PER_CALL = 1000;
const EVICTION_VISITS = 10_000;

/** Evicts the oldest while memory is short, within bounds; returns how many. */
export function evictTombstones(world: JobsWorld, tombstones: Tombstones): number {
  const harmless = evict(world, tombstones, (job) => !hasHolderAway(world, job));
  return harmless + evict(world, tombstones, () => true);
}

function evict(world: JobsWorld, tombstones: Tombstones, mayGo: (job: Job) => boolean): number {
  const { memory, lifecycle } = world.broker;
  let evicted = 0;
  tombstones.visitOldest(EVICTION_VISITS, (job) => {
    if (evicted === EVICTIONS_PER_CALL || memory.level < EVICTION_LEVEL) return false;
    if (!mayGo(job)) return true;
    evicted++;
    lifecycle.remove(job);
    return true;
  });
  return evicted;
}

function hasHolderAway({ broker, nodes }: JobsWorld, job: Job): boolean {
  return broker.roles.list(job).some((element) => {
    const node = element % LOAN;
    return node !== OWN_INDEX && !nodes.isLinked(node);
  });
}
