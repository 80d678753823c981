/** What is hashed, and how the 64 bits are split: every node must agree on this for ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hash64 } from "../../src/cluster/ring-hash.ts";
import { JOB_ID_CHARS, JOB_ID_WORDS, parseJobId } from "../../src/core/job-id.ts";
import { realHash, xxh64 } from "./rings.ts";

const NODE = "dcb833cf8f42fbb7924d92335ff6d67d3cea6e3d";
const JOB = "D-dcb833cf-8YL1NT17e9+wsA/09NqxscQI-05a1";

function hexOf({ hi, lo }: Hash64): string {
  return hi.toString(16).padStart(8, "0") + lo.toString(16).padStart(8, "0");
}

test("the hash is XXH64 with seed 0", () => {
  const vectors = {
    "": "ef46db3751d8e999",
    abc: "44bc2cf5ad770999",
    [JOB]: "c0049ab672ff5b18",
    "q\0myqueue": "19c5c83fb981a406",
    [`${NODE}:0`]: "68ea5f59c068a583",
    ["x".repeat(100)]: "92f0de5a88a3c094",
  };
  for (const [text, expected] of Object.entries(vectors)) {
    assert.equal(xxh64(Buffer.from(text)).toString(16), expected, text);
  }
});

test("a job's key is the hash of the 40 characters of its id", () => {
  const id = new Int32Array(JOB_ID_WORDS);
  assert.equal(parseJobId(Buffer.from(JOB), 0, JOB_ID_CHARS, id), "canonical");
  assert.equal(hexOf(realHash.ofJob(id)), "c0049ab672ff5b18");
});

test("a queue's key is the hash of q, NUL and its name", () => {
  assert.equal(hexOf(realHash.ofQueue(Buffer.from("myqueue"))), "19c5c83fb981a406");
});

test("names of any bytes and any length are hashed whole, also after longer ones", () => {
  for (const length of [70_000, 0, 255, 1, 254]) {
    const name = Buffer.alloc(length, 0xff);
    const expected = xxh64(Buffer.concat([Buffer.from("q\0"), name]));
    assert.equal(hexOf(realHash.ofQueue(name)), expected.toString(16).padStart(16, "0"));
  }
});

test("a token is the hash of the node id, a colon and its number in decimal", () => {
  assert.equal(hexOf(realHash.ofToken(NODE, 0)), "68ea5f59c068a583");
  const expected = xxh64(Buffer.from(`${NODE}:511`));
  assert.equal(hexOf(realHash.ofToken(NODE, 511)), expected.toString(16).padStart(16, "0"));
});

test("a member's part of the fingerprint is the hash of m, NUL and the node id", () => {
  const expected = xxh64(Buffer.from(`m\0${NODE}`));
  assert.equal(hexOf(realHash.ofMember(NODE)), expected.toString(16).padStart(16, "0"));
});
