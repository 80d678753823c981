/** Expired jobs that nobody has removed yet: they are given to nobody, and hide no job for long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../src/core/broker-check.ts";
import type { Job } from "../../src/core/job.ts";
import { Story } from "./story.ts";

/** More than one turn removes. */
const MANY = 5000;
const TURN_JOBS = 2000;
const BRIEF = { replicate: 1, delaySeconds: 0, retrySeconds: 1, ttlSeconds: 1 };
const LASTING = { ...BRIEF, ttlSeconds: 600 };

/** A node whose queue q has many jobs that have expired in this moment, and what stands behind them. */
function nodeWithExpired(behind: number, expired = MANY) {
  const { broker, node } = new Story();
  const queue = node.entry("q");
  const add = (times: typeof BRIEF): Job => broker.addJob(queue, Buffer.alloc(0), 0, 0, times);
  for (let i = 0; i < expired; i++) add(BRIEF);
  const live = Array.from({ length: behind }, () => add(LASTING));
  node.host.nowMs += 1000;
  return { broker, host: node.host, queue, live, add };
}

type Node = ReturnType<typeof nodeWithExpired>;

/** Somebody who waits for q; `answer` is what was given, "nothing", or undefined. */
function wait({ broker, queue }: Node, jobsMax: number, deadlineMs: number) {
  const asker: { answer: readonly Job[] | "nothing" | undefined } = { answer: undefined };
  broker.serving.wait([queue], jobsMax, deadlineMs, {
    jobsArrived: (jobs) => {
      asker.answer = [...jobs];
    },
    waitEnded: () => {
      asker.answer = "nothing";
    },
  });
  return asker;
}

function take({ broker, queue }: Node, jobsMax: number): Job[] {
  const taken: Job[] = [];
  broker.serving.take([queue], jobsMax, taken);
  return taken;
}

/** Turns at the same moment until the node has nothing more to do; how many. */
function settle({ broker, host }: Node): number {
  let turns = 0;
  for (; broker.nextWakeAtMs <= host.nowMs; turns++) {
    broker.tick();
    checkBroker(broker);
  }
  return turns;
}

test("a turn removes a bounded number of expired jobs, however many stand in front", () => {
  const node = nodeWithExpired(1);
  assert.deepEqual(take(node, 1), []);
  assert.deepEqual(take(node, 1), []);
  assert.equal(node.broker.stats.jobsExpired, TURN_JOBS);
  assert.ok(node.broker.serving.mayHaveMore([node.queue]), "it is not known to be empty");
  checkBroker(node.broker);
});

test("who asks without waiting is told nothing only when there is no job behind them", () => {
  for (const behind of [0, 3]) {
    const node = nodeWithExpired(behind);
    assert.deepEqual(take(node, 2), []);
    const asker = wait(node, 2, node.host.nowMs);
    checkBroker(node.broker);
    node.broker.tick();
    assert.equal(asker.answer, undefined, "nobody knows yet");
    assert.equal(node.broker.nextWakeAtMs, node.host.nowMs);
    assert.ok(settle(node) < 5);
    assert.deepEqual(asker.answer, behind === 0 ? "nothing" : node.live.slice(0, 2));
    assert.equal(node.broker.stats.jobsExpired, MANY);
  }
});

test("when a pause in output ends, those who wait get the jobs behind the expired ones, in order", () => {
  const node = nodeWithExpired(0, 3500);
  node.host.nowMs -= 1000;
  node.broker.pause(node.queue, false, true);
  const live = [node.add(LASTING), node.add(LASTING)];
  const askers = [1, 2, 3].map(() => wait(node, 1, Number.POSITIVE_INFINITY));
  node.host.nowMs += 1000;
  node.broker.pause(node.queue, false, false);
  checkBroker(node.broker);
  node.broker.tick();
  assert.ok(node.broker.serving.isUnsettled(node.queue));
  assert.deepEqual(take(node, 1), [], "a newcomer does not overtake them");
  settle(node);
  const answers = askers.map((asker) => asker.answer);
  assert.deepEqual(answers, [[live[0]], [live[1]], undefined]);
});

test("a wait elsewhere ends in time while expired jobs are removed", () => {
  const node = nodeWithExpired(0);
  const other = node.broker.queues.entry(Buffer.from("other"), 0, 5);
  const asker = wait({ ...node, queue: other }, 1, node.host.nowMs);
  wait(node, 1, Number.POSITIVE_INFINITY);
  node.broker.tick();
  assert.equal(asker.answer, "nothing");
});

test("who gave up waiting leaves nothing to be done", () => {
  const node = nodeWithExpired(1);
  const { broker, queue } = node;
  const receiver = { jobsArrived: () => assert.fail(), waitEnded: () => assert.fail() };
  const waiter = broker.serving.wait([queue], 1, Number.POSITIVE_INFINITY, receiver);
  broker.serving.cancel(waiter);
  settle(node);
  assert.deepEqual(take(node, 1), node.live);
});

test("a flush leaves nothing to be done either", () => {
  const node = nodeWithExpired(1);
  const asker = wait(node, 1, Number.POSITIVE_INFINITY);
  node.broker.flush();
  assert.equal(asker.answer, "nothing");
  assert.equal(node.broker.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("a promised job that expires in a turn with too much to do is not handed out", () => {
  const { broker, node } = new Story();
  const crowd = node.entry("crowd");
  for (let i = 0; i < MANY; i++) {
    broker.addJob(crowd, Buffer.alloc(0), 0, 0, { ...LASTING, delaySeconds: 1 });
  }
  const queue = node.entry("q");
  const place: Node = { ...nodeWithExpired(0), broker, host: node.host, queue };
  const askers = [1, 2].map(() => wait(place, 1, Number.POSITIVE_INFINITY));
  broker.addJob(queue, Buffer.alloc(0), 0, 0, BRIEF);
  node.host.nowMs += 1000;
  broker.tick();
  checkBroker(broker);
  assert.deepEqual(
    askers.map((asker) => asker.answer),
    [undefined, undefined],
  );
  assert.equal(broker.stats.jobsExpired, 1);
  assert.equal(broker.stats.jobsDelivered, 0);
  const job = broker.addJob(queue, Buffer.alloc(0), 0, 0, LASTING);
  broker.tick();
  assert.deepEqual(
    askers.map((asker) => asker.answer),
    [[job], undefined],
    "in front again",
  );
});
