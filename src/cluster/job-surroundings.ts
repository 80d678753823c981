/**
 * What the machines of jobs/ see of the cluster they are in.
 *
 * They know indexes, tables and messages, and neither members nor links: this gives them the one in
 * terms of the other.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import { JobLookup } from "./job-lookup.ts";
import type { CopiesPossible } from "./jobs/jobs.ts";
import type { JobsWorld } from "./jobs/jobs-world.ts";
import type { Membership } from "./members/membership.ts";
import type { Peers } from "./peers.ts";
import { Placement } from "./placement.ts";
import type { RingHash } from "./ring-hash.ts";
import type { Views } from "./views.ts";

/** A holder that is merely absent is waited for so long at least, ms. */
const REPAIR_DELAY_MIN_MS = 60_000;
/** ... or for so many node timeouts. */
const REPAIR_TIMEOUTS = 4;

/** Settings that concern jobs; read anew every time. */
export interface JobSettings {
  /** `cluster-repair-delay`, ms; 0: long enough for most absences. */
  readonly repairDelayMs: number;
  /** `default-replicate-degrade`. */
  readonly degradesDefault: boolean;
}

/** What the surroundings are made of. */
export interface SurroundingsParts {
  readonly host: Host;
  readonly broker: Broker;
  readonly membership: Membership;
  readonly hash: RingHash;
  readonly views: Views;
  readonly peers: Peers;
  readonly settings: JobSettings;
  readonly log: JobsWorld["log"];
}

/** The world of the machines. */
export function jobsWorld(parts: SurroundingsParts): JobsWorld {
  const { host, broker, membership, hash, views, peers, settings, log } = parts;
  const { nodes, standings } = peers;
  return {
    host,
    broker,
    nodes,
    placement: new Placement(hash, views, standings),
    lookup: new JobLookup(hash, views, standings),
    tell: (node, message) => peers.tell(node, message),
    isCongested: (node) => peers.isCongested(node),
    roundTripMs: (node) => peers.roundTripMs(node),
    setSlow: (node, isSlow) => peers.setSlow(node, isSlow),
    isSlow: (node) => peers.isSlow(node),
    heardAtMs: (node) => peers.heardAtMs(node),
    get nodeTimeoutMs() {
      return membership.nodeTimeoutMs;
    },
    get repairDelayMs() {
      const { repairDelayMs } = settings;
      if (repairDelayMs > 0) return repairDelayMs;
      return Math.max(REPAIR_DELAY_MIN_MS, REPAIR_TIMEOUTS * membership.nodeTimeoutMs);
    },
    log,
  };
}

/** How many copies there can be, as far as members go. */
export function copiesPossible(peers: Peers, settings: JobSettings): CopiesPossible {
  return {
    get sizeForDefault() {
      const { reachableCount, stayingCount } = peers;
      return settings.degradesDefault ? Math.min(reachableCount + 1, stayingCount) : stayingCount;
    },
    get reachableCount() {
      return peers.reachableCount;
    },
  };
}
