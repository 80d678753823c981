/** Random lives of clusters: whatever happened, when the faults stop all is well again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TestNetwork } from "./support/network.ts";
import type { TestNode } from "./support/process.ts";

const LIVES = 50;
const FAULTS = 12;

type Misfortune = (network: TestNetwork, node: TestNode, other: TestNode) => void;

const misfortunes: readonly Misfortune[] = [
  (_, node) => node.stop(),
  (_, node) => node.stop(false),
  (_, node) => node.process ?? node.start(),
  (_, node) => node.restart(),
  (network, node, other) => node !== other && network.block(node, other),
  (network) => network.heal(),
  (network, node) => {
    node.stalledUntilMs = network.nowMs + network.random.below(6000);
  },
  (_, node) => node.process && node.resetHard(),
  (network, node) => node.process?.membership.setLeaving(network.random.chance(0.5)),
  (_, node, other) => node.process && other.process && node.meet(other),
];

/** One thing that can happen to a cluster. */
function misfortune(network: TestNetwork): void {
  const { random, nodes } = network;
  random.pick(misfortunes)(network, random.pick(nodes), random.pick(nodes));
}

/** Faults, then peace, then everybody is well. */
function live(seed: number): void {
  const network = new TestNetwork(2 + (seed % 5), seed, 1000);
  const { random } = network;
  network.join();
  for (let i = 0; i < FAULTS; i++) {
    misfortune(network);
    network.run(random.below(1500));
  }
  network.heal();
  for (const node of network.nodes) if (node.process === undefined) node.start();
  // Resets are forgotten by nobody but an operator: somebody has to introduce the new nodes.
  network.run(8000);
  network.join();
  network.run(6000);
  assert.ok(network.isWhole(), `seed ${seed}:\n${network.describe()}`);
  network.assertWhole();
}

for (const first of [1, 51, 101, 151]) {
  test(`${LIVES} random lives from seed ${first} end with everybody knowing everybody`, () => {
    for (let seed = first; seed < first + LIVES; seed++) live(seed);
  });
}

test("random FORGETs and soft resets end with everybody knowing everybody after the blacklist", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const network = new TestNetwork(3 + (seed % 3), seed, 1000).join();
    const { random } = network;
    for (let i = 0; i < FAULTS; i++) {
      const [node, other] = random.shuffle([...network.nodes]);
      const what = random.below(10);
      if (what < 3) misfortune(network);
      else if (what < 5) node?.process?.membership.reset(undefined);
      else if (other?.process) node?.process?.membership.forget(other.membership.nodeId);
      network.run(random.below(300));
    }
    network.heal();
    for (const node of network.nodes) if (node.process === undefined) node.start();
    network.run(61_000);
    network.join();
    network.run(15_000);
    assert.ok(network.isWhole(), `seed ${seed}:\n${network.describe()}`);
  }
});

test("the same seed gives the same life", () => {
  const events = (seed: number): string => {
    const network = new TestNetwork(4, seed).join();
    for (let i = 0; i < FAULTS; i++) {
      misfortune(network);
      network.run(500);
    }
    return network.running.map((node) => node.events.join()).join("\n");
  };
  assert.equal(events(5), events(5));
  assert.notEqual(events(5), events(6));
});
