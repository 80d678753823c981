/** What is remembered of queues because other nodes name them has its limits, and counts as memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobsWorld } from "../../../../src/cluster/jobs/jobs-world.ts";
import { TRADE_BYTES, Trades } from "../../../../src/cluster/jobs/lending/trades.ts";
import { Broker } from "../../../../src/core/broker.ts";
import { FakeHost } from "../../../support/fake-host.ts";
import { Fabric } from "../support/fabric.ts";

const NAME = Buffer.from("queue");

function setUp() {
  const host = new FakeHost(1, {});
  const broker = new Broker(host, { nodeId: "1".repeat(40), maxMemoryBytes: 0 });
  return { broker, trades: new Trades({ host, broker } as unknown as JobsWorld) };
}

test("a trade counts as memory, with its name, until it is forgotten", () => {
  const { broker, trades } = setUp();
  const before = broker.usedBytes;
  const trade = trades.told(NAME);
  trades.told(NAME);
  assert.ok(trade !== undefined);
  assert.equal(broker.usedBytes - before, TRADE_BYTES + NAME.length);
  trades.forget(trade);
  assert.equal(broker.usedBytes, before);
  for (const name of ["a", "b", "c"]) trades.named(Buffer.from(name));
  trades.clear();
  assert.equal(broker.usedBytes, before);
});

test("a queue with a longer name than that is not remembered because another node names it", () => {
  const { trades } = setUp();
  assert.equal(trades.told(Buffer.alloc(65_537)), undefined);
  assert.ok(trades.told(Buffer.alloc(65_536)) !== undefined);
  assert.equal(trades.count, 1);
});

test("with a full memory no further queue is, and those that are known stay so", () => {
  const { broker, trades } = setUp();
  const known = trades.told(NAME);
  broker.memory.maxBytes = 1;
  assert.equal(trades.told(NAME), known);
  assert.equal(trades.told(Buffer.from("other")), undefined);
  assert.ok(trades.named(Buffer.from("own")) !== undefined, "its own ones always are");
});

test("a full memory has room for queues that others name, within a small share of it", () => {
  const { broker, trades } = setUp();
  broker.memory.maxBytes = 32 * 10 * TRADE_BYTES;
  broker.otherBytes += broker.memory.maxBytes;
  for (let n = 0; n < 20; n++) trades.told(Buffer.from(`queue-${n}`));
  assert.equal(trades.count, 10);
  const [first] = trades.values();
  assert.ok(first !== undefined);
  trades.forget(first);
  trades.told(Buffer.from("one more"));
  trades.told(Buffer.from("and one more"));
  assert.equal(trades.count, 10);
});

test("owners see the queues of others in their memory, and nothing of them when all is over", () => {
  const fabric = new Fabric(3);
  const { jobs } = fabric.node(0);
  const ids = Array.from({ length: 60 }, (_, n) => fabric.node(1).add({ queue: `queue-${n}` }).id);
  fabric.run(50);
  const owned = jobs.lending.markets;
  assert.ok(owned > 5, `${owned}`);
  assert.ok(fabric.node(0).broker.otherBytes > owned * TRADE_BYTES);
  for (const id of ids) fabric.node(1).ack(id);
  fabric.run(310_000);
  for (const { broker } of fabric.nodes) assert.equal(broker.otherBytes, 0);
});
