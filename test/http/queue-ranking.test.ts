/** Pages of all queues in an order: complete while the clock goes on, however many are read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeTotals } from "../../src/cluster/totals.ts";
import { queueFigures } from "../../src/cluster/totals-figures.ts";
import type { QueueTotals } from "../../src/cluster/totals-sum.ts";
import { ClusterRanking } from "../../src/http/cluster-ranking.ts";
import type { PageWish, QueueOrder } from "../../src/http/queue-order.ts";
import { QueueRanking } from "../../src/http/queue-ranking.ts";
import { FakeServer } from "../support/fake-server.ts";

const QUEUES = 1100;

function wish(order: QueueOrder, offset: number, count: number): PageWish {
  return { order, isDescending: true, only: "all", contains: undefined, offset, count };
}

/** A node whose queues were made one ms after the other. */
function manyQueues(): FakeServer {
  const server = new FakeServer();
  const client = server.connect();
  for (let i = 0; i < QUEUES; i++) {
    client.send("ADDJOB", `q${i}`, "x", "0");
    server.advance(1);
  }
  return server;
}

const server = manyQueues();

test("pages meet every queue in an order of ages, whatever time each walk takes", async () => {
  let stepMs = 0;
  const slices = {
    next: async () => {
      server.host.nowMs += stepMs;
      server.host.wallMs += stepMs;
    },
  };
  const ranking = new QueueRanking(server.state, slices);
  for (const order of ["oldest", "idle"] as const) {
    const seen = new Set<string>();
    for (let offset = 0; offset < QUEUES; offset += 100) {
      stepMs = 400 - stepMs;
      const { queues } = await ranking.take(wish(order, offset, 100));
      for (const { name } of queues) seen.add(name.toString());
    }
    assert.equal(seen.size, QUEUES, order);
  }
});

test("whoever reads page after page is not refused, however many there are", async () => {
  const ranking = new QueueRanking(server.state, { next: async () => {} });
  for (let offset = 0; offset < 100; offset++) {
    const { queues } = await ranking.take(wish("length", offset, 1));
    assert.equal(queues.length, 1);
  }
  const { queues, found } = await ranking.take(wish("length", QUEUES, 250));
  assert.deepEqual([queues.length, found], [0, QUEUES], "behind the last one");
});

test("so many pages over all nodes are made at once, equal ones as one", async () => {
  const figures = queueFigures.map(() => 1);
  const queues: QueueTotals[] = [{ queue: Buffer.from("q"), figures }];
  const nodes: NodeTotals[] = [];
  let readings = 0;
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const reader = {
    take: async () => {
      readings++;
      await held;
      return { queues, nodes, isPartial: false };
    },
  };
  const ranking = new ClusterRanking({ nowMs: 0 }, reader, { next: async () => {} });
  const pages = Array.from({ length: 16 }, (_, i) => ranking.take(wish("length", i, 1)));
  assert.equal(ranking.take(wish("length", 3, 1)), pages[3]);
  assert.throws(() => ranking.take(wish("length", 16, 1)), /Too many lists/);
  goOn();
  const found = await Promise.all(pages);
  assert.deepEqual([readings, found[0]?.rows.length, found[1]?.rows.length], [16, 1, 0]);
  assert.equal((await ranking.take(wish("length", 16, 1))).found, 1);
});
