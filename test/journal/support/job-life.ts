/**
 * A broker to which anything may happen: every move that clients and other nodes can cause.
 *
 * A step is three numbers, so that a property test can shrink a history. Which move it is, to which job,
 * and what with, follows from them; a move that the job's state forbids does nothing.
 */
import assert from "node:assert/strict";
import { Broker } from "../../../src/core/broker.ts";
import { type Job, JobFlag, JobState } from "../../../src/core/job.ts";
import { JOB_ID_WORDS } from "../../../src/core/job-id.ts";
import type { NewJob } from "../../../src/core/job-maker.ts";
import type { ToldRecord } from "../../../src/core/job-record.ts";
import type { Queue } from "../../../src/core/queue.ts";
import type { WaiterReceiver } from "../../../src/core/waiting-room.ts";
import { FakeClock } from "./clock.ts";
import { nodeIds } from "./log-in-memory.ts";

/** A move, whom it concerns, and what with. */
export type Step = readonly [move: number, whom: number, what: number];

/** How many moves there are; a step names one of them, modulo this. */
export const MOVES = 26;
/** The move that pauses a queue, or ends that. */
export const PAUSE = 17;
/** Moves of one job. */
const JOB_MOVES = [10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21];

const QUEUES = ["a", "mail", "a rather long name of a queue"];
const RETRIES = [300, 0, 5, 1];
const DELAYS = [0, 0, 0, 7, 90];
const TTLS = [86_400, 600, 30, 3];
const LISTS = [[], [0, 1], [0, 1, 2], [2, 0], [0, 3, 1, 2], [1, 2, 0]];
const NOBODY: WaiterReceiver = { jobsArrived: () => {}, waitEnded: () => {} };

/** A broker, and moves. */
export class JobLife {
  readonly clock = new FakeClock();
  readonly broker: Broker;
  #replications = 0;
  readonly #moves: readonly ((job: Job, what: number) => void)[];

  constructor() {
    this.broker = new Broker(this.clock, { nodeId: nodeIds[0] ?? "", maxMemoryBytes: 0 });
    const add = (_: Job, what: number): void => this.#add(what);
    const take = (_: Job, what: number): void => this.#take(what);
    this.#moves = [
      add,
      add,
      add,
      (_, what) => this.#addReplicating(what),
      (_, what) => this.#addTold(what),
      (_, what) => this.#addTold(what),
      take,
      take,
      take,
      (_, what) => this.#wait(what),
      (job) => void (this.#isKept(job) && this.broker.lifecycle.end(job, "acked")),
      (job) => this.#bury(job),
      (job) => void (this.#isHere(job) && this.broker.lifecycle.requeue(job, "nack")),
      (job) => void (this.#isHere(job) && this.broker.lifecycle.requeue(job, "client")),
      (job) => this.#work(job),
      (job) => void (this.#isHere(job) && this.broker.lifecycle.dequeue(job)),
      (job) => this.#giveBack(job),
      (_, what) => this.#pause(what),
      (job, what) => this.#lend(job, what),
      (job) => this.#afterLoan(job),
      (job) => this.#changeRole(job),
      (job, what) => this.#setList(job, what),
      (_, what) => void (what % 4 === 0 && this.broker.holders.void(1 + (what % 3))),
      (_, what) => void (what % 16 === 0 && this.broker.flush()),
      (_, what) => this.clock.pass(what % 3 === 0 ? what * 40 : what),
      () => this.endTurn(),
    ];
    assert.equal(this.#moves.length, MOVES);
  }

  /** Takes a step. */
  step([move, whom, what]: Step): void {
    const live = this.#liveJobs();
    const job = live[whom % Math.max(1, live.length)] ?? -1;
    const isForJobs = JOB_MOVES.includes(move % MOVES);
    if (isForJobs && (job === -1 || this.broker.clock.isExpired(job))) return;
    this.#moves[move % MOVES]?.(job, what);
  }

  endTurn(): void {
    this.broker.tick();
  }

  #liveJobs(): Job[] {
    const { jobs } = this.broker;
    return Array.from({ length: jobs.handleLimit }, (_, job) => job).filter((job) =>
      jobs.isLive(job),
    );
  }

  #queue(what: number): Queue {
    const name = Buffer.from(QUEUES[what % QUEUES.length] ?? "");
    return this.broker.queues.entry(name, 0, name.length);
  }

  #body(what: number): Buffer {
    return Buffer.alloc(what % 7 === 0 ? what * 3 : what % 90, what);
  }

  #asked(what: number): NewJob {
    const retrySeconds = RETRIES[what % RETRIES.length] ?? 0;
    return {
      replicate: 1 + (what % 3),
      delaySeconds: DELAYS[what % DELAYS.length] ?? 0,
      retrySeconds,
      ttlSeconds: TTLS[(what >> 2) % TTLS.length] ?? 1,
    };
  }

  #add(what: number): void {
    const body = this.#body(what);
    this.broker.addJob(this.#queue(what), body, 0, body.length, this.#asked(what));
  }

  #addReplicating(what: number): void {
    const body = this.#body(what);
    this.#replications++;
    const asked = this.#asked(what);
    const queue = this.#queue(what);
    const number = this.#replications;
    const job = this.broker.addReplicating(queue, body, 0, body.length, asked, number);
    this.broker.roles.setList(job, [0, 1, 2]);
  }

  #addTold(what: number): void {
    const { broker, clock } = this;
    const body = this.#body(what);
    const asked = this.#asked(what >> 1);
    const told: ToldRecord = {
      ...asked,
      id: Int32Array.from({ length: JOB_ID_WORDS }, () => clock.randomWord()),
      queueNumber: this.#queue(what).number,
      createdMs: clock.wallMs - (what % 50),
      createdCounter: what,
      expiresAtMs: clock.nowMs + asked.ttlSeconds * 1000 - 500,
      epoch: what % 4,
      nacks: what % 3,
      additionalDeliveries: what % 2,
      wasQueued: what % 2 === 0,
      wasDelivered: asked.retrySeconds > 0 && what % 5 === 0,
    };
    const job = broker.addTold(told, body, 0, body.length);
    if (what % 5 < 3) {
      broker.roles.beginCopy(job);
      broker.roles.setList(job, [1, 0]);
    } else if (what % 5 === 3) broker.roles.beginBorrowed(job);
    else broker.roles.beginDummy(job);
    if (broker.roles.isAcked(job)) broker.jobs.dropBody(job);
  }

  #take(what: number): void {
    this.broker.serving.visit([this.#queue(what)]);
    this.broker.serving.take([this.#queue(what)], 1 + (what % 3), []);
  }

  #wait(what: number): void {
    const { serving } = this.broker;
    const queue = this.#queue(what);
    serving.visit([queue]);
    if (queue.length === 0) serving.wait([queue], 1, this.clock.nowMs + what * 20, NOBODY);
  }

  #pause(what: number): void {
    const { broker } = this;
    const queue = this.#queue(what);
    broker.pause(queue, what % 4 === 1, what % 8 === 2);
    broker.queues.dropUnused(queue);
    // What was held is released by the end of the turn.
    this.endTurn();
  }

  /** It is not over, and no other node's. */
  #isKept(job: Job): boolean {
    const { broker } = this;
    return broker.roles.isOwn(job) && broker.jobs.state(job) !== JobState.replicating;
  }

  /** It is in no other node's hands. */
  #isHere(job: Job): boolean {
    return this.#isKept(job) && !this.broker.roles.isLent(job);
  }

  #work(job: Job): void {
    if (this.#isHere(job)) this.broker.lifecycle.postpone(job);
  }

  #giveBack(job: Job): void {
    const { broker } = this;
    const { jobs } = broker;
    const isOut = jobs.state(job) === JobState.active && jobs.hasFlag(job, JobFlag.delivered);
    const isHere = !jobs.hasFlag(job, JobFlag.isCopy | JobFlag.isLent | JobFlag.isHeld);
    const isLeased = isOut && isHere && !jobs.hasFlag(job, JobFlag.isClaimed);
    if (isLeased && jobs.dueAtMs(job) > this.clock.nowMs) broker.lifecycle.takeBack(job, false);
  }

  #bury(job: Job): void {
    const { roles } = this.broker;
    if (!roles.isAcked(job)) roles.bury(job);
    else if (roles.isDummy(job)) roles.endDummy(job);
  }

  #lend(job: Job, what: number): void {
    const { broker } = this;
    const { jobs, roles } = broker;
    const node = 1 + (what % 4);
    if (jobs.state(job) === JobState.queued && roles.isOwn(job)) {
      roles.lend(broker.lifecycle.queueOf(job), node, job);
    } else if (this.#isHere(job) && what % 3 === 0) roles.sendAway(job, node);
  }

  #afterLoan(job: Job): void {
    const { roles, jobs } = this.broker;
    if (!roles.isLent(job) || jobs.retrySeconds(job) === 0) return;
    if (jobs.dueAtMs(job) === Number.POSITIVE_INFINITY) roles.giveUp(job);
    else if (job % 3 === 0) roles.lentIsOut(job);
    else if (job % 3 === 1) roles.loanIsBack(job);
    else roles.loanIsOver(job);
  }

  /** What waits for copies has them, what is somebody else's becomes this node's, and the reverse. */
  #changeRole(job: Job): void {
    const { roles, jobs } = this.broker;
    const isSpent = jobs.retrySeconds(job) === 0;
    if (jobs.state(job) === JobState.replicating) roles.replicated(job);
    else if (roles.isBorrowed(job)) {
      roles.adopt(job);
      jobs.setFlag(job, JobFlag.isAdopted, job % 2 === 0);
    } else if (roles.isCopy(job)) {
      if (!isSpent) roles.keep(job, this.clock.nowMs + (job % 2) * 1000, true);
    } else if (this.#isHere(job)) {
      jobs.setEpoch(job, jobs.epoch(job) + 1);
      roles.giveUp(job);
    }
  }

  #setList(job: Job, what: number): void {
    const { roles } = this.broker;
    const list = LISTS[what % LISTS.length] ?? [];
    if (!roles.isLent(job) && !roles.isBorrowed(job)) roles.setList(job, list);
  }
}
