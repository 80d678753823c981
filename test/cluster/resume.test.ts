/** A cluster goes on with the jobs that were loaded at the start, before it has heard of anybody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "../../src/cluster/cluster.ts";
import { STRANGERS_MAX } from "../../src/cluster/job-messages.ts";
import { Broker } from "../../src/core/broker.ts";
import type { Job } from "../../src/core/job.ts";
import { FakeHost } from "../support/fake-host.ts";
import { xxh64 } from "../support/xxh64.ts";

const OWN = "1".repeat(40);
const OTHER = "2".repeat(40);
const STRANGER = "c".repeat(40);
const TIMEOUT_MS = 15_000;
const RETRY_SECONDS = 5;
const LONG_MS = 60_000;
const BODY = Buffer.from("body");

/** A node that knows another one from before, and has said what it has to say to nobody. */
class Restarted {
  readonly host = new FakeHost(1, {});
  readonly broker = new Broker(this.host, { nodeId: OWN, maxMemoryBytes: 0 });
  readonly said: string[] = [];
  readonly cluster: Cluster;

  constructor(isUntold = false, untoldIds: readonly string[] = []) {
    const address = { host: "10.0.0.2", port: 7711, busPort: 17_711, zone: "" };
    const life = { incarnation: 9, memoryIncarnation: 4, version: 0, isLeaving: false };
    this.cluster = new Cluster({
      host: this.host,
      broker: this.broker,
      xxh64,
      links: {
        dial: () => {},
        hangUp: () => {},
        send: () => {},
        sendToPeer: (_id, { type }) => this.said.push(type) > 0,
        isCongested: () => false,
      },
      start: {
        profile: { host: "", port: 7711, busPort: 17_711, zone: "" },
        nodeTimeoutMs: TIMEOUT_MS,
        saved: {
          nodeId: OWN,
          incarnation: 7,
          memoryIncarnation: 5,
          isLeaving: false,
          isUntold,
          untoldIds,
          members: [{ record: { nodeId: OTHER, ...life, ...address }, isFailed: false }],
        },
      },
      settings: { repairDelayMs: 0, degradesDefault: false },
      events: { snapshotChanged: () => {}, identityChanged: () => {}, log: () => {} },
    });
  }

  /** A job of this node with a copy on the other one, or the other way round. */
  load(isCopy: boolean): Job {
    const { broker } = this;
    const queue = broker.queues.entry(Buffer.from("q"), 0, 1);
    const times = { replicate: 2, delaySeconds: 0, retrySeconds: RETRY_SECONDS, ttlSeconds: 3600 };
    const job = broker.addJob(queue, BODY, 0, BODY.length, times);
    broker.roles.setList(job, [0, this.cluster.nodes.findId(OTHER)]);
    if (!isCopy) return job;
    broker.roles.giveUp(job);
    broker.roles.setList(job, [this.cluster.nodes.findId(OTHER), 0]);
    return job;
  }

  /** What a client is given that asks now. */
  taken(): Job[] {
    const { serving, queues } = this.broker;
    const taken: Job[] = [];
    serving.take([queues.entry(Buffer.from("q"), 0, 1)], 1, taken);
    return taken;
  }

  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) {
      this.host.nowMs += 100;
      this.broker.tick();
      this.cluster.tick();
    }
  }
}

test("a memory that was kept began when it was saved to have, another one begins now", () => {
  for (const memory of ["kept", "empty"] as const) {
    const { cluster } = new Restarted();
    cluster.resume(memory);
    const { incarnation, memoryIncarnation } = cluster.membership.snapshot;
    assert.equal(incarnation, 8);
    assert.equal(memoryIncarnation, memory === "kept" ? 5 : 8);
  }
});

test("a memory that lacks its log's end, or did when members were not told, is in debt to them", () => {
  const cases = [
    ["kept", false, false],
    ["kept", true, true],
    ["empty", false, true],
  ] as const;
  for (const [memory, wasUntold, isUntold] of cases) {
    const { cluster } = new Restarted(wasUntold);
    cluster.resume(memory);
    assert.equal(cluster.snapshot.isUntold, isUntold);
  }
});

test("who is to be told what a node has is remembered until it has been told", () => {
  for (const memory of ["kept", "empty"] as const) {
    const { cluster } = new Restarted(false, [STRANGER]);
    cluster.resume(memory);
    assert.ok(cluster.snapshot.untoldIds?.includes(STRANGER));
  }
});

test("of more such nodes than are remembered the first are forgotten", () => {
  const ids = Array.from({ length: STRANGERS_MAX + 1 }, (_, at) => `${at}`.padStart(40, "0"));
  const { cluster } = new Restarted(false, ids);
  cluster.resume("kept");
  assert.deepEqual(cluster.snapshot.untoldIds, ids.slice(1));
});

test("nobody can be heard before the start: a copy waits for its keeper from then on", () => {
  const node = new Restarted();
  const job = node.load(true);
  node.cluster.resume("kept");
  node.pass(RETRY_SECONDS * 1000);
  assert.ok(node.broker.roles.isCopy(job));
  node.pass(1000);
  assert.ok(node.broker.roles.isOwn(job));
});

test("it waits as long when the node was long in loading its log", () => {
  const node = new Restarted();
  const job = node.load(true);
  node.host.nowMs += LONG_MS;
  node.cluster.resume("kept");
  node.cluster.standstill.processBegan();
  node.pass(RETRY_SECONDS * 1000);
  assert.ok(node.broker.roles.isCopy(job));
  node.pass(1000);
  assert.ok(node.broker.roles.isOwn(job));
});

test("a loaded job is handed out when the others have had time to say what has become of it", () => {
  const node = new Restarted();
  const job = node.load(false);
  node.cluster.resume("kept");
  node.cluster.standstill.processBegan();
  assert.deepEqual(node.taken(), []);
  node.pass(1000);
  assert.deepEqual(node.taken(), [job]);
});

test("a copy waits as long when the process has stood still", () => {
  const node = new Restarted();
  const job = node.load(true);
  node.cluster.resume("kept");
  node.pass(1000);
  node.host.nowMs += LONG_MS;
  node.cluster.timePassed();
  node.pass(RETRY_SECONDS * 1000);
  assert.ok(node.broker.roles.isCopy(job));
  node.pass(1000);
  assert.ok(node.broker.roles.isOwn(job));
});

test("keepers of loaded copies are asked, whether they are there yet or not", () => {
  const node = new Restarted();
  node.load(true);
  node.cluster.resume("kept");
  node.pass(2000);
  assert.deepEqual(node.said, ["holders"]);
});

test("a copy on a node that is not there yet counts, and is not made up for", () => {
  const node = new Restarted();
  const job = node.load(false);
  node.cluster.resume("kept");
  node.pass(TIMEOUT_MS * 2);
  assert.equal(node.broker.roles.list(job).length, 2);
  assert.ok(!node.said.includes("store"));
});

test("a loaded tombstone asks the others in its list", () => {
  const node = new Restarted();
  node.broker.roles.bury(node.load(false));
  node.cluster.resume("kept");
  node.pass(100);
  assert.deepEqual(node.said, ["ack"]);
});
