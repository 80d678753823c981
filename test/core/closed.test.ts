/** A node that is closed for a moment: nothing is handed out, no lease ends, and then all goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../src/core/broker-check.ts";
import type { Job } from "../../src/core/job.ts";
import { Story } from "./story.ts";

const CLOSED_MS = 400;
const TIMES = { replicate: 1, delaySeconds: 0, retrySeconds: 1, ttlSeconds: 600 };

/** A node that has nothing in q yet. */
function open() {
  const { broker, node } = new Story();
  const { host } = node;
  const queue = node.entry("q");
  const add = (): Job => broker.addJob(queue, Buffer.alloc(0), 0, 0, TIMES);
  const close = (): void => broker.serving.close(host.nowMs + CLOSED_MS);
  const turn = (passedMs: number): void => {
    host.nowMs += passedMs;
    broker.tick();
    checkBroker(broker);
  };
  return { broker, host, queue, add, close, turn };
}

/** A node with some jobs in q, which is closed from now on. */
function closed(count: number) {
  const node = open();
  const { broker, host, queue, add, close } = node;
  const jobs = Array.from({ length: count }, add);
  const leased: Job[] = [];
  broker.serving.take([queue], 1, leased);
  host.nowMs += TIMES.retrySeconds * 1000;
  close();
  return { ...node, jobs, leased };
}

/** What somebody who waits is handed. */
function wait({ broker, host, queue }: ReturnType<typeof open>, waitMs = 10_000) {
  const handed: Job[] = [];
  const asker = { handed, isOver: false };
  broker.serving.wait([queue], 1, host.nowMs + waitMs, {
    jobsArrived: (jobs) => handed.push(...jobs),
    waitEnded: () => {
      asker.isOver = true;
    },
  });
  return asker;
}

test("while a node is closed nobody is handed anything, and no lease ends", () => {
  const node = closed(2);
  const asker = wait(node);
  node.turn(0);
  node.add();
  const taken: Job[] = [];
  node.broker.serving.take([node.queue], 5, taken);
  node.turn(CLOSED_MS - 1);
  assert.deepEqual([asker.handed, taken], [[], []]);
  assert.equal(node.queue.length, 2);
});

test("a node that is closed sleeps until it opens, and serves who waits then", () => {
  const node = closed(2);
  const asker = wait(node);
  node.turn(0);
  assert.equal(node.broker.nextWakeAtMs, node.host.nowMs + CLOSED_MS);
  node.turn(CLOSED_MS);
  assert.deepEqual(asker.handed, node.leased, "its lease has ended, and it is the oldest");
  assert.equal(node.queue.length, 1);
});

test("who asks a closed node without waiting, or not for so long, is told that there is nothing", () => {
  const node = closed(2);
  const asker = wait(node, CLOSED_MS / 2);
  assert.ok(!node.broker.serving.mayHaveMore([node.queue]));
  node.turn(CLOSED_MS / 2);
  assert.ok(asker.isOver);
  node.turn(CLOSED_MS / 2);
  assert.deepEqual(asker.handed, []);
});

test("what was promised in the turn in which a node closes is handed out when it opens, to the same", () => {
  const node = open();
  const askers = [wait(node), wait(node), wait(node)];
  const jobs = [node.add(), node.add()];
  node.close();
  node.turn(0);
  assert.deepEqual(
    askers.map(({ handed }) => handed),
    [[], [], []],
  );
  assert.equal(node.queue.length, 2);
  node.turn(CLOSED_MS);
  assert.deepEqual(
    askers.map(({ handed }) => handed),
    [[jobs[0]], [jobs[1]], []],
  );
});
