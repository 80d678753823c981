/**
 * Nodes of which only the collectors are real: what else there is of a job is put there by the test.
 *
 * The whole fabric would make copies and take them over as well; here a job has exactly the holders
 * and the lists that a test gives it, right or wrong, and nothing moves but acknowledgements.
 */
import type { JobMessage } from "../../../../src/cluster/job-messages.ts";
import { checkBroker } from "../../../../src/core/broker-check.ts";
import { type Job, NO_JOB } from "../../../../src/core/job.ts";
import { JOB_ID_WORDS } from "../../../../src/core/job-id.ts";
import { Xorshift } from "../../../../src/util/xorshift.ts";
import { DELAY_MS, TombstoneNode } from "./tombstone-node.ts";

const STEPS_MAX = 100_000;
const BULK = new Set<string>(["finish"]);

interface Post {
  readonly from: number;
  readonly to: number;
  readonly message: JobMessage;
  atMs: number;
}

/** Nodes 0 to n - 1, all linked with all. */
export class TombstoneCluster {
  readonly count: number;
  nowMs = 1000;
  /** Every message about jobs, as "0>1 ack". */
  sent: string[] = [];
  /** Bytes of exceptions in all answers. */
  exceptionBytes = 0;
  readonly #nodes: TombstoneNode[] = [];
  readonly #gone = new Set<number>();
  readonly #cut = new Set<string>();
  #posts: Post[] = [];
  readonly #random: Xorshift;

  constructor(count: number, seed = 1) {
    this.count = count;
    this.#random = new Xorshift(seed);
    for (let n = 0; n < count; n++) this.#nodes.push(new TombstoneNode(this, n, this.#gone));
  }

  node(number: number): TombstoneNode {
    const node = this.#nodes[number];
    if (node === undefined) throw new Error(`no node ${number}`);
    return node;
  }

  /** Records on all nodes that were not removed. */
  get records(): number {
    return this.#present().reduce((sum, n) => sum + this.node(n).broker.jobs.count, 0);
  }

  /** A new id with these hints; delivered at least once. */
  newId(replicate: number, origin = 0): Int32Array {
    const { nodes } = this.node(0).view;
    const id = Int32Array.from({ length: JOB_ID_WORDS }, () => this.#random.word() | 0);
    id[0] = Number.parseInt(nodes.id(this.node(0).view.indexOf(origin)).slice(0, 8), 16) | 0;
    const { hint } = this.node(0).view;
    id[4] = ((id[4] as number) & ~0x3) | (hint >>> 10);
    id[5] = ((((hint & 0x3ff) << 6) | replicate) << 16) | 61;
    return id;
  }

  /** Where the ring would put the copies of a job, the origin first. */
  predicted(id: Int32Array, origin: number, copies: number): number[] {
    const { view } = this.node(origin);
    const out = new Int32Array(this.count);
    const found = view.placement.newHolders(id, 0, copies, out);
    return [...out.subarray(0, found)].map((index) => view.numberOf(index));
  }

  /** Puts a job onto a node, who believes that these nodes have copies, the first one its keeper. */
  put(number: number, id: Int32Array, list: readonly number[]): Job {
    const { broker, view } = this.node(number);
    const told = {
      ...plainJob,
      id,
      queueNumber: broker.queues.entry(QUEUE, 0, 1).number,
      expiresAtMs: this.nowMs + 3_600_000,
    };
    const job = broker.addTold(told, QUEUE, 0, 1);
    if (list[0] === number) broker.roles.beginOwn(job, this.nowMs);
    else if (list.includes(number)) broker.roles.beginCopy(job);
    else broker.roles.beginBorrowed(job);
    broker.roles.setList(
      job,
      list.map((other) => view.indexOf(other)),
    );
    return job;
  }

  /** ACKJOB, as Jobs does it; not the end of a turn. */
  ack(number: number, id: Int32Array): void {
    const { broker, collector } = this.node(number);
    const job = broker.find(id);
    if (job === NO_JOB) collector.ackUnknown(id);
    else if (!broker.roles.isAcked(job)) collector.ack(job);
  }

  /** "copy", "tombstone", "dummy" or "". */
  whatHas(number: number, id: Int32Array): string {
    const { broker } = this.node(number);
    const job = broker.find(id);
    if (job === NO_JOB) return "";
    if (!broker.roles.isAcked(job)) return "copy";
    return broker.roles.isDummy(job) ? "dummy" : "tombstone";
  }

  /** What all nodes have: "tombstone,,dummy". */
  whereabouts(id: Int32Array): string {
    return this.#present()
      .map((n) => this.whatHas(n, id))
      .join();
  }

  send(from: number, to: number, message: JobMessage): void {
    this.sent.push(`${from}>${to} ${message.type}`);
    if (message.type === "acked") this.exceptionBytes += message.exceptions.length;
    if (this.#gone.has(to) || (BULK.has(message.type) && this.#isCut(from, to))) return;
    this.#posts.push({ from, to, message, atMs: this.nowMs + DELAY_MS });
  }

  /** The link breaks: what was said last is lost as far as it may be. */
  cut(a: number, b: number): void {
    this.#cut.add(key(a, b));
    this.#posts = this.#posts.filter(
      (post) => key(post.from, post.to) !== key(a, b) || !BULK.has(post.message.type),
    );
    this.#setLinked(a, b, false);
  }

  join(a: number, b: number): void {
    if (!this.#cut.delete(key(a, b))) return;
    for (const post of this.#posts) post.atMs = Math.max(post.atMs, this.nowMs + DELAY_MS);
    this.#setLinked(a, b, true);
  }

  /** A node cannot be reached by anybody. */
  isolate(number: number): void {
    for (const other of this.#present()) if (other !== number) this.cut(number, other);
  }

  heal(): void {
    for (const pair of [...this.#cut]) {
      const [a = 0, b = 0] = pair.split("-").map(Number);
      this.join(a, b);
    }
  }

  /** All that is on its way from one node to another is dropped, and the sender is told. */
  breakStream(from: number, to: number): void {
    this.#posts = this.#posts.filter((post) => post.from !== from || post.to !== to);
    const { collector, view } = this.node(from);
    collector.streamBroken(view.indexOf(to));
  }

  /** A new process, which remembers nothing. */
  restart(number: number): void {
    this.#posts = this.#posts.filter(({ from, to }) => from !== number && to !== number);
    this.#nodes[number] = new TombstoneNode(this, number, this.#gone);
    for (const other of this.#present()) {
      if (this.#cut.has(key(number, other))) this.#setLinked(number, other, false);
      if (other !== number) this.#void(other, number, "peerRestarted");
    }
  }

  /** CLUSTER FORGET on all others. */
  remove(number: number): void {
    this.#gone.add(number);
    this.#posts = this.#posts.filter(({ from, to }) => from !== number && to !== number);
    for (const other of this.#present()) this.#void(other, number, "peerRemoved");
  }

  /** Lets time pass; all brokers must agree with themselves at the end. */
  run(ms: number): this {
    const untilMs = this.nowMs + ms;
    for (let step = 0; ; step++) {
      if (step > STEPS_MAX) throw new Error("the nodes do not come to rest");
      this.#turns();
      const atMs = Math.min(this.#nextPostAtMs(), this.nextWakeAtMs, this.#brokersWakeAtMs());
      if (atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, atMs);
      this.#deliver();
    }
    this.nowMs = untilMs;
    for (const number of this.#present()) checkBroker(this.node(number).broker);
    return this;
  }

  /** When a collector has something to do. */
  get nextWakeAtMs(): number {
    return Math.min(...this.#present().map((n) => this.node(n).collector.nextWakeAtMs));
  }

  #brokersWakeAtMs(): number {
    return Math.min(...this.#present().map((n) => this.node(n).broker.nextWakeAtMs));
  }

  #turns(): void {
    for (const number of this.#present()) {
      const { broker, collector } = this.node(number);
      broker.tick();
      collector.tick();
      if (collector.nextWakeAtMs <= this.nowMs) throw new Error("the turn did not do what was due");
    }
  }

  #deliver(): void {
    const due = this.#posts.filter((post) => this.#isMoving(post) && post.atMs <= this.nowMs);
    this.#posts = this.#posts.filter((post) => !due.includes(post));
    for (const { from, to, message } of due) {
      const isForUs =
        message.type === "ack" || message.type === "acked" || message.type === "finish";
      if (!isForUs) throw new Error(`unexpected: ${message.type}`);
      const { collector, view } = this.node(to);
      collector.received(view.indexOf(from), message);
    }
  }

  #nextPostAtMs(): number {
    const moments = this.#posts.filter((post) => this.#isMoving(post)).map(({ atMs }) => atMs);
    return Math.min(Number.POSITIVE_INFINITY, ...moments);
  }

  #isMoving(post: Post): boolean {
    return !this.#isCut(post.from, post.to);
  }

  #isCut(a: number, b: number): boolean {
    return this.#cut.has(key(a, b));
  }

  #present(): number[] {
    return [...this.#nodes.keys()].filter((number) => !this.#gone.has(number));
  }

  #setLinked(a: number, b: number, isLinked: boolean): void {
    for (const [own, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const { view } = this.node(own);
      if (isLinked) view.down.delete(other);
      else view.down.add(other);
      view.refresh();
    }
  }

  #void(own: number, other: number, event: "peerRestarted" | "peerRemoved"): void {
    const { broker, collector, view } = this.node(own);
    broker.holders.void(view.indexOf(other));
    view.refresh();
    collector[event](view.indexOf(other));
  }
}

const QUEUE = Buffer.from("q", "latin1");
const plainJob = {
  replicate: 3,
  delaySeconds: 0,
  retrySeconds: 30,
  ttlSeconds: 3600,
  createdMs: 0,
  createdCounter: 0,
  epoch: 0,
  nacks: 0,
  additionalDeliveries: 0,
  wasQueued: false,
  wasDelivered: false,
};

function key(a: number, b: number): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}
