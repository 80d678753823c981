/** How members go: FORGET, RESET, LEAVING, and nodes that take the place of others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TestNetwork } from "./support/network.ts";

const BLACKLIST_MS = 60_000;

test("FORGET knows its errors", () => {
  const network = new TestNetwork(2).join();
  const { membership } = network.node(1);
  assert.equal(membership.forget("f".repeat(40)), "unknown");
  assert.equal(membership.forget(membership.nodeId), "self");
  assert.equal(membership.forget(network.node(2).membership.nodeId), "forgotten");
});

test("a forgotten node does not come back by hearsay for a minute, and stops counting who forgot it", () => {
  const network = new TestNetwork(4).join();
  const [one, , , four] = network.nodes;
  assert.ok(one && four);
  one.membership.forget(four.membership.nodeId);
  network.run(50);
  assert.equal(one.sees(four), undefined);
  assert.equal(four.sees(one), undefined);
  assert.equal(four.membership.reachableCount, 2);
  network.run(BLACKLIST_MS - 1000);
  assert.equal(one.membership.size, 3);
  assert.equal(four.membership.size, 3);
  assert.ok(one.events.includes("removed 4"));
  assert.ok(four.events.includes("removed 1"));
  // The others never forgot it, so that afterwards it is a member again, as in the reference.
  network.run(15_000);
  network.assertWhole();
});

test("a node that everybody forgot while it was down stays out when it comes back", () => {
  const network = new TestNetwork(4).join();
  const [one, two, three, four] = network.nodes;
  assert.ok(one && two && three && four);
  const { nodeId } = four.membership;
  four.stop();
  network.run(1000);
  for (const node of [one, two, three]) assert.equal(node.membership.forget(nodeId), "forgotten");
  network.run(2 * BLACKLIST_MS);
  four.start();
  network.run(10_000);
  assert.equal(four.membership.size, 1);
  network.assertWhole([one, two, three]);
});

test("a dead node that was forgotten is not brought back by a member who did not hear of it", () => {
  const network = new TestNetwork(4).join();
  const [one, two, three, four] = network.nodes;
  assert.ok(one && two && three && four);
  const { nodeId } = four.membership;
  four.stop();
  three.stop();
  network.run(1000);
  for (const node of [one, two]) node.membership.forget(nodeId);
  network.run(2 * BLACKLIST_MS);
  three.start();
  network.run(20_000);
  assert.equal(one.membership.size, 3);
  assert.equal(two.membership.size, 3);
  assert.equal(three.membership.size, 4);
});

test("a forgotten node is a member again as soon as an operator wants it", () => {
  const network = new TestNetwork(2).join();
  const [one, two] = network.nodes;
  assert.ok(one && two);
  one.membership.forget(two.membership.nodeId);
  network.run(100);
  assert.equal(one.membership.size, 1);
  two.meet(one);
  network.run(300);
  network.assertWhole();
});

test("after RESET HARD the old identity is gone everywhere at once, and meeting works", () => {
  const network = new TestNetwork(4).join();
  const [one, , three, four] = network.nodes;
  assert.ok(one && three && four);
  const oldId = four.membership.nodeId;
  four.resetHard();
  network.run(20);
  assert.equal(four.membership.size, 1);
  assert.equal(one.membership.member(oldId), undefined);
  assert.equal(one.membership.reachableCount, 2);
  one.meet(four);
  network.run(500);
  network.assertWhole();
  network.run(70_000);
  network.assertWhole();
});

test("who could not be told of a hard reset finds the new node and drops the old one", () => {
  const network = new TestNetwork(3).join();
  const [one, two, three] = network.nodes;
  assert.ok(one && two && three);
  const oldId = three.membership.nodeId;
  network.split([1], [3]);
  network.run(2000);
  three.resetHard();
  network.run(100);
  assert.ok(one.membership.member(oldId));
  network.heal();
  network.until(() => one.membership.member(oldId) === undefined, 4000);
  network.run(3000);
  assert.equal(three.membership.size, 1);
  network.assertWhole([one, two]);
});

test("a node that lost its disk takes the place of what it was", () => {
  const network = new TestNetwork(3).join();
  const [one, , three] = network.nodes;
  assert.ok(one && three);
  const oldId = three.membership.nodeId;
  three.stop();
  network.run(1000);
  three.saved = {
    nodeId: "3f".padEnd(40, "e"),
    incarnation: 0,
    memoryIncarnation: 0,
    isLeaving: false,
    members: [],
  };
  three.start();
  one.meet(three);
  network.until(() => one.sees(three)?.link !== undefined, 100);
  network.run(30);
  assert.equal(one.membership.member(oldId), undefined);
  network.run(5000);
  network.assertWhole();
});

test("RESET SOFT leaves the cluster under the same name, until somebody meets it", () => {
  const network = new TestNetwork(4).join();
  const [one, two, three, four] = network.nodes;
  assert.ok(one && two && three && four);
  const before = four.membership.incarnation;
  network.split([3], [4]);
  network.run(10);
  four.membership.reset(undefined);
  network.run(100);
  assert.ok(four.membership.incarnation > before);
  assert.equal(four.membership.size, 1);
  assert.equal(one.membership.size, 3);
  assert.equal(three.membership.size, 4);
  network.heal();
  network.run(10_000);
  assert.equal(four.membership.size, 1);
  network.assertWhole([one, two, three]);
  four.meet(two);
  network.run(5000);
  network.assertWhole();
});

test("LEAVING is known to all after one way, and takes the node off the ring", () => {
  const network = new TestNetwork(3).join();
  const [one, , three] = network.nodes;
  assert.ok(one && three);
  three.membership.setLeaving(true);
  network.run(10);
  assert.equal(one.sees(three)?.isLeaving, true);
  assert.equal(one.membership.reachableCount, 1);
  assert.equal(one.membership.size, 3);
  network.assertWhole();
  three.restart();
  network.run(2000);
  assert.equal(one.sees(three)?.isLeaving, true);
  three.membership.setLeaving(false);
  network.run(10);
  assert.equal(one.membership.reachableCount, 2);
});

test("a change that is announced while a way is cut arrives by another one", () => {
  const network = new TestNetwork(3).join();
  const [one, , three] = network.nodes;
  assert.ok(one && three);
  network.split([1], [3]);
  network.run(5000);
  three.membership.setProfile({ host: "", port: 7777, busPort: 17_711, zone: "west" });
  network.run(1000);
  assert.equal(one.sees(three)?.zone, "west");
  assert.equal(one.sees(three)?.record.port, 7777);
});

test("nodes whose addresses were exchanged while they were down stay who they are", () => {
  const network = new TestNetwork(4).join();
  const [one, , three, four] = network.nodes;
  assert.ok(one && three && four);
  three.stop();
  four.stop();
  network.run(1000);
  [three.ip, four.ip] = [four.ip, three.ip];
  three.start();
  network.run(2000);
  four.start();
  network.run(5000);
  network.assertWhole();
  assert.equal(one.sees(three)?.record.host, three.ip);
  assert.ok(!one.events.some((event) => event.startsWith("removed")));
});

test("an index stays with its node while it is known, and rests when it is free", () => {
  const network = new TestNetwork(3).join();
  const [one, two, three] = network.nodes;
  assert.ok(one && two && three);
  const index = one.sees(two)?.index;
  const free = one.sees(three)?.index;
  one.membership.forget(three.membership.nodeId);
  network.run(50);
  one.meet(three);
  network.run(500);
  assert.equal(one.sees(two)?.index, index);
  assert.notEqual(one.sees(three)?.index, free);
});
