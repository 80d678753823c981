/** Queues as rows: rates, filter, order, pages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueueShape } from "../../src/dashboard/shapes/api-shapes.ts";
import {
  arranged,
  pageOf,
  pauseAfter,
  type QueueRow,
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

const rows: QueueRow[] = withRates(
  [
    queue("mail", { length: 5, oldestAgeSeconds: 3 }),
    queue("Mailbox", { length: 9, blockedClients: 1, oldestAgeSeconds: 9 }),
    queue("video", { pause: "out" }),
    queue("audio", {}),
  ],
  new Map(),
  0,
);
const names = (found: readonly QueueRow[]): string => found.map(({ name }) => name).join(" ");
const all = { text: "", only: "all" } as const;

test("rows are ordered by a column, and by name where it says nothing", () => {
  const by = (column: "length" | "oldest" | "name", isDescending: boolean) =>
    names(arranged(rows, all, { column, isDescending }));
  assert.equal(by("length", true), "Mailbox mail audio video");
  assert.equal(by("length", false), "audio video mail Mailbox");
  assert.equal(by("oldest", true), "Mailbox mail audio video");
  assert.equal(by("name", false), "Mailbox audio mail video");
});

test("rows are found by a part of their name and by their state", () => {
  const order = { column: "name", isDescending: false } as const;
  assert.equal(names(arranged(rows, { text: "MAIL", only: "all" }, order)), "Mailbox mail");
  assert.equal(names(arranged(rows, { text: "", only: "paused" }, order)), "video");
  assert.equal(names(arranged(rows, { text: "", only: "waiting" }, order)), "Mailbox mail");
  assert.equal(names(arranged(rows, { text: "", only: "starving" }, order)), "mail");
});

test("rates are differences over time; a queue that was made anew has none", () => {
  const known = new Map(rows.map((row) => [row.nameUrl, row]));
  const later = [queue("mail", { jobsIn: 20, jobsOut: 10 }), queue("new", { jobsIn: 5 })];
  const [mail, fresh] = withRates(later, known, 4);
  assert.deepEqual([mail?.inRate, mail?.outRate], [5, 2.5]);
  assert.deepEqual([fresh?.inRate, fresh?.outRate], [null, null]);
  const [restarted] = withRates([queue("mail")], new Map([["mail", mail as QueueRow]]), 4);
  assert.equal(restarted?.inRate, null);
});

test("of many rows one page is drawn, and a page that went is the last one", () => {
  const many = Array.from({ length: 10_000 }, (_, at) => at);
  assert.deepEqual(pageOf(many, 3).shown.slice(0, 2), [300, 301]);
  assert.equal(pageOf(many, 3).shown.length, 100);
  assert.equal(pageOf(many, 3).pages, 100);
  assert.deepEqual(pageOf([1, 2], 7), { shown: [1, 2], page: 0, pages: 1 });
});

test("the more there is to read, the more rarely it is read", () => {
  assert.equal(pauseAfter(40, 10), 2000);
  assert.equal(pauseAfter(10_000, 300), 40_000);
  assert.equal(pauseAfter(10, 500), 10_000);
});
