/**
 * Some nodes with real brokers and real machines, joined by a network in memory with its own time.
 *
 * There is no membership here: who is alive, linked, leaving or gone is what the test says, so that a
 * test can bring a machine into any situation. Messages travel as bytes, in order; of what is on its
 * way over a link that is cut, control messages arrive after it is joined again and others are lost.
 */
import type { JobMessage } from "../../../../src/cluster/job-messages.ts";
import { busMessages } from "../../../../src/cluster/messages.ts";
import { Codec } from "../../../../src/cluster/wire/codec.ts";
import { WireReader } from "../../../../src/cluster/wire/wire-reader.ts";
import { WireWriter } from "../../../../src/cluster/wire/wire-writer.ts";
import { checkBroker } from "../../../../src/core/broker-check.ts";
import { Heap } from "../../../../src/util/heap.ts";
import { Xorshift } from "../../../../src/util/xorshift.ts";
import { FabricNode } from "./fabric-node.ts";
import type { FabricOptions } from "./fabric-options.ts";
import type { Pipe } from "./fabric-pipe.ts";

const codec = new Codec(busMessages);
const STEPS_MAX = 200_000;

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  heapIndex: number;
}

/** Nodes 0 to n - 1, all linked with all. */
export class Fabric {
  readonly random: Xorshift;
  readonly nodes: FabricNode[] = [];
  readonly options: FabricOptions;
  nowMs = 1000;
  /** Every message that was sent, as "0>1 store". */
  readonly sent: string[] = [];
  /** Who is told that another one does not get rid of what is sent to it, as "0>1". */
  readonly congested = new Set<string>();
  readonly #events = new Heap<Event>((a, b) => a.atMs - b.atMs || a.order - b.order);
  readonly #pipes = new Map<string, Pipe>();
  readonly #cut = new Set<string>();
  readonly #silent = new Set<string>();
  /** Who has not been linked with the new process of a node, as "0>1". */
  readonly #unmet = new Set<string>();
  #order = 0;

  constructor(count: number, options: FabricOptions = {}) {
    this.options = options;
    this.random = new Xorshift(options.seed ?? 1);
    while (this.nodes.length < count)
      this.nodes.push(new FabricNode(this, this.nodes.length, count));
    for (const node of this.nodes) node.start();
    this.run(20);
  }

  node(number: number): FabricNode {
    const node = this.nodes[number];
    if (node === undefined) throw new Error(`no node ${number}`);
    return node;
  }

  /** Nodes whose process runs. */
  get running(): FabricNode[] {
    return this.nodes.filter((node) => node.isRunning);
  }

  /** Queues a message; a bulk one is lost when the nodes are not linked. */
  send(from: FabricNode, to: FabricNode, message: JobMessage): void {
    const isControl = codec.laneOf(message) === "control";
    this.sent.push(`${from.number}>${to.number} ${message.type}`);
    if (!isControl && !this.isLinked(from.number, to.number)) return;
    const writer = new WireWriter();
    codec.encode(writer, message);
    const bytes = Buffer.from(writer.buffer.subarray(0, writer.length));
    const pipe = this.#pipe(from, to);
    pipe.messages.push({ bytes, isControl });
    this.#move(pipe);
  }

  /** How many messages of a type were sent since the last call of `sent.length = 0`. */
  count(type: string): number {
    return this.sent.filter((line) => line.endsWith(` ${type}`)).length;
  }

  isLinked(a: number, b: number): boolean {
    return this.node(a).isRunning && this.node(b).isRunning && !this.#cut.has(key(a, b));
  }

  /** The link of two nodes breaks: bulk messages on it are lost. */
  cut(a: number, b: number): void {
    if (this.#cut.has(key(a, b))) return;
    this.#cut.add(key(a, b));
    for (const pipe of this.#between(a, b)) {
      pipe.messages = pipe.messages.filter(({ isControl }) => isControl);
    }
    if (this.node(a).isRunning) this.node(a).linkDown(b);
    if (this.node(b).isRunning) this.node(b).linkDown(a);
  }

  /** The two are linked again. */
  join(a: number, b: number): void {
    if (!this.#cut.delete(key(a, b))) return;
    if (!this.isLinked(a, b)) return;
    this.#meet(this.node(a), this.node(b));
    this.#meet(this.node(b), this.node(a));
    for (const pipe of this.#between(a, b)) this.#move(pipe);
  }

  /** Every link between the two groups breaks. */
  split(left: readonly number[], right: readonly number[]): void {
    for (const a of left) for (const b of right) this.cut(a, b);
  }

  /** All nodes are linked, heard and believed alive again. */
  heal(): void {
    for (const pair of [...this.#cut]) {
      const [a = 0, b = 0] = pair.split("-").map(Number);
      this.join(a, b);
    }
    for (const pair of [...this.#silent]) {
      const [a = 0, b = 0] = pair.split(">").map(Number);
      this.endSilence(a, b);
    }
    for (const { number } of this.running) this.setLive(number, true);
  }

  /** Nothing that `a` sends arrives at `b` any more, though they are linked. */
  silence(a: number, b: number): void {
    this.#silent.add(`${a}>${b}`);
  }

  endSilence(a: number, b: number): void {
    this.#silent.delete(`${a}>${b}`);
    this.#move(this.#pipe(this.node(a), this.node(b)));
  }

  /** All that is on its way from `a` to `b` is dropped, with their link, and they are linked again. */
  breakStream(a: number, b: number): void {
    const [from, to] = [this.node(a), this.node(b)];
    this.#pipe(from, to).messages = [];
    from.jobs.streamBroken(from.indexOf(b));
    this.cut(a, b);
    this.join(a, b);
    to.jobs.answersLost(to.indexOf(a));
  }

  /** What waits for the process before of `b` is not for the one that is there now, which `a` hears of only now. */
  hearOfRestart(a: number, b: number): void {
    this.#pipe(this.node(a), this.node(b)).messages = [];
    this.node(a).restarted(b);
  }

  /** Everybody believes that the node is dead, or not any more. */
  setLive(number: number, isLive: boolean): void {
    for (const node of this.running) if (node.number !== number) node.setLive(number, isLive);
  }

  /** The process ends, without what it has logged if that is lost; others notice the end of links, not its death. */
  crash(number: number, isLogLost = false): void {
    this.node(number).stop(isLogLost);
    for (const pipe of this.#pipes.values()) {
      if (pipe.from.number === number) pipe.messages = [];
      else if (pipe.to.number === number) {
        pipe.messages = pipe.messages.filter(({ isControl }) => isControl);
      }
    }
    for (const node of this.running) node.linkDown(number);
  }

  /** A new process of that node, with nothing, or with its jobs, on which nobody counts if it may miss some. */
  restart(number: number, hasJobs = false, mayMiss = !hasJobs): void {
    if (this.node(number).isRunning) this.crash(number);
    // What waited for the old process is not for the new one.
    for (const pipe of this.#pipes.values()) if (pipe.to.number === number) pipe.messages = [];
    this.node(number).start(hasJobs, !mayMiss);
    for (const node of this.running) {
      if (node.number === number) continue;
      if (mayMiss) node.restarted(number);
      else this.#unmet.add(`${node.number}>${number}`);
      if (!this.isLinked(number, node.number)) continue;
      node.setLive(number, true);
      node.linkUp(number, this.#unmet.delete(`${node.number}>${number}`));
      this.node(number).linkUp(node.number);
    }
  }

  /** CLUSTER FORGET on all others; the node goes its own ways. */
  forget(number: number): void {
    this.node(number).stop();
    for (const pipe of this.#pipes.values()) {
      if (pipe.to.number === number || pipe.from.number === number) pipe.messages = [];
    }
    for (const node of this.running) node.removed(number);
  }

  after(ms: number, run: () => void): void {
    this.#events.push({ atMs: this.nowMs + ms, order: ++this.#order, run, heapIndex: -1 });
  }

  /** Lets time pass; all brokers must agree with themselves at the end. */
  run(ms: number): this {
    const untilMs = this.nowMs + ms;
    for (let steps = 0; ; steps++) {
      if (steps > STEPS_MAX) throw new Error("the nodes do not come to rest");
      const eventAtMs = this.#events.peek()?.atMs ?? Number.POSITIVE_INFINITY;
      const sleeper = this.#nextSleeper();
      const wakeAtMs = Math.max(sleeper?.wakeAtMs ?? Number.POSITIVE_INFINITY, this.nowMs);
      const atMs = Math.min(eventAtMs, wakeAtMs);
      if (atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, atMs);
      if (eventAtMs <= wakeAtMs) this.#events.pop()?.run();
      else sleeper?.turn();
    }
    this.nowMs = untilMs;
    for (const node of this.running) checkBroker(node.broker);
    return this;
  }

  /** Lets time pass until something holds, at most that long; returns how long it took, ms. */
  until(holds: () => boolean, withinMs: number): number {
    const startMs = this.nowMs;
    while (!holds()) {
      if (this.nowMs - startMs >= withinMs)
        throw new Error(`not so after ${withinMs} ms: ${holds}`);
      this.run(1);
    }
    return this.nowMs - startMs;
  }

  /** What the nodes have of a job: "0 own queued, 1 copy, 2 tombstone". */
  whereabouts(id: string): string {
    const having = this.running.filter((node) => node.roleOf(id) !== "");
    return having.map((node) => `${node.number} ${node.roleOf(id)}`).join(", ");
  }

  /** Records of any kind on all nodes. */
  get records(): number {
    return this.running.reduce((sum, { broker }) => sum + broker.jobs.count, 0);
  }

  #nextSleeper(): FabricNode | undefined {
    let next: FabricNode | undefined;
    for (const node of this.running) {
      if (node.wakeAtMs < (next?.wakeAtMs ?? Number.POSITIVE_INFINITY)) next = node;
    }
    return next;
  }

  /** What has waited for the process before is not for the new one. */
  #meet(node: FabricNode, other: FabricNode): void {
    const isReturned = this.#unmet.delete(`${node.number}>${other.number}`);
    if (isReturned) this.#pipe(node, other).messages = [];
    node.linkUp(other.number, isReturned);
  }

  #pipe(from: FabricNode, to: FabricNode): Pipe {
    const name = `${from.number}>${to.number}`;
    let pipe = this.#pipes.get(name);
    if (pipe === undefined) {
      pipe = { from, to, messages: [], isMoving: false };
      this.#pipes.set(name, pipe);
    }
    return pipe;
  }

  #between(a: number, b: number): Pipe[] {
    return [this.#pipe(this.node(a), this.node(b)), this.#pipe(this.node(b), this.node(a))];
  }

  #move(pipe: Pipe): void {
    if (pipe.isMoving || pipe.messages.length === 0) return;
    pipe.isMoving = true;
    this.after(1 + this.random.below(this.options.delayMsMax ?? 2), () => {
      pipe.isMoving = false;
      this.#deliver(pipe);
    });
  }

  #deliver(pipe: Pipe): void {
    const { from, to } = pipe;
    const isSilent = this.#silent.has(`${from.number}>${to.number}`);
    if (isSilent || !this.isLinked(from.number, to.number)) return;
    const next = pipe.messages.shift();
    this.#move(pipe);
    if (next === undefined) return;
    const message = codec.decode(new WireReader(next.bytes));
    if (message !== undefined) to.receive(from.number, message as JobMessage);
  }
}

function key(a: number, b: number): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}
