/**
 * What is printed follows from what was measured.
 *
 * Ratios are medians of the rounds' ratios, and a profile adds up to all of its time.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { summarize } from "../../bench/profile.ts";
import { jsonLine, median, workloadTable } from "../../bench/report.ts";

test("the median of an even number of values lies between the middle two", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([3, 1, 2]), 2);
  assert.ok(Number.isNaN(median([])));
});

test("a table shows medians and the median ratio of neighbouring rounds", () => {
  const columns = [
    { key: "a", title: "a/s", digits: 1, isCompared: true },
    { key: "b", title: "b", digits: 0 },
  ];
  const rounds = new Map([
    ["ringq", [10, 20, 3000].map((a) => ({ a, b: 1 }))],
    ["redis", [20, 40, 30].map((a) => ({ a, b: Number.NaN }))],
  ]);
  assert.deepEqual(workloadTable({ title: "load", columns, goals: [], rounds }).split("\n"), [
    "load",
    "                    a/s  b",
    "  ringq            20.0  1",
    "  redis            30.0  -",
    "  ringq / redis  x 0.50",
  ]);
});

test("a goal is printed beside what came of it, and what was compared", () => {
  const columns = [
    { key: "a", title: "a/s", digits: 1, isCompared: true },
    { key: "b", title: "b", digits: 0 },
  ];
  const rounds = new Map([
    ["three", [10, 20, 3000].map((a) => ({ a, b: 7 }))],
    ["one", [20, 40, 30].map((a) => ({ a, b: 1 }))],
  ]);
  const goals = [
    { key: "a", is: "at least", limit: 0.5, against: "ratio" },
    { key: "b", is: "at most", limit: 6.5 },
    { key: "b", is: "at most", limit: 6.5, against: "difference" },
  ] as const;
  assert.deepEqual(workloadTable({ title: "load", columns, goals, rounds }).split("\n").slice(-3), [
    "  goal: a/s, three / one at least x 0.50: x 0.50, reached",
    "  goal: b at most 6.50: 7.00, MISSED",
    "  goal: b, three - one at most 6.50: 6.00, reached",
  ]);
});

test("the JSON line has three decimals and no NaN", () => {
  assert.equal(jsonLine({ a: 1.23456, b: Number.NaN }), '{"a":1.235,"b":null}');
});

test("a profile tells idle time from work and adds up functions and files", () => {
  const node = (id: number, functionName: string, url: string) => ({
    id,
    callFrame: { functionName, url, lineNumber: 0 },
  });
  const summary = summarize({
    nodes: [node(1, "(idle)", ""), node(2, "f", "file:///x/a.js"), node(3, "g", "file:///x/a.js")],
    samples: [1, 2, 3, 2],
    timeDeltas: [40, 30, 15, 15],
  });
  assert.equal(summary.idlePercent, 40);
  assert.deepEqual(summary.functions, [
    { name: "f a.js:1", percent: 75 },
    { name: "g a.js:1", percent: 25 },
  ]);
  assert.deepEqual(summary.files, [{ name: "a.js", percent: 100 }]);
});
