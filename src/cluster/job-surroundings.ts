/**
 * What the machines of jobs/ see of the cluster they are in.
 *
 * They know indexes, tables and messages, and neither members nor links: this gives them the one in
 * terms of the other.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import { JobLookup } from "./job-lookup.ts";
import type { JobMessage } from "./job-messages.ts";
import type { CopiesPossible } from "./jobs/jobs.ts";
import type { JobsWorld } from "./jobs/jobs-world.ts";
import type { Membership } from "./members/membership.ts";
import type { Nodes } from "./nodes.ts";
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
  readonly untoldChanged: () => void;
}

/**
 * The world of the machines. A class, like everything that is used for every job: V8 keeps an object
 * literal with getters as a hash table, and every look at one of its properties is a search then.
 */
export class JobSurroundings implements JobsWorld {
  readonly host: Host;
  readonly broker: Broker;
  readonly nodes: Nodes;
  readonly placement: Placement;
  readonly lookup: JobLookup;
  readonly log: JobsWorld["log"];
  readonly untoldChanged: () => void;
  readonly #membership: Membership;
  readonly #peers: Peers;
  readonly #settings: JobSettings;

  constructor(parts: SurroundingsParts) {
    const { host, broker, membership, hash, views, peers, settings } = parts;
    const { nodes, standings } = peers;
    this.host = host;
    this.broker = broker;
    this.nodes = nodes;
    this.placement = new Placement(hash, views, standings);
    this.lookup = new JobLookup(hash, views, standings);
    this.log = parts.log;
    this.untoldChanged = parts.untoldChanged;
    this.#membership = membership;
    this.#peers = peers;
    this.#settings = settings;
  }

  tell(node: number, message: JobMessage): void {
    this.#peers.tell(node, message);
  }

  isCongested(node: number): boolean {
    return this.#peers.isCongested(node);
  }

  roundTripMs(node: number): number {
    return this.#peers.roundTripMs(node);
  }

  setSlow(node: number, isSlow: boolean): void {
    this.#peers.setSlow(node, isSlow);
  }

  isSlow(node: number): boolean {
    return this.#peers.isSlow(node);
  }

  heardAtMs(node: number): number {
    return this.#peers.heardAtMs(node);
  }

  get nodeTimeoutMs(): number {
    return this.#membership.nodeTimeoutMs;
  }

  get repairDelayMs(): number {
    const { repairDelayMs } = this.#settings;
    if (repairDelayMs > 0) return repairDelayMs;
    return Math.max(REPAIR_DELAY_MIN_MS, REPAIR_TIMEOUTS * this.nodeTimeoutMs);
  }
}

/** How many copies there can be, as far as members go. */
export class PossibleCopies implements CopiesPossible {
  readonly #peers: Peers;
  readonly #settings: JobSettings;

  constructor(peers: Peers, settings: JobSettings) {
    this.#peers = peers;
    this.#settings = settings;
  }

  get sizeForDefault(): number {
    const { reachableCount, stayingCount } = this.#peers;
    const isShort = reachableCount + 1 < stayingCount;
    return isShort && this.#settings.degradesDefault ? reachableCount + 1 : stayingCount;
  }

  get reachableCount(): number {
    return this.#peers.reachableCount;
  }
}
