/**
 * Seeds: addresses at which a node of the cluster is expected, from the configuration.
 *
 * A seed is dialled while no known member is the one that is there. From then on it is redialled as
 * that member; if the member is forgotten, or another node takes its place, the seed is dialled again.
 * A seed that turns out to be this node itself is not dialled again until somebody leaves, so that all
 * nodes can have the same list.
 */
import type { Dial, Dialer } from "./dialer.ts";
import { addressKey, type PeerAddress } from "./links.ts";
import type { MemberTable } from "./member-table.ts";

/** More are not used. */
export const SEEDS_MAX = 1024;

/** One address of the list. */
export interface Seed {
  readonly address: PeerAddress;
  readonly dial: Dial;
  /** Who answered there last. */
  nodeId: string | undefined;
}

/** The list. */
export class Seeds {
  readonly #table: MemberTable;
  readonly #dialer: Dialer;
  #seeds = new Map<string, Seed>();

  constructor(table: MemberTable, dialer: Dialer) {
    this.#table = table;
    this.#dialer = dialer;
  }

  /** Replaces the list; what is known of addresses that stay is kept. */
  set(addresses: readonly PeerAddress[]): void {
    const before = this.#seeds;
    this.#seeds = new Map();
    for (const address of addresses.slice(0, SEEDS_MAX)) {
      const key = addressKey(address);
      this.#seeds.set(key, before.get(key) ?? this.#make(address));
    }
    for (const [key, { dial }] of before) if (!this.#seeds.has(key)) this.#dialer.stop(dial);
    this.wake();
  }

  /** Somebody is not a member any more: seeds that need it are dialled. */
  wake(): void {
    for (const seed of this.#seeds.values()) {
      const isIdle = !seed.dial.isPending && !seed.dial.chore.isScheduled;
      if (isIdle && this.#isNeeded(seed)) this.#dialer.start(seed.dial, 0);
    }
  }

  #make(address: PeerAddress): Seed {
    const seed: Seed = {
      address,
      get dial() {
        return dial;
      },
      nodeId: undefined,
    };
    const dial = this.#dialer.make({ kind: "seed", seed }, () =>
      this.#isNeeded(seed) ? address : undefined,
    );
    return seed;
  }

  #isNeeded(seed: Seed): boolean {
    if (this.#seeds.get(addressKey(seed.address)) !== seed) return false;
    if (seed.nodeId !== undefined && this.#table.has(seed.nodeId)) return false;
    for (const _ of this.#table.at(seed.address)) return false;
    return true;
  }
}
