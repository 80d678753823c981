/** The id index: finds what is in it and nothing else, through every growth and shrinking. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Arena } from "../../src/core/arena.ts";
import { IdIndex } from "../../src/core/id-index.ts";
import { type Job, NO_JOB } from "../../src/core/job.ts";
import { JobTable } from "../../src/core/job-table.ts";
import { hashId, hashKeys } from "../../src/core/keyed-hash.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { fc } from "../support/fast-check.ts";
import { bareRecord, randomId } from "./jobs.ts";

/** An index beside a Map with the same content. */
class Pair {
  readonly table = new JobTable(new Arena());
  readonly index: IdIndex;
  readonly model = new Map<Job, Int32Array>();
  readonly #random: Xorshift;

  constructor(seed: number, secret?: number) {
    this.#random = new Xorshift(seed);
    this.index = new IdIndex(this.table, secret ?? this.#random.word());
  }

  add(id = randomId(this.#random)): Job {
    const job = this.table.add(bareRecord(id));
    this.index.add(job, id);
    this.model.set(job, id);
    return job;
  }

  /** Removes a job; any one when none is named. Its record goes with it and is used again. */
  remove(job = this.#random.pick([...this.model.keys()])): void {
    this.index.remove(job);
    this.table.remove(job);
    this.model.delete(job);
  }

  check(): void {
    assert.equal(this.index.count, this.model.size);
    for (const [job, id] of this.model) assert.equal(this.index.find(id), job);
    assert.equal(this.index.find(randomId(this.#random)), NO_JOB);
  }
}

/** Two ids with the same hash under this secret. */
function twinIds(secret: number): [Int32Array, Int32Array] {
  const keys = hashKeys(secret);
  const random = new Xorshift(7);
  const byHash = new Map<number, Int32Array>();
  for (let i = 0; i < 500_000; i++) {
    const id = randomId(random);
    const hash = hashId(keys, id);
    const twin = byHash.get(hash);
    if (twin !== undefined) return [twin, id];
    byHash.set(hash, id);
  }
  return assert.fail("no two of so many ids have the same hash");
}

test("adding and removing in any proportion agrees with a Map", () => {
  const phases = fc.array(
    fc.record({ addShare: fc.double({ min: 0, max: 1 }), steps: fc.nat(800) }),
    {
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(fc.integer(), phases, (seed, list) => {
      const pair = new Pair(seed);
      const random = new Xorshift(seed);
      for (const { addShare, steps } of list) {
        for (let step = 0; step < steps; step++) {
          if (pair.model.size === 0 || random.fraction() < addShare) pair.add();
          else pair.remove();
        }
        pair.check();
      }
    }),
    { numRuns: 30 },
  );
});

test("removed ids are unknown, also while the table is being replaced", () => {
  const pair = new Pair(1);
  const removed: Int32Array[] = [];
  for (let i = 0; i < 6000; i++) {
    pair.add();
    if (i % 3 !== 0) continue;
    const [job, id] = [...pair.model][Math.floor(pair.model.size / 2)] ?? [
      NO_JOB,
      new Int32Array(6),
    ];
    removed.push(id);
    pair.remove(job);
    const recent = removed.slice(-50);
    for (const gone of recent) assert.equal(pair.index.find(gone), NO_JOB);
  }
  pair.check();
});

test("it grows with its content and shrinks again, down to the size it began with", () => {
  const pair = new Pair(2);
  const emptyBytes = pair.index.usedBytes;
  const jobs = Array.from({ length: 50_000 }, () => pair.add());
  pair.check();
  const fullBytes = pair.index.usedBytes;
  assert.ok(fullBytes <= 50_000 * 8 * 6, "at most six cells a job while growing");
  for (const job of jobs) pair.remove(job);
  for (let i = 0; i < 5000; i++) pair.remove(pair.add());
  assert.equal(pair.index.count, 0);
  assert.equal(pair.index.usedBytes, emptyBytes);
});

test("a constant number of jobs that come and go keeps the table at its size", () => {
  const pair = new Pair(3);
  const jobs = Array.from({ length: 3000 }, () => pair.add());
  const sizes = new Set<number>();
  for (let i = 0; i < 60_000; i++) {
    const oldest = jobs.shift();
    assert.ok(oldest !== undefined);
    pair.remove(oldest);
    jobs.push(pair.add());
    sizes.add(pair.index.usedBytes);
  }
  pair.check();
  assert.ok(Math.max(...sizes) <= 3 * 8 * 8192, "abandoned cells do not make it grow");
});

test("ids that differ in one bit are different ids", () => {
  const pair = new Pair(4);
  const id = randomId(new Xorshift(5));
  pair.add(id);
  for (let bit = 0; bit < 192; bit++) {
    const other = Int32Array.from(id);
    other[bit >> 5] = (other[bit >> 5] ?? 0) ^ (1 << (bit & 31));
    assert.equal(pair.index.find(other), NO_JOB);
    pair.add(other);
  }
  pair.check();
  for (const job of [...pair.model.keys()]) pair.remove(job);
  pair.check();
});

test("ids with the same hash are different ids, whether they were added just now or long ago", () => {
  const secret = 8;
  const [one, other] = twinIds(secret);
  for (const addedLater of [0, 100]) {
    for (const [stays, goes] of [
      [one, other],
      [other, one],
    ] as const) {
      const pair = new Pair(9, secret);
      pair.add(stays);
      assert.equal(pair.index.find(goes), NO_JOB);
      const going = pair.add(goes);
      for (let i = 0; i < addedLater; i++) pair.add();
      pair.check();
      pair.remove(going);
      assert.equal(pair.index.find(goes), NO_JOB);
      pair.check();
      pair.add(goes);
      pair.check();
    }
  }
});

test("clearing forgets everything", () => {
  const pair = new Pair(6);
  const ids = Array.from({ length: 3000 }, () => pair.model.get(pair.add()));
  pair.index.clear();
  pair.table.clear();
  for (const id of ids) assert.equal(id && pair.index.find(id), NO_JOB);
  pair.model.clear();
  pair.add();
  pair.check();
});
