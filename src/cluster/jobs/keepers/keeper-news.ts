/**
 * What is said to other nodes about keepers and copies, collected in a turn.
 *
 * Each sort of news is one message a peer. Who hears of a job are the holders in its list; a borrower is
 * none of them.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { NotHere } from "../not-here.ts";
import { IdPacker } from "../packing/packed-ids.ts";
import { CounterPacker, LeasePacker } from "../packing/packed-leases.ts";
import { ListPacker } from "../packing/packed-lists.ts";
import { PerPeer } from "../packing/per-peer.ts";

/** News by sort. */
export class KeeperNews {
  /** This node is the keeper. */
  readonly taken: PerPeer<ListPacker>;
  /** Who has copies. */
  readonly lists: PerPeer<ListPacker>;
  /** A client here has it until then. */
  readonly leases: PerPeer<LeasePacker>;
  /** This node has no copy. */
  readonly gone: PerPeer<IdPacker>;
  /** This node has not lent it, or not any more, to who believes so. */
  readonly recalls: PerPeer<IdPacker>;
  /** How often it was refused and delivered again. */
  readonly counters: PerPeer<CounterPacker>;
  readonly #world: JobsWorld;
  readonly #notHere: NotHere;

  constructor(world: JobsWorld) {
    this.#world = world;
    this.#notHere = new NotHere(world);
    const list = () => new ListPacker(world);
    this.taken = new PerPeer(list, (node, lists) => world.tell(node, { type: "taken", lists }));
    this.lists = new PerPeer(list, (node, lists) => world.tell(node, { type: "holders", lists }));
    this.leases = new PerPeer(
      () => new LeasePacker(world),
      (node, leases) => world.tell(node, { type: "leased", leases }),
    );
    this.gone = new PerPeer(
      () => new IdPacker(world),
      (node, ids) => this.#sayGone(node, ids),
    );
    this.recalls = new PerPeer(
      () => new IdPacker(world),
      (node, ids) => world.tell(node, { type: "recall", ids, isAwaited: false }),
    );
    this.counters = new PerPeer(
      () => new CounterPacker(world),
      (node, counts) => world.tell(node, { type: "counters", counts }),
    );
  }

  get isEmpty(): boolean {
    const { taken, lists, leases, gone, recalls, counters } = this;
    const isKeeperKnown = taken.isEmpty && lists.isEmpty && recalls.isEmpty;
    return isKeeperKnown && leases.isEmpty && gone.isEmpty && counters.isEmpty;
  }

  /**
   * A node is told that this one is the keeper. Not the one to which a job is moving that is delivered at most
   * once: it is keeper itself when it has it, and this one forgets the job, whatever it has heard since.
   */
  claim(job: Job, node: number, news: PerPeer<ListPacker> = this.taken): void {
    const { roles, jobs } = this.#world.broker;
    const isMovingThere = jobs.retrySeconds(job) === 0 && roles.borrower(job) === node;
    if (!isMovingThere) news.to(node).add(job);
  }

  /** All other holders are told that this one is the keeper. */
  claimToOthers(job: Job, news: PerPeer<ListPacker> = this.taken): void {
    for (const node of this.#world.broker.roles.list(job)) {
      if (node !== OWN_INDEX && node < LOAN) this.claim(job, node, news);
    }
  }

  /** Adds a job to what all other holders are told. */
  toOthers(job: Job, news: PerPeer<IdPacker> | PerPeer<CounterPacker>): void {
    const list = this.#world.broker.roles.list(job);
    for (let i = 0; i < list.length; i++) {
      const node = list[i] as number;
      if (node !== OWN_INDEX && node < LOAN) news.to(node).add(job);
    }
  }

  /** Sends everything. */
  say(): void {
    this.taken.say();
    this.lists.say();
    this.leases.say();
    this.gone.say();
    this.recalls.say();
    this.counters.say();
  }

  /** Nothing is said to this node. */
  forget(node: number): void {
    for (const news of this.#all()) news.forget(node);
  }

  /** Nothing is said to anybody. */
  clear(): void {
    for (const news of this.#all()) news.clear();
  }

  #sayGone(node: number, ids: Buffer): void {
    const gone = this.#notHere.of(ids);
    if (gone !== undefined) this.#world.tell(node, { type: "gone", ids: gone });
  }

  #all(): { forget(node: number): void; clear(): void }[] {
    const { taken, lists, leases, gone, recalls, counters } = this;
    return [taken, lists, leases, gone, recalls, counters];
  }
}
