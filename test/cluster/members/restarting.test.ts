/** Restarts: what is remembered, and what others make of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TestNetwork } from "./support/network.ts";

const TIMEOUT_MS = 3000;
/** So long may it take to load a log. */
const LONG_MS = 60_000;

test("a restarted node knows its peers, and they notice the restart", () => {
  const network = new TestNetwork(3).join();
  const [one, two, three] = network.nodes;
  assert.ok(one && two && three);
  const before = three.membership.incarnation;
  three.restart();
  assert.equal(three.membership.incarnation, before + 1);
  assert.equal(three.membership.reachableCount, 2);
  network.run(500);
  network.assertWhole();
  assert.deepEqual(
    one.events.filter((event) => event.startsWith("restarted")),
    ["restarted 3"],
  );
  assert.deepEqual(
    three.events.filter((event) => event.startsWith("restarted")),
    [],
  );
});

test("a node that was long in starting gives the others their whole time from then on", () => {
  const network = new TestNetwork(2).join();
  const [one, two] = network.nodes;
  assert.ok(one && two);
  two.stop();
  one.restart();
  one.stalledUntilMs = network.nowMs + LONG_MS;
  network.run(LONG_MS - 1);
  one.membership.begin();
  network.run(TIMEOUT_MS - 100);
  assert.equal(one.membership.reachableCount, 1);
  network.run(200);
  assert.equal(one.membership.reachableCount, 0);
});

test("a node that has kept its memory is not taken for one that has lost it, even by hearsay", () => {
  const network = new TestNetwork(3).join();
  const [one, two, three] = network.nodes;
  assert.ok(one && two && three);
  const before = three.membership.memoryIncarnation;
  three.keepsMemory = true;
  network.split([1], [3]);
  // Whoever is linked is not talked about: the cut is noticed by the silence first.
  network.run(2500);
  three.restart();
  network.run(500);
  assert.equal(three.membership.memoryIncarnation, before);
  assert.equal(one.sees(three)?.incarnation, three.membership.incarnation);
  network.heal();
  network.run(4000);
  network.assertWhole();
  const heard = (event: string) => event.startsWith("restarted") || event.startsWith("returned");
  for (const node of [one, two]) {
    assert.deepEqual(node.events.filter(heard), ["restarted with memory 3", "returned 3"]);
  }
});

test("a memory lost between two starts is missed by whoever sees only the second", () => {
  const network = new TestNetwork(2).join();
  const [one, two] = network.nodes;
  assert.ok(one && two);
  two.stop(false);
  two.start();
  two.keepsMemory = true;
  two.restart();
  network.run(4000);
  network.assertWhole();
  const heard = one.events.filter((event) => event.startsWith("restarted"));
  assert.deepEqual(heard, ["restarted 2"]);
});

test("a reset begins a new memory", () => {
  const network = new TestNetwork(2).join();
  const { membership } = network.node(2);
  network.node(2).process?.membership.reset(undefined);
  assert.equal(membership.memoryIncarnation, membership.incarnation);
});

test("two nodes that restart at once each notice it of the other", () => {
  const network = new TestNetwork(2).join();
  for (const node of network.nodes) node.stop();
  network.run(1000);
  for (const node of network.nodes) node.start();
  network.run(500);
  network.assertWhole();
  assert.ok(network.node(1).events.includes("restarted 2"));
  assert.ok(network.node(2).events.includes("restarted 1"));
});

test("a restored peer that does not answer counts until the node timeout", () => {
  const network = new TestNetwork(2).join();
  network.node(2).stop();
  network.node(1).restart();
  network.run(2900);
  assert.equal(network.node(1).membership.reachableCount, 1);
  network.run(200);
  assert.equal(network.node(1).membership.reachableCount, 0);
});

test("fail is remembered over a restart and ends when the node answers", () => {
  const network = new TestNetwork(3).join();
  const [one, , three] = network.nodes;
  assert.ok(one && three);
  three.stop();
  network.run(5000);
  one.restart();
  assert.deepEqual(
    [...one.membership.members()].map(({ isFailed }) => isFailed),
    [false, true],
  );
  three.start();
  network.run(1000);
  network.assertWhole();
});

test("a node that moved while all others were down too is found by its call", () => {
  const network = new TestNetwork(3).join();
  for (const node of network.nodes) node.stop();
  network.run(1000);
  network.node(3).ip = "10.0.0.77";
  for (const node of network.nodes) node.start();
  network.run(3000);
  network.assertWhole();
  assert.equal(network.node(1).sees(network.node(3))?.record.host, "10.0.0.77");
});

test("a restart faster than the news of it leaves one link", () => {
  const network = new TestNetwork(4).join();
  for (let i = 0; i < 5; i++) {
    network.node(4).stop(false);
    network.node(4).start();
    network.run(7);
  }
  network.run(8000);
  network.assertWhole();
});
