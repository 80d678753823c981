/** Job ids: what clients see is the reference's format, and only canonical spelling names a job. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../../src/core/host.ts";
import {
  JOB_ID_CHARS,
  JOB_ID_WORDS,
  type JobIdKind,
  type JobIdParts,
  makeJobId,
  parseJobId,
  ttlSecondsAtMost,
  writeJobId,
} from "../../src/core/job-id.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { fc } from "../support/fast-check.ts";

function hostOf(seed: number): Host {
  const random = new Xorshift(seed);
  return { nowMs: 0, wallMs: 0, randomWord: () => random.word() };
}

function textOf(words: Int32Array): string {
  const target = Buffer.alloc(JOB_ID_CHARS);
  writeJobId(words, 0, target, 0);
  return target.toString("latin1");
}

function parse(text: string): { kind: JobIdKind; words: Int32Array } {
  const words = new Int32Array(JOB_ID_WORDS);
  const buffer = Buffer.from(`..${text}..`, "latin1");
  return { kind: parseJobId(buffer, 2, 2 + text.length, words), words };
}

function made(parts: Partial<JobIdParts>, nodePrefix = 0xdcb833cf, viewHint = 0): string {
  const words = new Int32Array(JOB_ID_WORDS);
  const all = { ttlSeconds: 86_400, retrySeconds: 300, replicate: 1, ...parts };
  makeJobId({ nodePrefix, viewHint }, all, hostOf(1), words);
  return textOf(words);
}

const VALID = "D-dcb833cf-8YL1NT17e9+wsA/09NqxscQI-05a1";

test("any six words survive the way through the 40 characters", () => {
  const words = fc.array(fc.integer(), { minLength: JOB_ID_WORDS, maxLength: JOB_ID_WORDS });
  fc.assert(
    fc.property(words, (list) => {
      const id = Int32Array.from(list);
      const text = textOf(id);
      assert.match(text, /^D-[0-9a-f]{8}-[A-Za-z0-9+/]{24}-[0-9a-f]{4}$/);
      const parsed = parse(text);
      assert.equal(parsed.kind, "canonical");
      assert.deepEqual(parsed.words, id);
    }),
  );
});

test("the opaque part is base64 of 18 bytes, as everybody else would decode it", () => {
  const { words } = parse(VALID);
  const bytes = Buffer.alloc(20);
  for (let word = 1; word <= 5; word++) bytes.writeInt32BE(words[word] ?? 0, (word - 1) * 4);
  assert.equal(bytes.subarray(0, 18).toString("base64"), "8YL1NT17e9+wsA/09NqxscQI");
  assert.equal(bytes.readUInt16BE(18), 0x05a1);
  assert.equal((words[0] ?? 0) >>> 0, 0xdcb833cf);
});

test("the last field tells the lifetime in minutes, and in its lowest bit the guarantee", () => {
  const suffixes: [ttlSeconds: number, retrySeconds: number, suffix: string][] = [
    [86_400, 300, "05a1"],
    [86_400, 0, "05a0"],
    [1, 1, "0001"],
    [1, 0, "0000"],
    [119, 1, "0001"],
    [119, 0, "0000"],
    [120, 1, "0003"],
    [120, 0, "0002"],
    [3000, 60, "0033"],
    [99_999_999, 60, "ffff"],
    [99_999_999, 0, "fffe"],
    [2 ** 32 - 1, 2 ** 32 - 1, "ffff"],
  ];
  for (const [ttlSeconds, retrySeconds, suffix] of suffixes) {
    assert.equal(made({ ttlSeconds, retrySeconds }).slice(36), suffix);
  }
});

test("no job outlives what its id tells at most, which is less than three minutes more if it tells that", () => {
  const lifetimes = fc.oneof(
    fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    fc.integer({ min: 1, max: 5_000_000 }),
  );
  fc.assert(
    fc.property(lifetimes, fc.nat(1), (ttlSeconds, retrySeconds) => {
      const atMost = ttlSecondsAtMost(parse(made({ ttlSeconds, retrySeconds })).words);
      assert.ok(atMost >= ttlSeconds);
      if (ttlSeconds < 0xfffe * 60) assert.ok(atMost < ttlSeconds + 180);
      else assert.equal(atMost, 2 ** 32 - 1);
    }),
  );
});

test("an id begins with the node and hints at its copies in the last base64 digit", () => {
  assert.equal(made({}, 0x0000_0001).slice(0, 11), "D-00000001-");
  assert.equal(made({}, 0xffff_ffff).slice(0, 11), "D-ffffffff-");
  assert.equal(made({ replicate: 1 })[34], "B");
  assert.equal(made({ replicate: 3 })[34], "D");
  assert.equal(made({ replicate: 63 })[34], "/");
  assert.equal(made({ replicate: 65_535 })[34], "/");
});

test("the two digits before the last hint at the members of the cluster", () => {
  assert.equal(made({}, 1, 0).slice(32, 34), "AA");
  assert.equal(made({}, 1, 1).slice(32, 34), "AB");
  assert.equal(made({}, 1, 4095).slice(32, 34), "//");
});

test("everything between node and hints is random", () => {
  const host = hostOf(1);
  const words = new Int32Array(JOB_ID_WORDS);
  const counts = new Array<number>(126).fill(0);
  for (let i = 0; i < 2000; i++) {
    const maker = { nodePrefix: 0, viewHint: 0 };
    makeJobId(maker, { ttlSeconds: 60, retrySeconds: 1, replicate: 1 }, host, words);
    for (const bit of counts.keys()) {
      const word = words[1 + (bit >> 5)] ?? 0;
      counts[bit] = (counts[bit] ?? 0) + ((word >>> (31 - (bit & 31))) & 1);
    }
  }
  for (const ones of counts) assert.ok(ones > 850 && ones < 1150, `${ones} of 2000`);
});

test("40 bytes with D - - - in their places are well formed, canonical or not", () => {
  const kinds: [text: string, kind: JobIdKind][] = [
    [VALID, "canonical"],
    ["D-zzzzzzzz-!!!!!!!!!!!!!!!!!!!!!!!!-zzzz", "foreign"],
    ["D-DCB833CF-8YL1NT17e9+wsA/09NqxscQI-05a1", "foreign"],
    ["D-dcb833cf-8YL1NT17e9+wsA/09NqxscQI-05A1", "foreign"],
    ["D-dcb833cf-8YL1NT17e9-wsA/09NqxscQI-05a1", "foreign"],
    ["D-dcb833cf-8YL1NT17e9+wsA/09NqxscQ=-05a1", "foreign"],
    ["D-dcb833cf-\x008YL1NT17e9+wsA/09NqxscQ-05a1", "foreign"],
    ["D-dcb833cf-\xff8YL1NT17e9+wsA/09NqxscQ-05a1", "foreign"],
    ["", "malformed"],
    [VALID.slice(1), "malformed"],
    [`${VALID}x`, "malformed"],
    [VALID.replace("D", "d"), "malformed"],
    ["D+dcb833cf-8YL1NT17e9+wsA/09NqxscQI-05a1", "malformed"],
    ["D-dcb833cf+8YL1NT17e9+wsA/09NqxscQI-05a1", "malformed"],
    ["D-dcb833cf-8YL1NT17e9+wsA/09NqxscQI+05a1", "malformed"],
  ];
  for (const [text, kind] of kinds) assert.equal(parse(text).kind, kind, JSON.stringify(text));
});

test("any bytes are sorted into the three kinds as a pattern would, and never throw", () => {
  const canonical = /^D-[0-9a-f]{8}-[A-Za-z0-9+/]{24}-[0-9a-f]{4}$/;
  const nearly = fc.tuple(fc.nat(39), fc.nat(255)).map(([at, byte]) => {
    return VALID.slice(0, at) + String.fromCharCode(byte) + VALID.slice(at + 1);
  });
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ maxLength: 45 })), (given) => {
      const text = Buffer.from(given, "latin1").toString("latin1");
      const isFormed = text.length === 40 && /^D-.{8}-.{24}-.{4}$/s.test(text);
      const expected = canonical.test(text) ? "canonical" : isFormed ? "foreign" : "malformed";
      assert.equal(parse(text).kind, expected);
    }),
    { numRuns: 2000 },
  );
});
