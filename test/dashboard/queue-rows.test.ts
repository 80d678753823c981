/** Queues as rows: what is asked for, rates, pages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueueShape } from "../../src/dashboard/shapes/api-shapes.ts";
import {
  isOrderOf,
  pagesOf,
  pauseAfter,
  type QueueRow,
  queuesPath,
  withRates,
} from "../../src/dashboard/shapes/queue-rows.ts";

function queue(name: string, facts: Partial<QueueShape> = {}): QueueShape {
  return {
    name,
    nameUrl: encodeURIComponent(name),
    length: 0,
    ageSeconds: 10,
    idleSeconds: 0,
    blockedClients: 0,
    jobsIn: 0,
    jobsOut: 0,
    pause: "none",
    oldestAgeSeconds: null,
    ...facts,
  };
}

test("the server is asked for the order, the filter and the page that are looked at", () => {
  const order = { column: "oldest", isDescending: true } as const;
  const view = { filter: { text: "a&b=ü", only: "paused" }, order, page: 3 } as const;
  const asked = new URL(queuesPath(view, "cluster"), "http://node");
  assert.equal(asked.pathname, "/api/queues");
  assert.deepEqual(Object.fromEntries(asked.searchParams), {
    scope: "cluster",
    order: "oldest",
    direction: "descending",
    only: "paused",
    contains: "a&b=ü",
    cursor: "300",
    count: "100",
  });
  const all = { filter: { text: "", only: "all" }, order, page: 0 } as const;
  assert.doesNotMatch(queuesPath(all, "node"), /contains/);
});

test("over all nodes rates are no order", () => {
  assert.deepEqual([isOrderOf("node", "in"), isOrderOf("node", "length")], [true, true]);
  assert.deepEqual([isOrderOf("cluster", "in"), isOrderOf("cluster", "length")], [false, true]);
});

test("rates are differences over time; a queue that was made anew has none", () => {
  const rows: QueueRow[] = withRates([queue("mail")], new Map(), 0);
  const known = new Map(rows.map((row) => [row.nameUrl, row]));
  const later = [queue("mail", { jobsIn: 20, jobsOut: 10 }), queue("new", { jobsIn: 5 })];
  const [mail, fresh] = withRates(later, known, 4);
  assert.deepEqual([mail?.inRate, mail?.outRate], [5, 2.5]);
  assert.deepEqual([fresh?.inRate, fresh?.outRate], [null, null]);
  const [restarted] = withRates([queue("mail")], new Map([["mail", mail as QueueRow]]), 4);
  assert.equal(restarted?.inRate, null);
});

test("rates that the server knows count", () => {
  const told = [queue("mail", { jobsIn: 20, inRate: 7, outRate: null })];
  const [mail] = withRates(
    told,
    new Map([["mail", { ...queue("mail"), inRate: 1, outRate: 1 }]]),
    4,
  );
  assert.deepEqual([mail?.inRate, mail?.outRate], [7, null]);
});

test("rows come in pages, and there is always one", () => {
  assert.deepEqual([0, 1, 100, 101, 10_000].map(pagesOf), [1, 1, 1, 2, 100]);
});

test("the more queues the server must look at, the more rarely it is asked", () => {
  assert.equal(pauseAfter(40, 10), 2000);
  assert.equal(pauseAfter(10_000, 20), 5000);
  assert.equal(pauseAfter(10, 500), 10_000);
});
