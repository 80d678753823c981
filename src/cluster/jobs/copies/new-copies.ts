/**
 * New copies: of a job just added, and of one that has lost some.
 *
 * ADDJOB is answered when as many nodes as asked for have said that they have stored the job. Nodes who
 * are slow, gone or unwilling are replaced at once, so that a client waits for the quick ones. With ASYNC
 * it does not wait, but the copies are looked after just the same; so are those that a repair makes. A
 * node that leaves keeps none itself: the job goes to as many others.
 *
 * The asking side; held-copies.ts is the other one. Answers are weighed in copying.ts, clients wait in
 * waiting-adds.ts.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, JobState } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { NewJob } from "../../../core/job-maker.ts";
import type { Queue } from "../../../core/queue.ts";
import type { MessageOf, Refusal } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsMachine, JobsMachines, JobsWorld } from "../jobs-world.ts";
import { IdUnpacker } from "../packing/packed-ids.ts";
import { reasonsByPosition } from "../refusals.ts";
import type { AddReceiver, AddWait } from "./add-receiver.ts";
import { ANY_NODE, CopyRetries } from "./copy-retries.ts";
import { Copying } from "./copying.ts";
import type { OpenRequests } from "./open-requests.ts";
import type { Replication } from "./replication.ts";
import type { StoreBatch } from "./store-batch.ts";
import { WaitingAdds } from "./waiting-adds.ts";

/** Whether there are enough nodes now is looked at this often. */
const SHORT_RETRY_MS = 500;
const NEVER = Number.POSITIVE_INFINITY;

/** Makes copies on other nodes. */
export class NewCopies implements JobsMachine {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #copying: Copying;
  readonly #adds: WaitingAdds;
  readonly #retries = new CopyRetries();
  #retryAtMs = NEVER;
  /** By node index. */
  readonly #isSlow: boolean[] = [];
  readonly #ids = new IdUnpacker();
  readonly #id = new Int32Array(JOB_ID_WORDS);

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#copying = new Copying(world, machines);
    this.#adds = new WaitingAdds(world, machines, this.#copying);
    this.#copying.completed = (replication) => this.#completed(replication);
    this.#copying.forgotten = (replication) => this.#adds.forgotten(replication);
  }

  /** Clients whose ADDJOB is not answered yet. */
  get waiting(): number {
    return this.#adds.count;
  }

  get nextWakeAtMs(): number {
    const { stores, strays, short } = this.#copying;
    const { nowMs } = this.#world.host;
    if (!strays.isSilent || !this.#retries.isIdle) return nowMs;
    const atMs = Math.min(this.#adds.nextWakeAtMs, stores.flushAtMs, stores.answerDueAtMs);
    if (short.size === 0) return atMs;
    return Math.min(atMs, this.#retryAtMs === NEVER ? nowMs : this.#retryAtMs);
  }

  tick(): void {
    const { stores, strays } = this.#copying;
    const { nowMs } = this.#world.host;
    this.#adds.tick();
    this.#replaceSilent(stores.becameSilent(nowMs));
    this.#tryShort(nowMs);
    this.#retries.proceed(this.#copying.replications, this.#retry);
    stores.flush();
    strays.say();
  }

  flushed(): void {
    const { stores } = this.#copying;
    for (const node of stores.nodes()) {
      for (const batch of stores.takeAll(node)) stores.release(batch);
    }
    this.#retries.clear();
    this.#adds.flushed();
    this.#copying.strays.clear();
  }

  peerUp(node: number): void {
    this.#forgetBatches(node);
    this.#setSlow(node, false);
    this.#retries.begin(node);
    this.#retries.begin(ANY_NODE);
  }

  peerDown(node: number): void {
    this.#retries.cancel(node);
    this.#forgetBatches(node);
  }

  peerRestarted(node: number): void {
    this.#copying.forget(node);
    this.#setSlow(node, false);
  }

  peerRemoved(node: number): void {
    this.#retries.cancel(node);
    this.#copying.forget(node);
    this.#adds.forget(node);
    this.#isSlow[node] = false;
  }

  /** All its copies are gone: what waits for more must not count on them. */
  peerFlushed(node: number): void {
    this.#copying.forgetCopies(node);
    // An answer that it owes may be among what it has forgotten.
    this.#copying.strays.repeat(node);
  }

  streamBroken(node: number): void {
    this.#forgetBatches(node);
    // Nothing is left that it could answer.
    this.#setSlow(node, false);
    if (this.#world.nodes.isLinked(node)) this.#retries.begin(node);
    this.#copying.strays.repeat(node);
  }

  /** Answers to requests go with their link. */
  answersLost(node: number): void {
    this.#copying.strays.repeat(node);
  }

  /** ADDJOB; see Jobs.addJob. */
  add(queue: Queue, source: Buffer, start: number, end: number, asked: NewJob, wait: AddWait): Job {
    const { broker } = this.#world;
    const { isLeaving } = broker;
    const replication = this.#copying.replications.take();
    const job = broker.addReplicating(queue, source, start, end, asked, replication.number);
    replication.begin(broker.jobs, job, isLeaving ? asked.replicate : asked.replicate - 1);
    replication.isNew = true;
    replication.isAccepted = wait.isAsync;
    replication.isExternal = isLeaving;
    replication.isWaiting = true;
    const isAlone = asked.replicate === 1;
    if (!isAlone) this.#copying.begin(replication);
    if (wait.isAsync) this.#answerAtOnce(replication);
    else {
      this.#adds.begin(replication, wait);
      if (isAlone) this.#adds.giveAway(replication);
    }
    return job;
  }

  /** The client of a replication is gone. */
  cancelAdd(receiver: AddReceiver): void {
    this.#adds.cancel(receiver);
  }

  /** The ADDJOB of a job that is replicating no more waits to hear that another node has it instead. */
  isAwaitedElsewhere(job: Job): boolean {
    return this.#adds.isAwaitedElsewhere(job);
  }

  /** DELJOB of a job whose ADDJOB waits. */
  deleted(job: Job): true {
    this.#world.broker.lifecycle.noteEnded(job, "deleted");
    this.#adds.deleted(job);
    return true;
  }

  /** A replicating job is about to be forgotten or acknowledged; only takes notes. */
  replicationEnded(job: Job): void {
    this.#adds.jobEnded(job);
  }

  makeCopies(job: Job, count: number, done?: () => void): number {
    const { jobs, roles } = this.#world.broker;
    if (!roles.isOwn(job) || jobs.state(job) === JobState.replicating || count <= 0) return 0;
    const replication = this.#copying.replications.take();
    replication.begin(jobs, job, count);
    this.#copying.fill(replication);
    if (replication.job !== job) return 0;
    replication.done = done;
    return replication.awaitedCount;
  }

  dropCopies(job: Job, nodes: readonly number[], canWait: boolean): void {
    const { strays } = this.#copying;
    for (const node of nodes) {
      const isOther = node !== OWN_INDEX && node < LOAN;
      if (isOther && !(canWait && strays.told.isFull(node))) strays.drop(job, node);
    }
  }

  get requests(): OpenRequests {
    return this.#copying.requests;
  }

  /** An answer to `store`, or to `drop`. */
  received(node: number, message: MessageOf<"stored" | "dropped" | "held">): void {
    this.#setSlow(node, false);
    if (message.type === "stored") {
      this.#answered(node, message.batch, message.refusals);
      return;
    }
    const { strays } = this.#copying;
    this.#ids.start(message.ids);
    while (this.#ids.next()) strays[message.type](node, this.#ids.id);
    if (this.#ids.isDamaged) this.#world.log("warning", "damaged list of dropped jobs", { node });
  }

  /** The job is complete for its client; the copies come later. */
  #answerAtOnce(replication: Replication): void {
    const { job } = replication;
    const { short } = this.#copying;
    replication.isWaiting = false;
    short.remove(replication);
    this.#world.broker.roles.replicated(job);
    if (replication.lacking > 0) this.#machines.examine(job);
    if (replication.awaitedCount === 0) this.#copying.release(replication);
  }

  #completed(replication: Replication): void {
    const { job, isExternal } = replication;
    if (replication.isWaiting) this.#adds.completed(replication);
    // It is on as many others as it should be: the sweep sees that a node that leaves, this or another one, need not keep it.
    const { nodes, broker } = this.#world;
    const isLeft =
      isExternal || broker.roles.list(job).some((node) => nodes.isLeaving(node % LOAN));
    if (isLeft) this.#machines.examine(job);
  }

  #answered(node: number, number: number, refusals: readonly Refusal[]): void {
    const { stores } = this.#copying;
    if (!stores.isAwaited(node, number)) return;
    for (;;) {
      const batch = stores.shift(node);
      if (batch === undefined) return;
      if (batch.number === number) {
        this.#settle(node, batch, refusals);
        stores.release(batch);
        return;
      }
      this.#copying.lost(node, [batch]);
    }
  }

  #settle(node: number, batch: StoreBatch, refusals: readonly Refusal[]): void {
    const copying = this.#copying;
    const reasons = reasonsByPosition(batch.count, refusals);
    for (let position = 0; position < batch.count; position++) {
      const replication = batch.find(position, copying.replications);
      const reason = reasons[position];
      if (replication !== undefined) {
        if (reason === undefined) copying.stored(replication, node);
        else copying.refused(replication, node, reason === "acked");
        continue;
      }
      batch.readId(position, this.#id);
      copying.strays.asked.remove(this.#id, node);
      if (reason === undefined) copying.strays.stored(node, this.#id);
      else if (reason !== "acked") copying.strays.dropped(node, this.#id);
    }
  }

  /** Peers that let time pass come last in every choice, until they answer anything. */
  #replaceSilent(nodes: readonly number[]): void {
    // All of them first, so that none is replaced by another one.
    for (const node of nodes) this.#setSlow(node, true);
    for (const node of nodes) this.#copying.silent(node, this.#copying.stores.late(node));
  }

  #setSlow(node: number, isSlow: boolean): void {
    if ((this.#isSlow[node] ?? false) === isSlow) return;
    this.#isSlow[node] = isSlow;
    this.#world.setSlow(node, isSlow);
    const message = isSlow ? "a peer leaves requests for copies unanswered" : "a slow peer answers";
    this.#world.log("verbose", message, { node: this.#world.nodes.id(node) });
  }

  readonly #retry = (replication: Replication, node: number): void => {
    if (node === ANY_NODE) this.#copying.fillShort(replication);
    else this.#copying.askAgain(replication, node);
  };

  #tryShort(nowMs: number): void {
    if (this.#copying.short.size === 0) this.#retryAtMs = NEVER;
    else if (this.#retryAtMs === NEVER) this.#retryAtMs = nowMs + SHORT_RETRY_MS;
    else if (this.#retryAtMs <= nowMs) {
      if (!this.#retries.isUnderWay(ANY_NODE)) this.#retries.begin(ANY_NODE);
      this.#retryAtMs = nowMs + SHORT_RETRY_MS;
    }
  }

  #forgetBatches(node: number): void {
    this.#copying.lost(node, this.#copying.stores.takeAll(node));
  }
}
