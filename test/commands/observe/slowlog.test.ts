/**
 * The slow log: what is kept of a command, how much of it, and for how long.
 * A random sequence of calls is compared with a plain list.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Slowlog } from "../../../src/commands/observe/slowlog.ts";
import { argumentList } from "../../support/argument-list.ts";
import { fc } from "../../support/fast-check.ts";

/** Reports one command; words are latin1. */
function add(log: Slowlog, words: readonly string[], durationMicros = 5, secret?: number[]): void {
  log.add({
    startedAtUnixSeconds: 1_795_238_196,
    durationMicros,
    args: argumentList(words),
    ...(secret && { secretPositions: new Set(secret) }),
    clientAddress: "127.0.0.1:5555",
    clientName: "worker",
  });
}

function newestArgs(log: Slowlog): readonly string[] {
  return log.newest(1)[0]?.args ?? [];
}

test("an entry keeps what the command was, when it began, how long it took and who sent it", () => {
  const log = new Slowlog(0, 128);
  add(log, ["PING", "hello"], 12);
  assert.deepEqual(log.newest(10), [
    {
      id: 0,
      startedAtUnixSeconds: 1_795_238_196,
      durationMicros: 12,
      args: ["PING", "hello"],
      clientAddress: "127.0.0.1:5555",
      clientName: "worker",
    },
  ]);
});

test("commands at or above the threshold are kept, faster ones are not", () => {
  const log = new Slowlog(10, 128);
  for (const micros of [9, 10, 11]) add(log, ["PING"], micros);
  assert.deepEqual(
    log.newest(-1).map((entry) => entry.durationMicros),
    [11, 10],
  );
  assert.equal(log.wants(9), false);
  assert.equal(log.wants(10), true);
});

test("threshold 0 keeps everything, a negative one nothing", () => {
  const log = new Slowlog(0, 128);
  add(log, ["PING"], 0);
  assert.equal(log.length, 1);
  log.thresholdMicros = -1;
  add(log, ["PING"], 1_000_000);
  assert.equal(log.length, 1);
  assert.equal(log.thresholdMicros, -1);
});

test("of more than 32 arguments 31 are kept and the rest is counted", () => {
  const log = new Slowlog(0, 128);
  add(log, ["ACKJOB", ...Array<string>(31).fill("id")]);
  assert.deepEqual(newestArgs(log), ["ACKJOB", ...Array<string>(31).fill("id")]);
  add(log, ["ACKJOB", ...Array<string>(40).fill("id")]);
  assert.deepEqual(newestArgs(log), [
    "ACKJOB",
    ...Array<string>(30).fill("id"),
    "... (10 more arguments)",
  ]);
});

test("of an argument longer than 128 bytes 128 are kept and the rest is counted", () => {
  const log = new Slowlog(0, 128);
  add(log, ["PING", "x".repeat(128)]);
  assert.equal(newestArgs(log)[1], "x".repeat(128));
  add(log, ["PING", "x".repeat(200)]);
  assert.equal(newestArgs(log)[1], `${"x".repeat(128)}... (72 more bytes)`);
});

test("arguments are kept byte by byte, also those that are not text", () => {
  const log = new Slowlog(0, 128);
  add(log, ["PING", "\x00\xff\r\n"]);
  assert.equal(newestArgs(log)[1], "\x00\xff\r\n");
});

test("what an entry shows does not change when the request's buffer is used again", () => {
  const log = new Slowlog(0, 128);
  const args = argumentList(["some body"]);
  log.add({
    startedAtUnixSeconds: 1,
    durationMicros: 1,
    args,
    clientAddress: "",
    clientName: "",
  });
  args.buffer.fill(0);
  assert.deepEqual(newestArgs(log), ["some body"]);
});

test("secret arguments are replaced, with nothing that tells their length", () => {
  const log = new Slowlog(0, 128);
  add(log, ["AUTH", "p".repeat(300)], 5, [1]);
  assert.deepEqual(newestArgs(log), ["AUTH", "(redacted)"]);
});

test("the newest entries come first, and the oldest give way", () => {
  const log = new Slowlog(0, 2);
  for (const word of ["a", "b", "c"]) add(log, [word]);
  assert.deepEqual(
    log.newest(-1).map((entry) => [entry.id, entry.args[0]]),
    [
      [2, "c"],
      [1, "b"],
    ],
  );
});

test("a shorter maximum drops the oldest entries at once", () => {
  const log = new Slowlog(0, 10);
  for (const word of ["a", "b", "c"]) add(log, [word]);
  log.lengthMax = 1;
  assert.equal(log.lengthMax, 1);
  assert.equal(log.length, 1);
  assert.deepEqual(newestArgs(log), ["c"]);
  log.lengthMax = 0;
  add(log, ["d"]);
  assert.equal(log.length, 0);
});

test("a reset empties the log but never uses an id again", () => {
  const log = new Slowlog(0, 10);
  add(log, ["a"]);
  log.reset();
  assert.deepEqual(log.newest(-1), []);
  add(log, ["b"]);
  assert.equal(log.newest(1)[0]?.id, 1);
});

test("asking for none or for more than there are is fine", () => {
  const log = new Slowlog(0, 10);
  add(log, ["a"]);
  assert.deepEqual(log.newest(0), []);
  assert.equal(log.newest(99).length, 1);
});

test("the log behaves like a plain list cut to its maximum", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), micros: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ kind: fc.constant("max" as const), entries: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ kind: fc.constant("reset" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const log = new Slowlog(10, 3);
      let model: number[] = [];
      let nextId = 0;
      let max = 3;
      for (const action of steps) {
        if (action.kind === "reset") {
          log.reset();
          model = [];
        } else if (action.kind === "max") {
          log.lengthMax = action.entries;
          max = action.entries;
        } else {
          add(log, ["x"], action.micros);
          if (action.micros >= 10) model.unshift(nextId++);
        }
        model = model.slice(0, max);
        assert.deepEqual(
          log.newest(-1).map((entry) => entry.id),
          model,
        );
      }
    }),
  );
});
