/** Options of commands: in any order, checked where they stand, filled anew for every request. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  argumentOption,
  integerOption,
  OptionReader,
  readAllOptions,
  repeatedOption,
  switchOption,
} from "../../src/commands/options.ts";
import { requestOf } from "./request-of.ts";

/** One option of each kind, and their reader. */
function someOptions() {
  const retry = integerOption("RETRY", {
    min: 1,
    max: 9,
    absent: -1,
    error: "no number",
    errorBelow: "too small",
    errorAbove: "too large",
  });
  const count = integerOption("COUNT", { min: 1, max: 9, absent: 5, error: "bad count" });
  const async = switchOption("ASYNC");
  const queue = argumentOption("QUEUE");
  const state = repeatedOption("STATE");
  const reader = new OptionReader([retry, count, async, queue, state]);
  return { retry, count, async, queue, state, reader };
}

/** Reads a line of words behind the command's name. */
function read(line: string) {
  const options = someOptions();
  const words = ["COMMAND", ...line.split(" ").filter((word) => word !== "")];
  const error = readAllOptions(options.reader, requestOf(...words), 1);
  const { retry, count, async, queue, state } = options;
  const values = [retry.value, count.value, async.value, queue.value, state.values];
  return error ?? values;
}

test("absent options have their default", () => {
  assert.deepEqual(read(""), [-1, 5, 0, 0, []]);
});

test("options come in any order, ignore case and count with their last value", () => {
  assert.deepEqual(read("RETRY 3 ASYNC QUEUE x COUNT 7"), [3, 7, 1, 5, []]);
  assert.deepEqual(read("queue ASYNC Retry 3 async rEtRy 4"), [4, 5, 1, 2, []]);
});

test("a repeated option keeps all its places", () => {
  assert.deepEqual(read("STATE a COUNT 2 STATE STATE state b"), [-1, 2, 0, 0, [2, 6, 8]]);
});

test("a bad value is answered with the option's own text, below and above its limits too", () => {
  assert.equal(read("RETRY x"), "no number");
  assert.equal(read("RETRY 0"), "too small");
  assert.equal(read("RETRY 10"), "too large");
  for (const value of ["x", "0", "10", "1.5"]) assert.equal(read(`COUNT ${value}`), "bad count");
});

test("of several faults the leftmost is answered", () => {
  assert.equal(read("COUNT x RETRY x"), "bad count");
  assert.equal(read("RETRY x COUNT x"), "no number");
  assert.equal(read("RETRY x FOO"), "no number");
  assert.equal(read("FOO RETRY x"), "ERR syntax error");
});

test("a word that is no option and an option without a value are syntax errors", () => {
  for (const line of ["FOO", "ASYNC 1", "RETRY", "QUEUE", "STATE", "COUNT 1 COUNT"]) {
    assert.equal(read(line), "ERR syntax error", line);
  }
});

test("reading stops at the first word that is no option, and can go on behind it", () => {
  const { reader, retry, count } = someOptions();
  const request = requestOf("COMMAND", "RETRY", 3, "cursor", "COUNT", 4);
  reader.reset();
  assert.equal(reader.read(request, 1), 3);
  assert.equal(reader.read(request, 4), 6);
  assert.deepEqual([retry.value, count.value], [3, 4]);
});

test("nothing of an earlier request is left after a reset", () => {
  const { reader, ...options } = someOptions();
  reader.read(requestOf("COMMAND", ..."RETRY 3 COUNT 4 ASYNC QUEUE q STATE s".split(" ")), 1);
  reader.reset();
  const values = Object.values(options).map(({ value }) => value);
  assert.deepEqual(values, [-1, 5, 0, 0, 0]);
  assert.deepEqual(options.state.values, []);
});
