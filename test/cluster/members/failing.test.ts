/** Silence: when a node is suspected, when it has failed, and how it comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { flagsOf } from "../../../src/cluster/members/node-lines.ts";
import { TestNetwork } from "./support/network.ts";
import type { TestNode } from "./support/process.ts";

const TIMEOUT_MS = 3000;
/** A heartbeat round of this timeout, and the delays. */
const ROUND_MS = 800;

function flags(node: TestNode, other: { number: number }): string {
  const member = [...node.membership.members()].find(({ id }) => id.startsWith(`${other.number}0`));
  assert.ok(member);
  return flagsOf(member);
}

test("a killed node is unlinked at once, counts for the timeout, and is then fail", () => {
  const network = new TestNetwork(5).join();
  const [one, , , , five] = network.nodes;
  assert.ok(one && five);
  five.stop();
  network.run(20);
  assert.equal(one.membership.reachableCount, 4);
  assert.equal(flags(one, five), "noflags");
  assert.ok(one.events.includes("disconnected 5"));
  network.run(TIMEOUT_MS - 100);
  assert.equal(one.membership.reachableCount, 4);
  network.run(200);
  assert.equal(one.membership.reachableCount, 3);
  assert.equal(flags(one, five), "fail");
  assert.equal(one.membership.size, 5);
});

test("a lost machine, whose links do not break, is found out within a timeout and a round", () => {
  const network = new TestNetwork(5).join();
  network.node(5).stop(false);
  const tookMs = network.until(() => flags(network.node(1), { number: 5 }) === "fail", 6000);
  assert.ok(tookMs > TIMEOUT_MS - ROUND_MS && tookMs < TIMEOUT_MS + 2 * ROUND_MS, `${tookMs} ms`);
});

test("a node that comes back is without flags at once, and steady a little later", () => {
  const network = new TestNetwork(4).join();
  network.node(4).stop();
  network.run(5000);
  assert.equal(flags(network.node(1), { number: 4 }), "fail");
  network.node(4).start();
  const tookMs = network.until(() => network.isWhole(), 1000);
  assert.ok(tookMs <= 150, `took ${tookMs} ms`);
  const { events } = network.node(1);
  assert.deepEqual(
    events.slice(events.indexOf("failed 4")).filter((event) => event.endsWith(" 4")),
    ["failed 4", "restarted 4", "back 4", "connected 4"],
  );
  assert.equal(network.node(1).sees(network.node(4))?.isSteady, false);
  network.run(ROUND_MS);
  assert.equal(events.at(-1), "steady 4");
});

test("of two nodes the other one is never more than suspected", () => {
  const network = new TestNetwork(2).join();
  network.node(2).stop();
  network.run(20_000);
  assert.equal(flags(network.node(1), { number: 2 }), "fail?");
  assert.equal(network.node(1).membership.reachableCount, 0);
});

test("a minority suspects the others, the majority fails the minority, all ends with the split", () => {
  const network = new TestNetwork(5).join();
  network.split([1, 2], [3, 4, 5]);
  network.run(8000);
  assert.equal(flags(network.node(1), { number: 3 }), "fail?");
  assert.equal(flags(network.node(3), { number: 1 }), "fail");
  assert.equal(network.node(1).membership.reachableCount, 1);
  assert.equal(network.node(3).membership.reachableCount, 2);
  network.heal();
  network.run(3000);
  network.assertWhole();
});

test("a way that is blocked in one direction makes both ends suspect each other", () => {
  const network = new TestNetwork(3).join();
  network.block(network.node(1), network.node(2));
  network.run(6000);
  assert.equal(flags(network.node(1), { number: 2 }), "fail?");
  assert.equal(flags(network.node(2), { number: 1 }), "fail?");
  assert.equal(flags(network.node(3), { number: 1 }), "noflags");
  network.heal();
  network.run(3000);
  network.assertWhole();
});

test("whoever still hears a node does not believe that it has failed", () => {
  const network = new TestNetwork(5).join();
  network.split([5], [1, 2, 3]);
  network.run(8000);
  assert.equal(flags(network.node(1), { number: 5 }), "fail");
  assert.equal(flags(network.node(4), { number: 5 }), "noflags");
  assert.ok(!network.node(4).events.includes("failed 5"));
});

test("reports of a silence that has ended do not count", () => {
  const network = new TestNetwork(3).join();
  network.split([2], [3]);
  network.run(4000);
  network.heal();
  network.until(() => network.isWhole(), 1000);
  network.run(ROUND_MS);
  network.node(2).stop();
  network.node(3).stop();
  network.run(TIMEOUT_MS + 100);
  assert.equal(flags(network.node(1), { number: 3 }), "fail?");
});

test("a process that stood still does not blame the others for it", () => {
  const network = new TestNetwork(3).join();
  const one = network.node(1);
  // In the middle of a round: the answers come while it does not listen.
  network.until(() => one.sees(network.node(2))?.pingSentAtMs !== undefined, ROUND_MS);
  one.stalledUntilMs = network.nowMs + 10_000;
  network.run(9999);
  assert.equal(flags(network.node(2), { number: 1 }), "fail");
  network.run(2000);
  assert.deepEqual(
    one.events.filter((event) => event.startsWith("suspected")),
    [],
  );
  network.run(5000);
  network.assertWhole();
});

test("a process that stood still for long begins new links with all others", () => {
  const network = new TestNetwork(3).join();
  const { events, membership } = network.node(1);
  const before = events.length;
  membership.tick(true);
  network.run(500);
  const ended = events.slice(before).filter((event) => event.startsWith("disconnected"));
  assert.deepEqual(ended.sort(), ["disconnected 2", "disconnected 3"]);
  network.assertWhole();
});

test("a process that stood still for long gives the others their whole time from then on", () => {
  const network = new TestNetwork(3).join();
  const one = network.node(1);
  // In the middle of a round, whose answers have not come when it goes on.
  network.until(() => one.sees(network.node(2))?.pingSentAtMs !== undefined, ROUND_MS);
  network.split([1], [2, 3]);
  one.stalledUntilMs = network.nowMs + 10_000;
  network.run(9999);
  one.membership.tick(true);
  network.run(TIMEOUT_MS - 100);
  assert.equal(one.membership.reachableCount, 2);
  network.run(200);
  assert.equal(one.membership.reachableCount, 0);
});

test("another node timeout holds for silences that have begun", () => {
  const network = new TestNetwork(3).join();
  network.node(3).stop();
  network.run(500);
  network.node(1).membership.setNodeTimeout(1000);
  network.run(600);
  assert.notEqual(flags(network.node(1), { number: 3 }), "noflags");
  assert.equal(flags(network.node(2), { number: 3 }), "noflags");
});

test("round trips are measured", () => {
  const network = new TestNetwork(2).join();
  network.run(10_000);
  const roundTripMs = network.node(1).sees(network.node(2))?.roundTripMs ?? 0;
  assert.ok(roundTripMs >= 2 && roundTripMs <= 10, `${roundTripMs}`);
});

test("nodes wake up for heartbeats and nothing else", () => {
  const network = new TestNetwork(3).join();
  network.run(5000);
  const before = network.nodes.map(({ running }) => running.ticks);
  network.run(75_000);
  const beats = 2 * 100;
  network.nodes.forEach(({ running }, i) => {
    const ticks = running.ticks - (before[i] ?? 0);
    assert.ok(ticks > 0 && ticks <= beats + 2, `${ticks} wake-ups for ${beats} heartbeats`);
  });
});

test("a node that does not come back is dialled less and less often", () => {
  const network = new TestNetwork(2).join();
  network.node(2).stop();
  network.run(30_000);
  const before = network.node(1).running.ticks;
  network.run(60_000);
  assert.ok(network.node(1).running.ticks - before <= 60);
});
