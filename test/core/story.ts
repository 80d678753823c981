/**
 * A node to tell stories with: short requests, virtual time, and every checker watching.
 *
 * The requests are those of the simulation's node, so whatever a story does is also compared with
 * the naive broker and recounted. `turn()` ends a turn at the present moment; `pass(ms)` lets time go
 * by as it does for a real node, from one moment it asked to be woken at to the next.
 */
import assert from "node:assert/strict";
import type { Broker } from "../../src/core/broker.ts";
import { checkBroker } from "../../src/core/broker-check.ts";
import type { Job } from "../../src/core/job.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { SimConnection } from "../sim/connection.ts";
import { type Delivery, History, type ShownJob, type ShownQueue } from "../sim/history.ts";
import { ModelChecker } from "../sim/model-checker.ts";
import { SimNode } from "../sim/node.ts";
import { jobPromises } from "../sim/promises.ts";
import { snapshotOf } from "../sim/snapshot.ts";
import "../support/small-pages.ts";

/** What a story may say about a new job; times in seconds. */
export interface Asked {
  readonly delay?: number;
  readonly retry?: number;
  readonly ttl?: number;
  readonly body?: string;
}

/** A client that asked for jobs. */
export class Asker {
  readonly connection: SimConnection;
  /** What it was answered; undefined: it still waits. */
  jobs: readonly Delivery[] | undefined;

  constructor(name: string) {
    this.connection = new SimConnection(name, (jobs) => {
      this.jobs = jobs;
    });
  }

  /** Ids of what it was answered; undefined: it still waits. */
  get ids(): string[] | undefined {
    return this.jobs?.map((job) => job.id);
  }
}

/** One node and its clients. */
export class Story {
  readonly node: SimNode;
  readonly history: History;
  #askers = 0;
  #freeSinceMs: number;

  constructor(maxMemoryBytes = 0) {
    this.history = new History([...jobPromises(), new ModelChecker()]);
    this.node = new SimNode(new Xorshift(1), this.history, maxMemoryBytes);
    this.#freeSinceMs = this.nowMs;
    this.#beginTurn();
  }

  get broker(): Broker {
    return this.node.broker;
  }

  get nowMs(): number {
    return this.node.host.nowMs;
  }

  /** ADDJOB; a refused one gives no id. */
  tryAdd(queue: string, asked: Asked = {}): string | undefined {
    return this.node.add({
      queue,
      body: asked.body ?? "body",
      delaySeconds: asked.delay ?? 0,
      retrySeconds: asked.retry ?? 300,
      ttlSeconds: asked.ttl ?? 86_400,
    });
  }

  /** ADDJOB that must be accepted. */
  add(queue: string, asked: Asked = {}): string {
    const id = this.tryAdd(queue, asked);
    assert.ok(id !== undefined, "the job is accepted");
    return id;
  }

  /** GETJOB NOHANG, answered at once. */
  get(queues: string | string[], count = 1): Delivery[] {
    const asker = new Asker(`asker-${++this.#askers}`);
    const names = typeof queues === "string" ? [queues] : queues;
    this.node.ask(asker.connection, { queues: names, count, isNoHang: true, timeoutMs: 0 });
    this.#answer(asker);
    return [...(asker.jobs ?? [])];
  }

  /** Ids of what GETJOB NOHANG gives. */
  getIds(queues: string | string[], count = 1): string[] {
    return this.get(queues, count).map((job) => job.id);
  }

  /** GETJOB that waits when there is nothing; its answer leaves at the end of the turn. */
  ask(queues: string | string[], count = 1, timeoutMs = 0): Asker {
    const asker = new Asker(`asker-${++this.#askers}`);
    const names = typeof queues === "string" ? [queues] : queues;
    this.node.ask(asker.connection, { queues: names, count, isNoHang: false, timeoutMs });
    return asker;
  }

  /** The client's connection is closed; its answer, if any, was in the socket or not. */
  leave(asker: Asker, wasHanded = false): void {
    if (wasHanded) this.node.hand(asker.connection);
    this.node.close(asker.connection);
  }

  /** Ends the turn and begins the next one at the same moment; answers reach their clients. */
  turn(sendsAnswers = true): void {
    this.node.tick();
    const dirty = this.node.dirty;
    if (sendsAnswers) {
      this.node.dirty = [];
      for (const { reply, name } of dirty) assert.ok(reply, `${name} has an answer`);
      for (const connection of dirty) this.node.written(connection);
    }
    this.check();
    this.#freeSinceMs = this.nowMs;
    this.#beginTurn();
  }

  /** Lets time go by, with a turn whenever the node asked for one. */
  pass(ms: number): void {
    this.turn();
    const endMs = this.nowMs + ms;
    while (this.broker.nextWakeAtMs < endMs) this.#turnAt(this.broker.nextWakeAtMs);
    this.#turnAt(endMs);
  }

  /** Time goes by while the node can not take a turn: what is due waits for the next one. */
  stall(ms: number): void {
    this.node.host.nowMs += ms;
    this.node.host.wallMs += ms;
    this.#freeSinceMs = this.nowMs;
    this.#beginTurn();
  }

  /** Recounts everything and compares it with the naive broker. */
  check(): void {
    checkBroker(this.broker);
    this.history.emit({ type: "audit", atMs: this.nowMs, snapshot: snapshotOf(this.node) });
  }

  /** The handle of a job that is known. */
  job(id: string): Job {
    return this.node.find(id);
  }

  /** What SHOW tells. */
  show(id: string): ShownJob {
    const shown = snapshotOf(this.node).jobs.get(id);
    assert.ok(shown !== undefined, "the job is known");
    return shown;
  }

  knows(id: string): boolean {
    return snapshotOf(this.node).jobs.has(id);
  }

  /** What QSTAT tells; undefined: nothing. */
  queue(name: string): ShownQueue | undefined {
    return snapshotOf(this.node).queues.get(name);
  }

  length(name: string): number {
    return this.queue(name)?.length ?? 0;
  }

  #answer(asker: Asker): void {
    this.node.dirty = this.node.dirty.filter((connection) => connection !== asker.connection);
    this.node.written(asker.connection);
  }

  #turnAt(atMs: number): void {
    const passedMs = Math.max(0, atMs - this.nowMs);
    this.node.host.nowMs += passedMs;
    this.node.host.wallMs += passedMs;
    this.#beginTurn();
    this.turn();
  }

  #beginTurn(): void {
    const freeSinceMs = this.#freeSinceMs;
    this.history.emit({ type: "turn", atMs: this.nowMs, freeSinceMs, isOwnWish: false });
  }
}
