/** How nodes come to know each other: MEET, lists, seeds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DELAY_MS_MAX, TestNetwork } from "./support/network.ts";

for (const count of [2, 3, 5, 9]) {
  test(`after one chain of MEETs ${count} nodes all know each other`, () => {
    const network = new TestNetwork(count);
    network.join();
    network.assertWhole();
  });
}

test("a node that meets one of five is linked with all within a few delays", () => {
  const network = new TestNetwork(6);
  const [first, , , , , last] = network.nodes;
  assert.ok(first && last);
  for (const node of network.nodes.slice(1, 5)) network.node(node.number - 1).meet(node);
  network.run(1000);
  first.meet(last);
  const tookMs = network.until(() => network.isWhole(), 1000);
  assert.ok(tookMs <= 8 * DELAY_MS_MAX, `took ${tookMs} ms`);
});

test("two clusters become one when any two of their nodes meet", () => {
  const network = new TestNetwork(6);
  for (const [a, b] of [
    [1, 2],
    [2, 3],
    [4, 5],
    [5, 6],
  ] as const) {
    network.node(a).meet(network.node(b));
  }
  network.run(500);
  network.node(3).meet(network.node(4));
  network.run(500);
  network.assertWhole();
});

test("meeting nobody leaves nothing behind after the handshake timeout", () => {
  const network = new TestNetwork(1);
  const { membership } = network.node(1);
  membership.meet({ host: "10.0.0.9", port: 7711, busPort: 17_711 });
  membership.meet({ host: "10.0.0.9", port: 7711, busPort: 17_711 });
  assert.equal(membership.knownCount, 2);
  network.run(2999);
  assert.equal(membership.knownCount, 2);
  network.run(1);
  assert.equal(membership.knownCount, 1);
  assert.equal(membership.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("meeting itself or a member again changes nothing", () => {
  const network = new TestNetwork(2).join();
  network.node(1).meet(network.node(1));
  network.node(1).meet(network.node(2));
  network.run(100);
  network.assertWhole();
});

test("nodes with the same seeds find each other, each starting when it likes", () => {
  const network = new TestNetwork(4);
  const seeds = [1, 2].map((number) => network.node(number).busAddress);
  for (const node of network.nodes) {
    node.stop();
    network.run(500);
    node.start();
    node.membership.setSeeds(seeds);
  }
  network.run(3000);
  network.assertWhole();
});

test("a seed that is the node itself is left alone", () => {
  const network = new TestNetwork(1);
  const one = network.node(1);
  one.membership.setSeeds([one.busAddress]);
  network.run(100);
  assert.equal(one.membership.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("a seed that was forgotten is a member again after the blacklist", () => {
  const network = new TestNetwork(2);
  const [one, two] = [network.node(1), network.node(2)];
  one.membership.setSeeds([two.busAddress]);
  network.run(500);
  one.membership.forget(two.membership.nodeId);
  network.run(59_000);
  assert.equal(one.membership.size, 1);
  network.run(4000);
  network.assertWhole();
});

test("a seed that becomes another node is found again", () => {
  const network = new TestNetwork(2);
  const [one, two] = [network.node(1), network.node(2)];
  one.membership.setSeeds([two.busAddress]);
  network.run(500);
  network.assertWhole();
  two.resetHard();
  network.run(3000);
  network.assertWhole();
});

test("a node met by a cluster with a dead member gets the same ring as the others", () => {
  const network = new TestNetwork(4);
  network.node(1).meet(network.node(2));
  network.node(2).meet(network.node(3));
  network.run(1000);
  network.node(3).stop();
  network.run(5000);
  network.node(1).meet(network.node(4));
  network.run(5000);
  const prints = network.running.map(({ membership }) => membership.fingerprint);
  assert.deepEqual(prints[1], prints[0]);
  assert.deepEqual(prints[2], prints[0]);
  assert.equal(network.node(4).membership.size, 4);
  assert.equal(network.node(4).membership.reachableCount, 2);
});

test("a node only heard of does not count as reachable before it was heard", () => {
  const network = new TestNetwork(3);
  network.node(1).meet(network.node(2));
  network.run(500);
  network.split([3], [1]);
  network.node(2).meet(network.node(3));
  network.run(500);
  assert.equal(network.node(1).membership.size, 2);
  assert.equal(network.node(1).membership.reachableCount, 1);
  network.heal();
  network.run(6000);
  network.assertWhole();
});
