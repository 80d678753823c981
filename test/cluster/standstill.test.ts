/** When a process counts as having stood still, and what it does not do then. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Standstill } from "../../src/cluster/standstill.ts";
import { Story } from "../core/story.ts";

const NODE_TIMEOUT_MS = 2000;

/** A member of a cluster of that size, whose next heartbeat is due now. */
function member(size = 3) {
  const story = new Story();
  const { broker, node } = story;
  const { host } = node;
  const begin = () => {};
  const membership = { nodeTimeoutMs: NODE_TIMEOUT_MS, nextWakeAtMs: host.nowMs, size, begin };
  const standstill = new Standstill(host, membership, broker);
  const pass = (ms: number): void => {
    host.nowMs += ms;
    standstill.notice();
  };
  return { host, story, membership, standstill, serving: broker.serving, pass };
}

test("a process stood still when heartbeats are late by half the node timeout, until the turn ends", () => {
  const { standstill, pass } = member();
  standstill.turnEnded();
  pass(NODE_TIMEOUT_MS / 2 - 1);
  assert.ok(!standstill.isOver);
  pass(1);
  assert.ok(standstill.isOver);
  standstill.turnEnded();
  assert.ok(!standstill.isOver);
});

test("it is closed for a quarter of the node timeout, or for a second", () => {
  const { host, membership, standstill, serving, pass } = member();
  standstill.turnEnded();
  pass(NODE_TIMEOUT_MS);
  assert.equal(serving.closedUntilMs, host.nowMs + NODE_TIMEOUT_MS / 4);
  membership.nodeTimeoutMs = 60_000;
  pass(60_000);
  assert.equal(serving.closedUntilMs, host.nowMs + 1000);
});

test("what is heard in the same turn of the members does not hide it", () => {
  const { host, membership, standstill, pass } = member();
  standstill.turnEnded();
  pass(NODE_TIMEOUT_MS);
  membership.nextWakeAtMs = host.nowMs;
  pass(0);
  assert.ok(standstill.isOver);
});

for (const [who, size, turns] of [
  ["a node that is alone", 1, 1],
  ["a node that has loaded its log for long", 3, 0],
] as const) {
  test(`${who} has nobody who gave it up`, () => {
    const { standstill, serving, pass } = member(size);
    for (let turn = 0; turn < turns; turn++) standstill.turnEnded();
    pass(NODE_TIMEOUT_MS);
    assert.ok(!standstill.isOver);
    assert.equal(serving.closedUntilMs, Number.NEGATIVE_INFINITY);
  });
}

for (const [what, size, jobs, isClosed] of [
  ["with jobs from its log hears the others first", 3, 1, true],
  ["without any has nothing to hear about", 3, 0, false],
  ["that is alone has nobody to hear", 1, 1, false],
] as const) {
  test(`a process that begins ${what}`, () => {
    const { host, story, standstill, serving } = member(size);
    if (jobs > 0) story.add("q");
    standstill.processBegan();
    const closedMs = serving.closedUntilMs - host.nowMs;
    assert.equal(closedMs, isClosed ? NODE_TIMEOUT_MS / 4 : Number.NEGATIVE_INFINITY);
  });
}
