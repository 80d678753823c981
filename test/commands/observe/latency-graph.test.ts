/**
 * The drawing of LATENCY GRAPH, character by character.
 * Tools and eyes are used to this layout, so the examples are whole drawings.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { latencyGraph } from "../../../src/commands/observe/latency-graph.ts";
import { fc } from "../../support/fast-check.ts";

const NOW = 1_000_000;
const DASHES = "-".repeat(80);

/** Draws samples given as [latency in ms, seconds ago]. */
function draw(samples: readonly (readonly [number, number])[], maxMs = 500): string[] {
  const text = latencyGraph({
    event: "command",
    samples: samples.map(([latencyMs, ago]) => ({ latencyMs, unixSeconds: NOW - ago })),
    maxMs,
    nowUnixSeconds: NOW,
  });
  assert.ok(text.endsWith("\n"));
  return text.slice(0, -1).split("\n");
}

test("the graph has a title, a rule, four rows, an empty row and vertical labels", () => {
  const lines = draw([
    [101, 15],
    [201, 14],
    [301, 12],
    [500, 8],
    [401, 6],
  ]);
  assert.deepEqual(lines, [
    "command - high 500 ms, low 101 ms (all time high 500 ms)",
    DASHES,
    "   #_",
    "  _||",
    " _|||",
    "_||||",
    "     ",
    "11186",
    "542ss",
    "sss  ",
  ]);
});

test("one sample stands on the floor", () => {
  assert.deepEqual(draw([[50, 5]], 50), [
    "command - high 50 ms, low 50 ms (all time high 50 ms)",
    DASHES,
    " ",
    " ",
    " ",
    "_",
    " ",
    "5",
    "s",
  ]);
});

test("the all-time maximum is its own number", () => {
  assert.equal(draw([[50, 5]], 900)[0], "command - high 50 ms, low 50 ms (all time high 900 ms)");
});

test("each row has three heights, so twelve equal steps climb evenly", () => {
  const lines = draw(Array.from({ length: 13 }, (_, step) => [step, 1] as const));
  assert.deepEqual(lines.slice(2, 6), [
    "         _o##",
    "      _o#||||",
    "   _o#|||||||",
    "_o#||||||||||",
  ]);
});

test("labels count seconds, minutes, hours and days, and the future is now", () => {
  const labels = [-5, 0, 59, 60, 3599, 3600, 86_399, 86_400, 864_000];
  const lines = draw(labels.map((ago) => [7, ago] as const));
  assert.deepEqual(lines.slice(7), ["005151211", "ss9m9h3d0", "  s m h d"]);
});

test("more than 80 samples continue in a second drawing", () => {
  const samples = Array.from({ length: 100 }, (_, index) => [index, 1] as const);
  const lines = draw(samples);
  const firstHalf = lines.slice(2, 9);
  const secondHalf = lines.slice(10, 17);
  assert.deepEqual([...new Set(firstHalf.map((line) => line.length))], [80]);
  assert.equal(lines[9], "");
  assert.deepEqual([...new Set(secondHalf.map((line) => line.length))], [20]);
  assert.equal(lines.length, 17);
});

test("any samples give rows of equal width whose highest column touches the ceiling", () => {
  const sample = fc.tuple(fc.nat(100_000), fc.nat(1_000_000));
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 80 }), (samples) => {
      const lines = draw(samples);
      const rows = lines.slice(2);
      assert.ok(rows.every((row) => row.length === samples.length));
      const values = samples.map(([latencyMs]) => latencyMs);
      const highest = values.indexOf(Math.max(...values));
      const isFlat = Math.max(...values) === Math.min(...values);
      assert.equal(rows[0]?.[highest], isFlat ? " " : "#");
      assert.equal(rows[3]?.[values.indexOf(Math.min(...values))], "_");
    }),
  );
});
