/**
 * What is said to other nodes about keepers and copies, collected in a turn.
 *
 * Each sort of news is one message a peer. Who hears of a job are the holders in its list; a borrower, who is
 * none of them, hears only who is. Two sorts have lists, each as it was when it was noted: of one job the later one is
 * said later.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { without } from "../copies/holder-order.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { NotHere } from "../not-here.ts";
import { IdPacker } from "../packing/packed-ids.ts";
import { CounterPacker, LeasePacker } from "../packing/packed-leases.ts";
import { ListPacker, type ListUnpacker } from "../packing/packed-lists.ts";
import { PerPeer } from "../packing/per-peer.ts";

/** Lists that wait to be said, and of which jobs there is one among them. */
interface ListNews {
  readonly toPeers: PerPeer<ListPacker>;
  readonly jobs: Set<Job>;
}

/** News by sort. */
export class KeeperNews {
  /** A client here has it until then. */
  readonly leases: PerPeer<LeasePacker>;
  /** This node has no copy. */
  readonly gone: PerPeer<IdPacker>;
  /** This node has not lent it, or not any more, to who believes so. */
  readonly recalls: PerPeer<IdPacker>;
  /** How often it was refused and delivered again. */
  readonly counters: PerPeer<CounterPacker>;
  readonly #world: JobsWorld;
  /** This node is the keeper. */
  readonly #taken: ListNews;
  /** Who has copies. */
  readonly #lists: ListNews;
  /** In the order in which they are said. */
  readonly #all: readonly Pick<PerPeer<ListPacker>, "isEmpty" | "say" | "forget" | "clear">[];
  readonly #notHere: NotHere;

  constructor(world: JobsWorld) {
    this.#world = world;
    this.#notHere = new NotHere(world);
    const news = (type: "taken" | "holders"): ListNews => ({
      toPeers: new PerPeer(
        () => new ListPacker(world),
        (node, lists) => world.tell(node, { type, lists }),
      ),
      jobs: new Set(),
    });
    this.#taken = news("taken");
    this.#lists = news("holders");
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
    const { leases, gone, recalls, counters } = this;
    this.#all = [this.#taken.toPeers, this.#lists.toPeers, leases, gone, recalls, counters];
  }

  get isEmpty(): boolean {
    for (const news of this.#all) if (!news.isEmpty) return false;
    return true;
  }

  /** A node is told that this one is the keeper. */
  claim(job: Job, node: number): void {
    if (!this.#isMovingTo(job, node)) this.#note(job, node, this.#taken, this.#lists);
  }

  /** All other holders are told that. */
  claimToOthers(job: Job): void {
    for (const node of this.others(job)) this.claim(job, node);
  }

  /** A node is told who has copies, the keeper first. */
  name(job: Job, node: number): void {
    this.#note(job, node, this.#lists, this.#taken);
  }

  /**
   * All other holders are told by this node, which is the keeper; and who has borrowed the job, as it looks for those
   * when this node is dead: it would adopt the job beside the one of them that takes it over.
   */
  nameToOthers(job: Job): void {
    const others = this.others(job);
    const borrower = this.#world.broker.roles.borrower(job);
    if (borrower >= 0 && !others.includes(borrower)) others.push(borrower);
    for (const node of others) if (!this.#isMovingTo(job, node)) this.name(job, node);
  }

  /** Who has a job that was sent away from here, or will have it, is told of copies that others claim, if there is such a node. */
  nameToHeir(heir: number, { id, epoch, holders }: ListUnpacker): void {
    if (heir < 0 || holders.includes(heir)) return;
    this.#lists.toPeers.to(heir).addClaim(id, epoch, without(holders, OWN_INDEX));
  }

  /** All other holders are told how often it was refused and delivered again. */
  countToOthers(job: Job): void {
    const list = this.#world.broker.roles.list(job);
    for (let i = 0; i < list.length; i++) {
      const node = list[i] as number;
      if (node !== OWN_INDEX && node < LOAN) this.counters.to(node).add(job);
    }
  }

  /** The holders but this node, the keeper first. */
  others(job: Job): number[] {
    const list = this.#world.broker.roles.list(job);
    return list.filter((node) => node !== OWN_INDEX && node < LOAN);
  }

  /** Sends everything. */
  say(): void {
    for (const news of this.#all) news.say();
    this.#taken.jobs.clear();
    this.#lists.jobs.clear();
  }

  /** Nothing is said to this node. */
  forget(node: number): void {
    for (const news of this.#all) news.forget(node);
  }

  /** Nothing is said to anybody. */
  clear(): void {
    for (const news of this.#all) news.clear();
    this.#taken.jobs.clear();
    this.#lists.jobs.clear();
  }

  #sayGone(node: number, ids: Buffer): void {
    const gone = this.#notHere.of(ids);
    if (gone !== undefined) this.#world.tell(node, { type: "gone", ids: gone });
  }

  #note(job: Job, node: number, news: ListNews, other: ListNews): void {
    if (other.jobs.has(job)) {
      other.toPeers.say();
      other.jobs.clear();
    }
    news.jobs.add(job);
    news.toPeers.to(node).add(job);
  }

  /**
   * A job that is delivered at most once moves to that node, which is keeper itself when it has it; this one
   * forgets the job then, whatever it has heard since.
   */
  #isMovingTo(job: Job, node: number): boolean {
    const { roles, jobs } = this.#world.broker;
    return jobs.retrySeconds(job) === 0 && roles.borrower(job) === node;
  }
}
