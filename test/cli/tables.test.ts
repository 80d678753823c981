/** Tables, figures and rates as the tools show them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { durationText, microsText, rateText } from "../../src/cli/figures.ts";
import { shownName } from "../../src/cli/queue-figures.ts";
import { tableLines } from "../../src/cli/table.ts";
import { nodeLines } from "../../src/cli/top/frame.ts";
import type { Look, NodeLook } from "../../src/cli/top/observation.ts";
import { queueRows } from "../../src/cli/top/queue-rows.ts";
import { InfoFields } from "../../src/client/info.ts";

const columns = [
  { title: "QUEUE", align: "left", widthMin: 6 },
  { title: "DEPTH", align: "right" },
] as const;

test("names stand to the left, numbers to the right, under their titles", () => {
  assert.deepEqual(
    tableLines(columns, [
      ["a", "1"],
      ["longer name", "1,000,000"],
    ]),
    ["QUEUE            DEPTH", "a                    1", "longer name  1,000,000"],
  );
});

test("a narrow terminal cuts names, never numbers, and not below their least width", () => {
  const row = ["a rather long name", "1,000,000"];
  assert.deepEqual(tableLines(columns, [row], 20), [
    "QUEUE          DEPTH",
    "a rather…  1,000,000",
  ]);
  assert.equal(tableLines(columns, [row], 5)[1], "a rat…  1,000,000");
});

test("one endless name does not push the figures away where lines may be of any length", () => {
  const [titles = "", row = ""] = tableLines(columns, [["x".repeat(3000), "7"]], Infinity);
  assert.equal(row.length, titles.length);
  assert.match(row, /^x{119}… {6}7$/);
});

test("an empty name can be seen", () => {
  assert.deepEqual(["", " ", "mail"].map(shownName), ['""', " ", "mail"]);
});

test("durations show their two greatest units", () => {
  const seconds = [0.42, 12, 192, 18_120, 273_600];
  const texts = seconds.map((each) => durationText(each * 1000));
  assert.deepEqual(texts, ["420ms", "12s", "3m12s", "5h02m", "3d4h"]);
  assert.equal(durationText(Number.NaN), "-");
});

test("small rates have a digit behind the point, and what is not known is a dash", () => {
  assert.deepEqual([0, 0.25, 9.94, 12.6, 12_345, Number.NaN].map(rateText), [
    "0",
    "0.3",
    "9.9",
    "13",
    "12,345",
    "-",
  ]);
  assert.deepEqual([12, 1234, 123_456].map(microsText), ["0.0120", "1.23", "123"]);
});

/** A node with one queue, whose counters are given. */
function node(id: string, jobsIn: number, jobsOut: number, run = "run"): NodeLook {
  const queue = {
    name: "q",
    length: 5,
    waiters: 1,
    inFlight: 2,
    jobsIn,
    jobsOut,
    importRate: 0,
    pause: "none",
  };
  return {
    node: { id, host: "h", port: 1, flags: [], isMyself: false, isLinked: true },
    address: id,
    connection: undefined,
    info: new InfoFields(`run_id:${run}`),
    queues: [queue],
    isCut: false,
    nowMs: 0,
    problem: "",
  };
}

const look = (atMs: number, ...nodes: NodeLook[]): Look => ({ atMs, nodes });

test("rates are what counters grew by, for each node and for all together", () => {
  const before = look(0, node("a", 100, 50), node("b", 0, 0));
  const now = look(2000, node("a", 120, 50), node("b", 10, 30));
  const rates = (isByNode: boolean) =>
    queueRows(now, before, isByNode).map(({ where, length, inRate, outRate }) => [
      where,
      length,
      inRate,
      outRate,
    ]);
  assert.deepEqual(rates(true), [
    ["a", 5, 10, 0],
    ["b", 5, 5, 15],
  ]);
  assert.deepEqual(rates(false), [["2", 10, 15, 15]]);
});

test("why a node is silent stands under the table of nodes, and widens no column", () => {
  const silent = { ...node("b", 0, 0), info: undefined, problem: `no reply ${"x".repeat(200)}` };
  const lines = nodeLines(look(0, node("a", 1, 1), silent), undefined);
  assert.match(lines[0] ?? "", /^NODE {2}STATE {3}QUEUED /);
  assert.match(lines[2] ?? "", /^b {5}silent$/);
  assert.match(lines[4] ?? "", /^b is silent: no reply x+$/);
});

test("a node that started again in between has no rates, nor has a first look", () => {
  const now = look(2000, node("a", 3, 3, "new run"));
  assert.equal(queueRows(now, look(0, node("a", 1, 1)), true)[0]?.inRate, Number.NaN);
  assert.equal(queueRows(now, undefined, true)[0]?.outRate, Number.NaN);
});
