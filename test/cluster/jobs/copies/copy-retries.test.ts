/** Walks over all replications, some thousands a turn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ANY_NODE,
  CopyRetries,
  RETRY_VISITS_PER_TURN,
} from "../../../../src/cluster/jobs/copies/copy-retries.ts";
import { Replications } from "../../../../src/cluster/jobs/copies/replication.ts";
import { Fabric } from "../support/fabric.ts";

/** So many replications, of which some are in use, and the walks over them. */
function walking(count: number, isUsed: (number: number) => boolean = () => true) {
  const all = new Replications();
  const retries = new CopyRetries();
  for (let number = 0; number < count; number++) {
    const replication = all.take();
    if (isUsed(number)) replication.job = number;
  }
  const turn = (): string[] => {
    const seen: string[] = [];
    retries.proceed(all, (replication, node) => seen.push(`${replication.number} for ${node}`));
    return seen;
  };
  return { retries, turn };
}

test("a turn visits a bounded number of them, and the next turns the rest, each once", () => {
  const count = 2 * RETRY_VISITS_PER_TURN + 10;
  const { retries, turn } = walking(count);
  retries.begin(3);
  const turns = [turn(), turn()];
  assert.ok(!retries.isIdle);
  turns.push(turn());
  assert.ok(retries.isIdle);
  const lengths = turns.map((seen) => seen.length);
  assert.deepEqual(lengths, [RETRY_VISITS_PER_TURN, RETRY_VISITS_PER_TURN, 10]);
  assert.equal(new Set(turns.flat()).size, count);
});

test("those that are not in use are passed over", () => {
  const { retries, turn } = walking(6, (number) => number % 2 === 1);
  retries.begin(2);
  assert.deepEqual(turn(), ["1 for 2", "3 for 2", "5 for 2"]);
});

test("walks follow each other, one that begins anew comes last, and one without reason not at all", () => {
  const { retries, turn } = walking(2);
  for (const node of [1, ANY_NODE, 2, 1]) retries.begin(node);
  retries.cancel(2);
  assert.deepEqual([retries.isUnderWay(1), retries.isUnderWay(2)], [true, false]);
  const any = [`0 for ${ANY_NODE}`, `1 for ${ANY_NODE}`];
  assert.deepEqual(turn(), [...any, "0 for 1", "1 for 1"]);
  assert.deepEqual(turn(), []);
});

test("thousands that wait for a node are copied to it when it is back", () => {
  const fabric = new Fabric(2);
  fabric.cut(0, 1);
  const node = fabric.node(0);
  const times = { replicate: 2, delaySeconds: 0, retrySeconds: 30, ttlSeconds: 60 };
  let answers = 0;
  const count = RETRY_VISITS_PER_TURN + 500;
  for (let i = 0; i < count; i++) {
    const receiver = { replication: -1, replicated: () => answers++, failed: assert.fail };
    const wait = { isAsync: false, deadlineMs: Number.POSITIVE_INFINITY, receiver };
    node.jobs.addJob(node.queue(), Buffer.from("x"), 0, 1, times, wait);
  }
  node.turn();
  fabric.run(1100);
  assert.equal(answers, 0);
  fabric.heal();
  fabric.run(100);
  assert.equal(answers, count);
  assert.equal(node.jobs.newCopies.nextWakeAtMs, Number.POSITIVE_INFINITY);
});
