/**
 * Walks all jobs when something has changed in the cluster, some at a time.
 *
 * Nothing is known per job about who depends on which node: when a node dies, comes back or leaves,
 * whoever is concerned is found by looking at all. That costs as much as there are jobs, a few times
 * a day, and nothing in between. There are several walks, because some may have to wait: the first
 * puts right what can be at once (examiner.ts), the second what takes time (mender.ts), and now and
 * then a third one asks keepers whether they are (audit.ts).
 */
import { type Job, JobState } from "../../../core/job.ts";
import type { MessageOf } from "../../job-messages.ts";
import {
  CONGESTION_LOOK_MS,
  type JobsMachine,
  type JobsMachines,
  type JobsWorld,
} from "../jobs-world.ts";
import { Absences } from "./absences.ts";
import { Audit } from "./audit.ts";
import { CHANGE_MS } from "./copy-changes.ts";
import { Examiner } from "./examiner.ts";
import { Mender } from "./mender.ts";
import { Reunions } from "./reunions.ts";
import { Walk } from "./walk.ts";

/** Above so many jobs in a turn, all are looked at. */
const JOBS_MAX = 10_000;
/** Between two walks that nothing but time has made necessary. */
const REVISIT_MS_MIN = 250;
/** While jobs have too few copies, they are counted again that often. */
const RECOUNT_MS = 60_000;
/** A leaving node looks again at what could not leave, and at what has moved to who waits there since. */
const LEAVING_REVISIT_MS = 2000;

const NEVER = Number.POSITIVE_INFINITY;

/** Looks at all jobs. */
export class Sweep implements JobsMachine {
  readonly #world: JobsWorld;
  readonly #absences: Absences;
  readonly #mender: Mender;
  readonly #examiner: Examiner;
  readonly #looking: Walk;
  readonly #mending: Walk;
  readonly #audit: Audit;
  readonly #reunions: Reunions;
  /** Jobs to be looked at in this turn; of one that is gone, another one may be. */
  #jobs: Job[] = [];
  /** Nodes that may have missed what was said to them. */
  #uninformed: number[] = [];
  #wasLeaving = false;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  /** Before that the first walk does not go on: what it says is more than somebody gets rid of. */
  #lookAtMs = Number.NEGATIVE_INFINITY;
  /** What the last whole walk has found. */
  #underReplicated = 0;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#absences = new Absences(world);
    this.#mender = new Mender(world, machines);
    this.#examiner = new Examiner(world, machines, this.#absences, this.#mender);
    const { jobs } = world.broker;
    this.#looking = new Walk(jobs, (job) => {
      if (this.#examiner.examine(job)) this.#mending.ask();
      return true;
    });
    this.#mending = new Walk(jobs, (job) => this.#mender.mend(job));
    this.#audit = new Audit(world, machines);
    this.#reunions = new Reunions(world, machines);
  }

  /** Own jobs with fewer copies than they should have, as the last whole walk has found; some may be over. */
  get underReplicated(): number {
    return Math.min(this.#underReplicated, this.ownJobs);
  }

  /** Jobs that this node keeps. */
  get ownJobs(): number {
    const { jobs, stats } = this.#world.broker;
    const acked = stats.jobsByState[JobState.acked] as number;
    return jobs.count - acked - stats.copies - stats.borrowedJobs;
  }

  get nextWakeAtMs(): number {
    const { host, broker } = this.#world;
    if (this.#jobs.length > 0 || this.#mending.isAtStart) return host.nowMs;
    const lookAtMs = this.#looking.isDue ? Math.max(host.nowMs, this.#lookAtMs) : NEVER;
    const readyAtMs = this.#mending.isDue ? this.#mender.readyAtMs : NEVER;
    // Who is silent matters to nobody who has no job in common with others.
    const absenceAtMs = broker.holders.count > 0 ? this.#absences.nextAtMs : NEVER;
    const revisitAtMs = Math.min(lookAtMs, this.#revisitAtMs);
    const askedAtMs = Math.min(this.#audit.nextWakeAtMs, this.#reunions.nextWakeAtMs);
    return Math.min(readyAtMs, absenceAtMs, revisitAtMs, askedAtMs);
  }

  tick(): void {
    this.#noteTime();
    this.#noteUninformed();
    this.#examineSome();
    if (this.#looking.isDue) this.#look();
    // Behind a walk, which nothing else may follow. One that has nothing looks again when something has come.
    const { broker, host } = this.#world;
    const hasToLeave = broker.isLeaving && broker.jobs.count > 0;
    if (hasToLeave && !this.#looking.isDue) this.#examiner.revisit(host.nowMs + LEAVING_REVISIT_MS);
    if (this.#mending.isDue) this.#mend();
    if (this.#absences.takeLoss()) this.audit();
    this.#audit.tick();
    this.#reunions.tick();
    if (!this.#mender.hasUnfinished) return;
    this.#mender.hasUnfinished = false;
    this.#examiner.revisit(this.#world.host.nowMs + CHANGE_MS);
  }

  flushed(): void {
    this.#jobs = [];
    this.#looking.stop();
    this.#mending.stop();
    this.#mender.flushed();
    this.#examiner.revisitAtMs = NEVER;
    this.#audit.stop();
    this.#reunions.stop();
    this.#underReplicated = 0;
  }

  peerUp(node: number): void {
    this.#audit.peerUp();
    this.#reunions.peerUp(node);
    this.examineAll();
  }

  /** It is missed when it has been silent for a while (absences.ts). */
  peerDown(node: number): void {
    this.#reunions.peerDown(node);
  }

  peerRestarted(node: number): void {
    this.#forget(node);
    // Who has not heard yet that it has nothing may name it as a holder meanwhile.
    this.#uninformed.push(node);
    this.#reunions.unreported.begin(node);
    this.audit();
  }

  peerRemoved(node: number, nodeId: string): void {
    this.#forget(node);
    this.#audit.peerRemoved(node);
    this.#reunions.peerRemoved(node, nodeId);
    this.audit();
  }

  get strangers(): readonly string[] | undefined {
    return this.#reunions.strangers;
  }

  /** Nodes that may have copies of which no list here tells. */
  get unreported(): readonly number[] {
    return this.#reunions.unreported.nodes;
  }

  /** Members may not have been told all that this node has, since its log has lost its end. */
  get isUntold(): boolean {
    return this.#reunions.isUntold;
  }

  /** Ids of nodes that are to be told what this one has, also after a restart of this one. */
  get untoldIds(): readonly string[] {
    return this.#reunions.untoldIds;
  }

  received(node: number, message: MessageOf<"report" | "telling" | "reported">): void {
    this.#reunions.received(node, message);
  }

  /** There are jobs of the process before, which had these `untoldIds`; `isWhole`: with all that it knew and had to tell. */
  resume(isWhole: boolean, untoldIds: readonly string[]): void {
    this.#reunions.resume(isWhole, untoldIds);
    for (const node of this.#world.nodes.others()) this.streamBroken(node);
    this.audit();
    this.examineAll();
  }

  /** A node may know of this one's jobs what is not known here. */
  estrange(node: number): void {
    this.#reunions.estrange(node);
  }

  streamBroken(node: number): void {
    this.#reunions.streamBroken(node);
    if (!this.#uninformed.includes(node)) this.#uninformed.push(node);
  }

  /** That it has a copy no more, or is keeper, may have been said in vain: it hears who is, and is asked. */
  answersLost(node: number): void {
    this.streamBroken(node);
    this.#audit.doubt(node);
    this.#audit.peerUp();
  }

  examine(job: Job): void {
    if (this.#jobs.length < JOBS_MAX) this.#jobs.push(job);
    else this.examineAll();
  }

  doubtList(job: Job): void {
    this.#mender.trimAtMs = this.#world.host.nowMs + CHANGE_MS;
    this.examine(job);
  }

  examineAll(): void {
    this.#looking.ask();
  }

  audit(): void {
    this.#audit.begin();
  }

  doubt(keeper: number): void {
    this.#audit.doubt(keeper);
  }

  get #revisitAtMs(): number {
    return Math.max(this.#examiner.revisitAtMs, this.#startedAtMs + REVISIT_MS_MIN);
  }

  #noteTime(): void {
    const { broker, host } = this.#world;
    if (broker.isLeaving !== this.#wasLeaving) {
      this.#wasLeaving = broker.isLeaving;
      this.examineAll();
    }
    const isWatching = broker.holders.count > 0 && host.nowMs >= this.#absences.nextAtMs;
    if (isWatching && this.#absences.look()) this.examineAll();
    if (this.#revisitAtMs <= host.nowMs) this.examineAll();
  }

  /** Who is told of its keeper says so if it has nothing; this process may not know that it was told to drop it. */
  #noteUninformed(): void {
    const { nodes, host } = this.#world;
    const isTelling = this.#examiner.uninformed.length > 0;
    const isAboutToTell = this.#uninformed.some((node) => nodes.isLinked(node));
    if (isTelling || isAboutToTell) this.#mender.trimAtMs = host.nowMs + CHANGE_MS;
  }

  #examineSome(): void {
    if (this.#jobs.length === 0) return;
    const jobs = this.#jobs;
    this.#jobs = [];
    // Counting is the walk's, and telling who is keeper: it would be asked to look at the job again each time.
    const { uninformed, underReplicated } = this.#examiner;
    this.#examiner.uninformed = [];
    for (const job of jobs) {
      if (!this.#world.broker.jobs.isLive(job) || !this.#examiner.examine(job)) continue;
      if (!this.#mender.mend(job)) this.#mending.ask();
    }
    this.#examiner.uninformed = uninformed;
    this.#examiner.underReplicated = underReplicated;
  }

  #look(): void {
    const examiner = this.#examiner;
    const { host } = this.#world;
    if (host.nowMs < this.#lookAtMs) return;
    if (examiner.uninformed.some((node) => this.#world.isCongested(node))) {
      this.#lookAtMs = host.nowMs + CONGESTION_LOOK_MS;
      return;
    }
    if (this.#looking.isAtStart) {
      this.#startedAtMs = this.#world.host.nowMs;
      this.#absences.look();
      if (examiner.revisitAtMs <= this.#startedAtMs) examiner.revisitAtMs = NEVER;
      examiner.underReplicated = 0;
      const isLinked = (node: number) => this.#world.nodes.isLinked(node);
      examiner.uninformed = this.#uninformed.filter(isLinked);
      this.#uninformed = this.#uninformed.filter((node) => !isLinked(node));
    }
    if (!this.#looking.proceed()) return;
    examiner.uninformed = [];
    this.#underReplicated = examiner.underReplicated;
    if (this.#underReplicated > 0) examiner.revisit(host.nowMs + RECOUNT_MS);
  }

  #mend(): void {
    // Until the walk meets a limit, it goes on in the next turn.
    this.#mender.readyAtMs = this.#world.host.nowMs;
    this.#mending.proceed();
  }

  #forget(node: number): void {
    this.#absences.forget(node);
    this.#uninformed = this.#uninformed.filter((other) => other !== node);
  }
}
