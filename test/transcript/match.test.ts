/**
 * What the placeholders of transcripts mean.
 *
 * The matcher decides whether the server is right, so it must not be too kind.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply } from "../support/reply.ts";
import type { ExpectedReply } from "./format.ts";
import {
  type Bindings,
  describeMismatch,
  findJobId,
  matchesReply,
  matchesText,
  substituted,
} from "./match.ts";

const JOB = "D-0123abcd-ABCDEFGHIJKLMNOPQRSTUV+/-05a1";
const OTHER_JOB = "D-0123abcd-ABCDEFGHIJKLMNOPQRSTUVWX-05a1";

function matches(expected: ExpectedReply, actual: Reply, bindings: Bindings = new Map()): boolean {
  return matchesReply(expected, actual, bindings, "exact");
}

test("text without placeholders matches itself only", () => {
  assert.ok(matchesText("a.b", "a.b", new Map()));
  assert.ok(!matchesText("a.b", "axb", new Map()));
  assert.ok(!matchesText("a", "ab", new Map()));
});

test("the type of a reply counts", () => {
  assert.ok(matches({ t: "+", v: "OK" }, { t: "+", v: "OK" }));
  assert.ok(!matches({ t: "+", v: "OK" }, { t: "$", v: "OK" }));
  assert.ok(!matches({ t: "nil", v: "$" }, { t: "nil", v: "*" }));
  assert.ok(!matches({ t: "$", v: "<str>" }, { t: "nil", v: "$" }));
});

test("a job ID is bound at its first use and compared afterwards", () => {
  const bindings: Bindings = new Map();
  assert.ok(matchesText("<jobid:1>", JOB, bindings));
  assert.ok(matchesText("id <jobid:1>.", `id ${JOB}.`, bindings));
  assert.ok(!matchesText("<jobid:1>", OTHER_JOB, bindings));
  assert.ok(matchesText("<jobid:2>", OTHER_JOB, bindings));
  assert.ok(!matchesText("<jobid:3>", "D-0123abcd-short-05a1", bindings));
  assert.ok(!bindings.has("jobid:3"));
});

test("integers and ranges", () => {
  const integer = (v: string | number, actual: number): boolean =>
    matches({ t: ":", v }, { t: ":", v: actual });
  assert.ok(integer("<int>", -5));
  assert.ok(integer(7, 7));
  assert.ok(!integer(7, 8));
  assert.ok(integer("<int:1..3>", 3));
  assert.ok(integer("<int:-2..-1>", -2));
  assert.ok(!integer("<int:1..3>", 4));
  assert.ok(matchesText("a:<digits>:<int:1..9>", "a:77:9", new Map()));
  assert.ok(!matchesText("a:<digits>:<int:1..9>", "a:77:10", new Map()));
});

test("a whole expression captures its named groups", () => {
  const bindings: Bindings = new Map();
  assert.ok(matchesText("<re:(?P<prefix>[0-9a-f]{8})\\n.*>", "0123abcd\nrest\nmore", bindings));
  assert.ok(matchesText("D-<cap:prefix>-<str>", "D-0123abcd-x", bindings));
  assert.ok(!matchesText("<re:b>", "abc", bindings));
});

test("arrays match item by item, or in any order when they say so", () => {
  const actual: Reply = { t: "*", v: [JOB, OTHER_JOB].map((v): Reply => ({ t: "$", v })) };
  const expected = (unordered: boolean, ...v: string[]): ExpectedReply => ({
    t: "*",
    v: v.map((text) => ({ t: "$", v: text })),
    unordered,
  });
  assert.ok(matches(expected(false, JOB, OTHER_JOB), actual));
  assert.ok(!matches(expected(false, OTHER_JOB, JOB), actual));
  assert.ok(matches(expected(true, OTHER_JOB, JOB), actual));
  assert.ok(!matches(expected(true, JOB, JOB), actual));
  assert.ok(!matches(expected(true, JOB), actual));
  assert.ok(matches({ t: "*", v: "<any>" }, actual));
});

test("shape compares types and lengths only", () => {
  const actual: Reply = {
    t: "*",
    v: [
      { t: ":", v: 1 },
      { t: "$", v: "a" },
    ],
  };
  const shape = (...v: ExpectedReply[]): boolean =>
    matchesReply({ t: "*", v }, actual, new Map(), "shape");
  assert.ok(shape({ t: ":", v: 9 }, { t: "$", v: "z" }));
  assert.ok(!shape({ t: "$", v: "1" }, { t: "$", v: "z" }));
  assert.ok(!shape({ t: ":", v: 9 }));
});

test("what is sent may hold bound placeholders and addresses", () => {
  const bindings: Bindings = new Map([["jobid:1", JOB]]);
  const send = (text: string): string => substituted(text, bindings, (name) => `127.0.0.1:${name}`);
  assert.equal(send("<jobid:1> <addr:b> <x>"), `${JOB} 127.0.0.1:b <x>`);
  assert.throws(() => send("<jobid:2>"), /nothing is bound/);
});

test("the first job ID is found anywhere in a reply", () => {
  assert.equal(
    findJobId({
      t: "*",
      v: [
        { t: ":", v: 1 },
        { t: "$", v: `x${JOB}` },
      ],
    }),
    JOB,
  );
  assert.equal(findJobId({ t: "nil", v: "*" }), undefined);
});

test("a mismatch is described at the item that differs", () => {
  const item = (v: string): ExpectedReply => ({ t: "$", v });
  const reply = (v: string): Reply => ({ t: "$", v });
  const text = describeMismatch(
    { t: "*", v: [item("a"), { t: "*", v: [item("b"), item("c")] }] },
    { t: "*", v: [reply("a"), { t: "*", v: [reply("b"), reply("x")] }] },
    new Map(),
  );
  assert.equal(text, 'item 1: item 1: expected {"t":"$","v":"c"} got {"t":"$","v":"x"}');
});
