/**
 * Who is the keeper of a job: taking over, and what other nodes say about keepers and copies.
 *
 * Whoever takes a job over counts its epoch up and tells the other holders. Two may do so at once, or
 * on both sides of a cut; which of them stays keeper is decided in claims.ts when they hear of each
 * other. When to take over is decided in examiner.ts.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, JobFlag, JobState, NO_JOB } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { MessageOf, Verb } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsMachine, JobsMachines, JobsWorld } from "../jobs-world.ts";
import { IdUnpacker } from "../packing/packed-ids.ts";
import { CounterUnpacker, LeaseUnpacker } from "../packing/packed-leases.ts";
import { Claims } from "./claims.ts";
import { KeeperNews } from "./keeper-news.ts";
import { Verbs } from "./verbs.ts";

const NEVER = Number.POSITIVE_INFINITY;

type KeeperMessage = MessageOf<"holders" | "taken" | "leased" | "gone" | "counters" | "verbs">;

/** Agrees on keepers. */
export class Takeovers implements JobsMachine {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #news: KeeperNews;
  readonly #claims: Claims;
  readonly #verbs: Verbs;
  readonly #leases = new LeaseUnpacker();
  readonly #counters = new CounterUnpacker();
  readonly #ids = new IdUnpacker();

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#news = new KeeperNews(world);
    this.#claims = new Claims(world, machines, this.#news);
    this.#verbs = new Verbs(world, machines);
  }

  get nextWakeAtMs(): number {
    return this.#news.isEmpty && this.#verbs.isEmpty ? NEVER : this.#world.host.nowMs;
  }

  tick(): void {
    this.#news.say();
    this.#verbs.say();
  }

  flushed(): void {
    this.#news.clear();
    this.#verbs.clear();
    this.#claims.clear();
  }

  peerUp(_node: number): void {}
  peerDown(_node: number): void {}
  peerRestarted(_node: number): void {}

  peerRemoved(node: number): void {
    this.#news.forget(node);
    this.#verbs.forget(node);
    this.#claims.forget(node);
  }

  /** The sweep says again who is keeper. */
  streamBroken(_node: number): void {}
  answersLost(_node: number): void {}

  /** This node becomes the keeper of its copy. */
  takeOver(job: Job): void {
    const { jobs, roles } = this.#world.broker;
    const list = roles.list(job);
    const keeper = list[0] ?? OWN_INDEX;
    const others = list.filter((node) => node !== OWN_INDEX && node !== keeper && node < LOAN);
    // It may still have its copy, but the others are to be counted on first.
    if (keeper !== OWN_INDEX) others.push(keeper);
    roles.setList(job, [OWN_INDEX, ...others]);
    jobs.setEpoch(job, jobs.epoch(job) + 1);
    this.announceTaken(job);
    const dueAtMs = this.#dueAtMs(job);
    if (dueAtMs > this.#world.host.nowMs) {
      roles.keep(job, dueAtMs, false);
      return;
    }
    // Its keeper may have delivered it: whoever gets it now must be able to see that.
    jobs.setFlag(job, JobFlag.wasQueued, true);
    roles.keep(job, dueAtMs, true);
  }

  announceList(job: Job): void {
    this.#news.nameToOthers(job);
  }

  announceTaken(job: Job): void {
    this.#news.claimToOthers(job);
    // What its former keeper was about to put right is for this one now.
    this.#machines.examine(job);
  }

  showTo(job: Job, node: number): void {
    const { roles, jobs } = this.#world.broker;
    // One that is delivered at most once and moves is no more this node's to claim.
    if (jobs.retrySeconds(job) === 0 && roles.isLent(job)) return;
    if (roles.isOwn(job)) this.#news.claim(job, node);
    // One that follows nobody is about to be taken over.
    else if ((roles.list(job)[0] ?? OWN_INDEX) !== OWN_INDEX) this.#news.name(job, node);
  }

  /** Tells the keeper of a copy that it is believed to be that, and of which other copies. */
  askKeeper(job: Job): void {
    const keeper = this.#world.broker.roles.list(job)[0] ?? OWN_INDEX;
    if (keeper !== OWN_INDEX) this.#news.name(job, keeper);
  }

  /** Tells the others that this node has no copy of the job any more; it is forgotten right after. */
  sayGone(job: Job): void {
    const { roles, jobs } = this.#world.broker;
    if (roles.isLent(job)) this.#machines.recall(job);
    const id = Int32Array.from({ length: JOB_ID_WORDS }, (_, word) => jobs.idWord(job, word));
    // The last two are remembered: who is keeper, and who may be next.
    for (const node of this.#news.others(job).reverse()) {
      this.#news.gone.to(node).add(job);
      this.#machines.denied(id, node);
    }
  }

  /** Counters have changed; only takes notes. */
  requeued(job: Job): void {
    if (this.#world.broker.roles.isOwn(job)) this.#news.countToOthers(job);
  }

  /** A client asked for something that only the keeper can do. */
  forward(job: Job, verb: Verb): void {
    this.#verbs.forward(job, verb);
  }

  /** A client asked for more time for a lent job, which its borrower shall not hand out any more. */
  callBack(job: Job): void {
    this.#verbs.callBack(job);
  }

  received(from: number, message: KeeperMessage): void {
    if (this.#read(from, message)) return;
    const nodeId = this.#world.nodes.id(from);
    this.#world.log("warning", "a damaged message about jobs", { nodeId, type: message.type });
  }

  /** False: what is packed in the message is damaged. */
  #read(from: number, message: KeeperMessage): boolean {
    switch (message.type) {
      case "holders":
      case "taken":
        return this.#claims.received(from, message);
      case "leased":
        return this.#readLeases(message.leases);
      case "gone":
        return this.#readGone(from, message.ids);
      case "counters":
        return this.#readCounters(message.counts);
      case "verbs":
        return this.#verbs.received(from, message);
    }
  }

  /** A client has it, as the former keeper says: not yet. */
  #readLeases(leases: Buffer): boolean {
    const { broker, host } = this.#world;
    const { jobs, roles } = broker;
    const lease = this.#leases;
    lease.start(leases);
    while (lease.next()) {
      const job = broker.find(lease.id);
      if (job === NO_JOB || !roles.isOwn(job) || jobs.retrySeconds(job) === 0) continue;
      const untilMs = host.nowMs + lease.leftMs;
      if (roles.isUnanswered(job)) roles.postponeLent(job, untilMs);
      else if (this.#isWithoutClient(job)) roles.postpone(job, untilMs);
    }
    return !lease.isDamaged;
  }

  /** Queued, or what counts as that: held back, promised. */
  #isWithoutClient(job: Job): boolean {
    const { jobs } = this.#world.broker;
    if (jobs.state(job) === JobState.queued) return true;
    return jobs.hasFlag(job, JobFlag.isHeld | JobFlag.isClaimed);
  }

  #readGone(from: number, packed: Buffer): boolean {
    const { broker } = this.#world;
    const { roles } = broker;
    const ids = this.#ids;
    ids.start(packed);
    while (ids.next()) {
      const job = broker.find(ids.id);
      if (job === NO_JOB || roles.isAcked(job)) continue;
      const list = roles.list(job);
      if (!list.includes(from)) continue;
      const left = list.filter((node) => node !== from);
      roles.setList(job, left);
      if (this.#wasNeverOurs(job, left)) {
        this.sayGone(job);
        broker.lifecycle.remove(job);
        continue;
      }
      if (roles.isOwn(job)) this.announceList(job);
      // The next one is the keeper now; if it has not heard so, it does by this. One who still is may have named
      // that node since, as it was given a copy anew: what it says then, this word may have come behind.
      else this.askKeeper(job);
      this.#machines.examine(job);
    }
    return !ids.isDamaged;
  }

  /**
   * What was only lent to this node, says one who had a copy and has not lost his memory, is over:
   * acknowledged, deleted, or passed on to others, who do without this record.
   */
  #wasNeverOurs(job: Job, holders: readonly number[]): boolean {
    const { roles, jobs } = this.#world.broker;
    return roles.isBorrowed(job) ? holders.length === 0 : jobs.hasFlag(job, JobFlag.isAdopted);
  }

  /** Counters only grow: the larger one is right, and lost news is made good by the next. */
  #readCounters(packed: Buffer): boolean {
    const { broker } = this.#world;
    const { jobs, roles } = broker;
    const counters = this.#counters;
    counters.start(packed);
    while (counters.next()) {
      const job = broker.find(counters.id);
      if (job === NO_JOB || roles.isAcked(job) || roles.isBorrowed(job)) continue;
      const nacks = Math.max(jobs.nacks(job), counters.nacks);
      const deliveries = Math.max(jobs.additionalDeliveries(job), counters.additionalDeliveries);
      jobs.setCounters(job, nacks, deliveries);
      jobs.setFlag(job, JobFlag.wasQueued, true);
      // Who counts has a copy, and follows this node.
      this.#claims.endAdoption(job);
    }
    return !counters.isDamaged;
  }

  /** When a copy is due that becomes an own job: its delay may not be over. */
  #dueAtMs(job: Job): number {
    const { jobs } = this.#world.broker;
    // It may have been delivered, and must not be twice.
    if (jobs.retrySeconds(job) === 0) return NEVER;
    if (jobs.hasFlag(job, JobFlag.wasQueued)) return this.#world.host.nowMs;
    const createdAtMs = jobs.expiresAtMs(job) - jobs.ttlSeconds(job) * 1000;
    return createdAtMs + jobs.delaySeconds(job) * 1000;
  }
}
