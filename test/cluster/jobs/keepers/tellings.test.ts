/** How nodes are told all that this one has: in turns, at a rate, with signs of life. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobMessage } from "../../../../src/cluster/job-messages.ts";
import type { JobsWorld } from "../../../../src/cluster/jobs/jobs-world.ts";
import { Tellings } from "../../../../src/cluster/jobs/keepers/tellings.ts";
import { Broker } from "../../../../src/core/broker.ts";
import { FakeHost } from "../../../support/fake-host.ts";

const NODE_ID = "1".repeat(40);
const JOBS_PER_SECOND = 10;

/** A node with so many jobs, and what it says to whom. */
class Teller {
  readonly host = new FakeHost(1, {});
  readonly broker = new Broker(this.host, { nodeId: NODE_ID, maxMemoryBytes: 0 });
  readonly congested = new Set<number>();
  readonly shown = new Map<number, number>();
  readonly told: string[] = [];
  readonly tellings: Tellings;

  constructor(jobs: number) {
    const queue = this.broker.queues.entry(Buffer.from("q"), 0, 1);
    const asked = { replicate: 1, delaySeconds: 0, retrySeconds: 30, ttlSeconds: 3600 };
    for (let i = 0; i < jobs; i++) this.broker.addJob(queue, Buffer.from("body"), 0, 4, asked);
    const world = {
      host: this.host,
      broker: this.broker,
      nodeTimeoutMs: 15_000,
      isCongested: (node: number) => this.congested.has(node),
      tell: (node: number, { type }: JobMessage) => this.told.push(`${node} ${type}`),
    } as unknown as JobsWorld;
    const showTo = (_job: number, node: number) =>
      this.shown.set(node, (this.shown.get(node) ?? 0) + 1);
    this.tellings = new Tellings(world, { showTo }, JOBS_PER_SECOND);
  }

  /** Takes turns when it wants to, for so long. */
  run(ms: number): void {
    const untilMs = this.host.nowMs + ms;
    for (;;) {
      const atMs = Math.max(this.tellings.nextWakeAtMs, this.host.nowMs);
      if (atMs > untilMs) break;
      this.host.nowMs = atMs;
      this.tellings.sayOn(() => {});
      this.tellings.proceed();
    }
    this.host.nowMs = untilMs;
  }
}

test("all nodes together are told so many jobs a second, one node after the other", () => {
  const teller = new Teller(40);
  for (const node of [1, 2]) teller.tellings.begin(node);
  teller.run(3500);
  assert.ok(teller.tellings.isDone(1));
  assert.ok(teller.tellings.isUnderWay(2));
  assert.ok((teller.shown.get(2) ?? 0) < 10);
  teller.run(4500);
  assert.ok(teller.tellings.isDone(2));
  assert.deepEqual([...teller.shown.values()], [40, 40]);
});

test("one that does not get rid of what it was sent goes on where it was, the others before it", () => {
  const teller = new Teller(40);
  for (const node of [1, 2]) teller.tellings.begin(node);
  teller.run(1000);
  teller.congested.add(1);
  teller.run(5000);
  assert.ok(teller.tellings.isDone(2));
  assert.ok(teller.tellings.isUnderWay(1));
  teller.congested.clear();
  teller.run(5000);
  assert.deepEqual([...teller.shown.values()], [40, 40]);
});

test("nodes hear every minute that it goes on, unless it does not", () => {
  const teller = new Teller(2000);
  for (const node of [1, 2]) teller.tellings.begin(node);
  teller.congested.add(2);
  teller.run(150_000);
  assert.deepEqual(teller.told, ["1 telling", "2 telling", "1 telling", "1 telling"]);
});

test("a node that is told nothing more is none that was told all", () => {
  const teller = new Teller(40);
  teller.tellings.begin(1);
  teller.run(1000);
  teller.tellings.forget(1);
  teller.run(10_000);
  assert.equal(teller.tellings.isDone(1), false);
});
