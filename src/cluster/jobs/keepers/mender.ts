/**
 * What takes time to put right: own jobs with too few copies, and those that must leave this node.
 *
 * Making copies costs bandwidth that clients need, and giving jobs away waits for the other node: both
 * are limited, and a walk that meets the limit goes on when there is room again. Whether there is
 * anything to do for a job is found out again each time, because much may have changed since.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, JobFlag, JobState } from "../../../core/job.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { NO_NODE } from "../../ring.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { isLongDead, stayingNodes } from "./absences.ts";
import { CHANGE_MS, CopyChanges } from "./copy-changes.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Copies made and bytes of bodies sent for repair (protocol, section 14). */
const JOBS_PER_SECOND = 1000;
const BYTES_PER_SECOND = 8 * 1024 * 1024;
/** Jobs on their way to other nodes for good, and their bodies. */
const HANDOVERS_MAX = 2000;
const HANDOVER_BYTES_MAX = 8 * 1024 * 1024;

const NEVER = Number.POSITIVE_INFINITY;
const ONLY_THIS_NODE: readonly number[] = [OWN_INDEX];

/** How many copies an own job has, by what they are worth. */
interface Copies {
  /** On nodes that live, this one included. */
  live: number;
  /** Without those on leaving nodes, and with those on nodes that are dead only for a short time. */
  lasting: number;
  /** Without those on leaving nodes or without a link, but for the unsure ones. */
  linked: number;
  /** On nodes that leave requests for copies unanswered: these may not exist. */
  unsure: number;
}

/** Mends own jobs. */
export class Mender {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #jobTokens = new TokenBucket(JOBS_PER_SECOND);
  readonly #byteTokens = new TokenBucket(BYTES_PER_SECOND);
  /** One for all jobs: it is read before the next is counted. */
  readonly #copies: Copies = { live: 0, lasting: 0, linked: 0, unsure: 0 };
  #leaving = 0;
  #leavingBytes = 0;
  readonly #changes: CopyChanges;
  /** Copies are being made or dropped: whether it comes true is seen later. The caller resets it. */
  hasUnfinished = false;
  /** Monotonic ms before which no copy is taken away: nodes in lists may be about to say that they have none. */
  trimAtMs = Number.NEGATIVE_INFINITY;
  /** Monotonic ms at which a job that had to wait may be tried again; Infinity: after an answer. */
  readyAtMs = NEVER;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#changes = new CopyChanges(world);
  }

  /** All jobs are gone. */
  flushed(): void {
    this.#changes.clear();
  }

  /** Whether an own job needs mending. */
  isNeeded(job: Job): boolean {
    const { broker } = this.#world;
    if (broker.jobs.state(job) === JobState.replicating || this.#isGoing(job)) return false;
    // Whether its holders have copies is known when one of them is heard of.
    if (broker.jobs.hasFlag(job, JobFlag.isAdopted) && !broker.isLeaving) return false;
    return broker.isLeaving || this.#count(job).lasting < broker.jobs.replicate(job);
  }

  /** Whether fewer live nodes have an own job than should. */
  isUnderReplicated(job: Job): boolean {
    const { jobs } = this.#world.broker;
    if (jobs.state(job) === JobState.replicating) return false;
    return this.#count(job).live < jobs.replicate(job);
  }

  /** Does what is needed for a job; false: not now, but at `readyAtMs`. */
  mend(job: Job): boolean {
    const { broker, host } = this.#world;
    if (!broker.roles.isOwn(job) || !this.isNeeded(job)) return true;
    // It may be over, as others know: neither clients nor nodes are given what they are about to speak of.
    const { closedUntilMs } = broker.serving;
    if (host.nowMs < closedUntilMs) {
      this.readyAtMs = closedUntilMs;
      return false;
    }
    return broker.isLeaving ? this.#sendAway(job) : this.#repair(job);
  }

  /** Takes copies that are too many from other nodes; leaving ones are the first to be relieved. */
  trim(job: Job): void {
    // A leaving node is relieved also of what nobody else can take, because all who stay have it.
    const wanted = Math.min(this.#world.broker.jobs.replicate(job), stayingNodes(this.#world));
    const { nodes } = this.#world;
    // Who is away is heard of again when it is back.
    const isUnconfirmed = this.#machines.unconfirmed(job).some((node) => nodes.isLinked(node));
    if (isUnconfirmed) this.hasUnfinished = true;
    const { linked, unsure } = this.#count(job);
    // What could go if all exist is looked at again when it is known whether they do.
    const spare = linked + unsure - wanted;
    if (unsure > 0 && spare >= 0 && this.#surplus(job, spare).length > 0) this.hasUnfinished = true;
    if (linked < wanted) return;
    const surplus = this.#surplus(job, linked - wanted);
    if (surplus.length === 0) return;
    // A holder that has not heard yet who is keeper keeps its copy.
    this.hasUnfinished = true;
    // Of copies that are being made, nobody knows yet whether they exist.
    if (this.#changes.isMaking(job) || this.#world.host.nowMs < this.trimAtMs) return;
    this.#machines.dropCopies(job, surplus, true);
  }

  /** All holders that leave and so many others, the last ones first. */
  #surplus(job: Job, count: number): number[] {
    const { nodes } = this.#world;
    const list = this.#listOf(job);
    const unconfirmed = this.#machines.unconfirmed(job);
    const surplus: number[] = [];
    let left = count;
    for (let at = list.length - 1; at > 0; at--) {
      const node = list[at] as number;
      if (node >= LOAN || node === OWN_INDEX || unconfirmed.includes(node)) continue;
      if (!nodes.isLive(node) || !nodes.isLinked(node)) continue;
      if (!nodes.isLeaving(node) && left-- <= 0) continue;
      surplus.push(node);
    }
    return surplus;
  }

  #repair(job: Job): boolean {
    const { broker, host, repairDelayMs } = this.#world;
    const { jobs } = broker;
    const { nowMs } = host;
    // It will be over before a holder that is only absent would be replaced.
    if (jobs.expiresAtMs(job) - nowMs < repairDelayMs) return true;
    if (this.#changes.isFull) {
      this.readyAtMs = nowMs + CHANGE_MS / 10;
      return false;
    }
    this.readyAtMs = Math.max(this.#jobTokens.readyAtMs(nowMs), this.#byteTokens.readyAtMs(nowMs));
    if (this.readyAtMs > nowMs) return false;
    const missing = jobs.replicate(job) - this.#count(job).lasting;
    const made = this.#machines.makeCopies(job, missing, () => this.#copied(job));
    if (made > 0) this.#changes.making(job);
    if (made > 0 || this.#isLentToStranger(job)) this.hasUnfinished = true;
    this.#jobTokens.take(made, nowMs);
    this.#byteTokens.take(made * jobs.bodyBytes(job), nowMs);
    return true;
  }

  #sendAway(job: Job): boolean {
    const { jobs, roles, lifecycle } = this.#world.broker;
    // A borrower acknowledges to this node: it stays until it has come back. What is promised to a
    // client of this node is handed out first.
    if (roles.isLent(job) || jobs.hasFlag(job, JobFlag.isClaimed)) return true;
    if (jobs.retrySeconds(job) === 0 && jobs.hasFlag(job, JobFlag.delivered)) {
      // Delivered at most once, and it was: nobody needs it any more.
      lifecycle.remove(job);
      return true;
    }
    // It was called back: who was sent it may be its keeper before that is heard there, and nobody but
    // this node would know of him and of another one.
    if (this.#machines.headedFor(job) !== NO_NODE) return true;
    if (this.#leaving >= HANDOVERS_MAX || this.#leavingBytes >= HANDOVER_BYTES_MAX) {
      this.readyAtMs = NEVER;
      return false;
    }
    if (this.#copyFirst(job)) return true;
    const bytes = jobs.bodyBytes(job);
    this.#move(1, bytes);
    this.#machines.sendAway(job, () => this.#move(-1, -bytes));
    return true;
  }

  /** This node's copy becomes another one's: before, there shall be as many as there should be. */
  #copyFirst(job: Job): boolean {
    const { jobs } = this.#world.broker;
    if (this.#changes.isMaking(job)) return true;
    const missing = jobs.replicate(job) - this.#count(job).lasting;
    if (missing <= 0 || this.#changes.isMade(job)) return false;
    const bytes = jobs.bodyBytes(job) * missing;
    const made = this.#machines.makeCopies(job, missing, () => {
      this.#move(-1, -bytes);
      this.#copied(job);
    });
    if (made === 0) return false;
    this.#move(1, bytes);
    this.#changes.making(job);
    return true;
  }

  /** Copies have been made, as far as they could. */
  #copied(job: Job): void {
    if (!this.#changes.isMaking(job)) return;
    const { broker } = this.#world;
    const isEnough = this.#count(job).lasting >= broker.jobs.replicate(job);
    this.#changes.made(job, isEnough);
    // Where there are too few, it is tried again in a while, unless this node has no time for that.
    if (isEnough || broker.isLeaving) this.#machines.examine(job);
  }

  /** So many more are on their way to other nodes. */
  #move(count: number, bytes: number): void {
    this.#leaving += count;
    this.#leavingBytes += bytes;
  }

  /** Its lease does not run out here: it is on its way to another node for good. */
  #isGoing(job: Job): boolean {
    const { jobs, roles } = this.#world.broker;
    return roles.isLent(job) && jobs.dueAtMs(job) === NEVER;
  }

  /** It is lent to a node that could have a copy instead when the loan is over, which nobody is told of. */
  #isLentToStranger(job: Job): boolean {
    const { nodes } = this.#world;
    const borrower = this.#world.broker.roles.borrower(job);
    if (borrower === -1 || nodes.isLeaving(borrower)) return false;
    return nodes.isLinked(borrower) && !this.#listOf(job).includes(borrower);
  }

  #listOf(job: Job): readonly number[] {
    const list = this.#world.broker.roles.list(job);
    return list.length === 0 ? ONLY_THIS_NODE : list;
  }

  #count(job: Job): Copies {
    const { nodes } = this.#world;
    const copies = this.#copies;
    copies.live = 0;
    copies.lasting = 0;
    copies.linked = 0;
    copies.unsure = 0;
    const unconfirmed = this.#machines.unconfirmed(job);
    for (const node of this.#listOf(job)) {
      if (node >= LOAN || unconfirmed.includes(node)) continue;
      const isOwn = node === OWN_INDEX;
      const isLive = isOwn || nodes.isLive(node);
      if (isLive) copies.live++;
      if (!isOwn && nodes.isLeaving(node)) continue;
      if (isLive || !isLongDead(this.#world, node)) copies.lasting++;
      if (!isLive || !(isOwn || nodes.isLinked(node))) continue;
      if (this.#world.isSlow(node)) copies.unsure++;
      else copies.linked++;
    }
    return copies;
  }
}
