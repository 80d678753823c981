/**
 * A node of the fabric: a broker, the machines around it, and what its clients do.
 *
 * Every call of a client or of the network is a turn of its own. A node that is started again has
 * forgotten everything but who was said to be leaving or removed, and its jobs, if it keeps them.
 */
import type { JobMessage } from "../../../../src/cluster/job-messages.ts";
import { Jobs } from "../../../../src/cluster/jobs/jobs.ts";
import type { JobsWorld } from "../../../../src/cluster/jobs/jobs-world.ts";
import { Broker } from "../../../../src/core/broker.ts";
import { LOAN } from "../../../../src/core/holder-sets.ts";
import { type Job, JobState } from "../../../../src/core/job.ts";
import { JOB_ID_CHARS } from "../../../../src/core/job-id.ts";
import type { Queue } from "../../../../src/core/queue.ts";
import { words } from "../../../support/id-words.ts";
import { MemoryLog } from "../../../support/memory-log.ts";
import type { Fabric } from "./fabric.ts";
import { type Added, type Asked, addJob } from "./fabric-add.ts";
import { FabricHost } from "./fabric-host.ts";
import { describeRole } from "./fabric-role.ts";
import { FabricView, idOf } from "./fabric-view.ts";

/** One node and its processes, one after the other. */
export class FabricNode {
  readonly number: number;
  readonly id: string;
  isRunning = true;
  /** It stands still: what it hears until it goes on it hears in one turn. */
  isStill = false;
  /** What consumers here were given, in order. */
  readonly delivered: string[] = [];
  readonly #fabric: Fabric;
  readonly #count: number;
  readonly #leaving = new Set<number>();
  readonly #removed = new Set<number>();
  #broker: Broker | undefined;
  #log = new MemoryLog();
  #jobs: Jobs | undefined;
  #view: FabricView;
  #heardAtMs = new Map<number, number>();
  /** Outlives the process. */
  #untold: Pick<Jobs, "isUntold" | "untoldIds"> = { isUntold: false, untoldIds: [] };

  constructor(fabric: Fabric, number: number, count: number) {
    this.#fabric = fabric;
    this.number = number;
    this.id = idOf(number);
    this.#count = count;
    this.#view = this.#newView();
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error(`node ${this.number} does not run`);
    return this.#broker;
  }

  get jobs(): Jobs {
    if (this.#jobs === undefined) throw new Error(`node ${this.number} does not run`);
    return this.#jobs;
  }

  get wakeAtMs(): number {
    if (this.isStill) return Number.POSITIVE_INFINITY;
    return Math.min(this.broker.nextWakeAtMs, this.jobs.nextWakeAtMs);
  }

  /** This node's index of another one. */
  indexOf(number: number): number {
    return this.#view.indexOf(number);
  }

  /** `hasJobs`: those of the process before; `isWhole`: as far as it knows, with all that was said of them. */
  start(hasJobs = false, isWhole = true): void {
    const fabric = this.#fabric;
    const host = new FabricHost(fabric, fabric.random.word());
    const maxMemoryBytes = fabric.options.maxMemoryBytes ?? 0;
    const broker = new Broker(host, { nodeId: this.id, maxMemoryBytes });
    broker.isLeaving = this.#leaving.has(this.number);
    this.#view = this.#newView();
    const view = this.#view;
    for (const { number, isRunning } of fabric.nodes) {
      this.#heardAtMs.set(number, fabric.nowMs);
      if (number !== this.number && !isRunning) view.down.add(number);
    }
    const world: JobsWorld = {
      host,
      broker,
      nodes: view.nodes,
      placement: view.placement,
      lookup: view.lookup,
      tell: (node, message) => this.#tell(node, message),
      isCongested: (node) => fabric.congested.has(`${this.number}>${view.numberOf(node)}`),
      roundTripMs: () => 3,
      setSlow: (node, isSlow) => this.#setSlow(node, isSlow),
      untoldChanged: () => {
        const { isUntold, untoldIds } = this.jobs;
        this.#untold = { isUntold, untoldIds };
      },
      isSlow: (node) => view.slow.has(view.numberOf(node)),
      heardAtMs: (node) => this.#heardAt(view.numberOf(node)),
      nodeTimeoutMs: fabric.options.nodeTimeoutMs ?? 5000,
      repairDelayMs: fabric.options.repairDelayMs ?? 60_000,
      log: () => {},
    };
    this.isRunning = true;
    this.#broker = broker;
    this.#refresh();
    this.#jobs = new Jobs(world, {
      sizeForDefault: fabric.nodes.length - this.#removed.size,
      reachableCount: fabric.nodes.length - 1,
    });
    if (!hasJobs) this.#log = new MemoryLog();
    const names = {
      id: (index: number) => view.nodes.id(index),
      index: (id: string) => view.nodes.findId(id),
    };
    if (fabric.options.hasLogs) this.#log.begin({ broker, host, nodes: names });
    if (hasJobs) this.jobs.resume(isWhole && !this.#untold.isUntold, this.#untold.untoldIds);
    for (const other of fabric.nodes) {
      if (other !== this && fabric.isLinked(this.number, other.number)) {
        this.jobs.peerUp(this.indexOf(other.number));
      }
    }
  }

  stop(isLogLost = false): void {
    this.isRunning = false;
    if (this.#fabric.options.hasLogs && !isLogLost) this.#log.persist();
    this.#broker = undefined;
    this.#jobs = undefined;
  }

  /** The end of a turn. */
  turn(): void {
    if (this.isStill) return;
    this.broker.tick();
    this.jobs.tick();
  }

  receive(from: number, message: JobMessage): void {
    if (!this.isRunning || this.#removed.has(from)) return;
    this.#heardAtMs.set(from, this.#fabric.nowMs);
    this.jobs.received(this.indexOf(from), message);
    this.turn();
  }

  /** `isReturned`: it is a new process, which has its jobs still. */
  linkUp(other: number, isReturned = false): void {
    if (this.#removed.has(other)) return;
    this.#view.down.delete(other);
    this.#heardAtMs.set(other, this.#fabric.nowMs);
    this.#refresh();
    if (isReturned) this.jobs.peerReturned(this.indexOf(other));
    this.jobs.peerUp(this.indexOf(other));
    this.turn();
  }

  linkDown(other: number): void {
    if (this.#removed.has(other)) return;
    this.#heardAtMs.set(other, this.#fabric.nowMs);
    this.#view.down.add(other);
    this.#refresh();
    this.jobs.peerDown(this.indexOf(other));
    this.turn();
  }

  /** This node believes another one dead, or not any more. */
  setLive(other: number, isLive: boolean): void {
    if (other === this.number || this.#removed.has(other)) return;
    if (isLive) this.#view.dead.delete(other);
    else this.#view.dead.add(other);
    this.#refresh();
    this.jobs.examineAll();
    this.turn();
  }

  restarted(other: number): void {
    if (!this.#removed.has(other)) this.jobs.peerRestarted(this.indexOf(other));
  }

  removed(other: number): void {
    this.#removed.add(other);
    if (!this.isRunning) return;
    this.#refresh();
    this.jobs.peerRemoved(this.indexOf(other), idOf(other));
    this.turn();
  }

  /** A node that was removed, or never known, is a member from now on. */
  introduced(other: number): void {
    this.#removed.delete(other);
    this.linkUp(other);
  }

  /** CLUSTER LEAVING, and everybody knows. */
  setLeaving(isLeaving: boolean): void {
    this.broker.isLeaving = isLeaving;
    for (const node of this.#fabric.running) node.#hearsOfLeaving(this.number, isLeaving);
  }

  /** ADDJOB; defaults: queue "q", one copy, RETRY 30, TTL 3600, no timeout. */
  add(asked: Asked = {}): Added {
    const added = addJob(this.jobs, this.queue(asked.queue), asked, this.#fabric.nowMs);
    added.id = this.idOf(added.job);
    if (this.broker.jobs.state(added.job) !== JobState.replicating) added.outcome = "added";
    this.turn();
    return added;
  }

  /** GETJOB: what it is given comes to `delivered`; it waits for ever unless told how long. */
  take(queue = "q", count = 1, timeoutMs = Number.POSITIVE_INFINITY): void {
    const { serving } = this.broker;
    const queues = [this.queue(queue)];
    const taken: Job[] = [];
    serving.visit(queues);
    serving.take(queues, count, taken);
    const note = (jobs: readonly Job[]) => {
      for (const job of jobs) this.delivered.push(this.idOf(job));
    };
    note(taken);
    if (taken.length === 0 && timeoutMs === 0) this.jobs.polled(queues, count);
    else if (taken.length === 0) {
      serving.wait(queues, count, this.#fabric.nowMs + timeoutMs, {
        jobsArrived: note,
        waitEnded: () => {},
      });
    }
    this.turn();
  }

  /** ACKJOB. */
  ack(id: string): boolean {
    const answer = this.jobs.ack(words(id));
    this.turn();
    return answer;
  }

  find(id: string): Job {
    return this.broker.find(words(id));
  }

  idOf(job: Job): string {
    const bytes = Buffer.alloc(JOB_ID_CHARS);
    this.broker.jobs.copyId(job, bytes, 0);
    return bytes.toString("latin1");
  }

  queue(name = "q"): Queue {
    const bytes = Buffer.from(name, "latin1");
    return this.broker.queues.entry(bytes, 0, bytes.length);
  }

  /** "own queued", "copy", "borrowed active", "tombstone", "dummy", or "". */
  roleOf(id: string): string {
    return describeRole(this.broker, this.find(id));
  }

  /** Numbers of the nodes in the job's list, keeper first. */
  listOf(id: string): number[] {
    const job = this.find(id);
    return this.broker.roles.list(job).map((node) => this.#view.numberOf(node % LOAN));
  }

  #hearsOfLeaving(other: number, isLeaving: boolean): void {
    if (isLeaving) this.#leaving.add(other);
    else this.#leaving.delete(other);
    this.#refresh();
    this.jobs.examineAll();
    this.turn();
  }

  #newView(): FabricView {
    return new FabricView(this.number, this.#count, this.#leaving, this.#removed);
  }

  #heardAt(other: number): number {
    const { nowMs } = this.#fabric;
    if (!this.#view.down.has(other) && this.#fabric.isLinked(this.number, other)) return nowMs;
    return this.#heardAtMs.get(other) ?? nowMs;
  }

  #setSlow(node: number, isSlow: boolean): void {
    const other = this.#view.numberOf(node);
    if (isSlow) this.#view.slow.add(other);
    else this.#view.slow.delete(other);
    this.#refresh();
  }

  #tell(node: number, message: JobMessage): void {
    if (node >= LOAN) throw new Error(`a ${message.type} for no node, but for a loan`);
    const other = this.#view.numberOf(node);
    if (other < 0 || other >= this.#fabric.nodes.length || this.#removed.has(other)) return;
    this.#fabric.send(this, this.#fabric.node(other), message);
  }

  #refresh(): void {
    this.#view.refresh();
    if (this.#broker !== undefined) this.#broker.viewHint = this.#view.hint;
  }
}
