/** Ordered jobs: whatever the order of coming and going, the list reads as a sorted array would. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Job, NO_JOB } from "../../src/core/job.ts";
import { OrderedJobs } from "../../src/core/ordered-jobs.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { fc } from "../support/fast-check.ts";
import { bareJobs } from "./jobs.ts";

/** A list beside a sorted array with the same content; jobs are created in the order of their handles. */
class Pair {
  readonly jobs: Job[];
  readonly list: OrderedJobs;
  readonly model: Job[] = [];

  constructor(count: number) {
    const { table, jobs } = bareJobs(Array.from({ length: count }, (_, i) => i));
    this.jobs = jobs;
    this.list = new OrderedJobs(table);
  }

  add(job: Job): void {
    let at = this.model.length;
    while (at > 0 && (this.model[at - 1] ?? 0) > job) at--;
    this.model.splice(at, 0, job);
    this.list.add(job);
  }

  remove(job: Job): void {
    this.model.splice(this.model.indexOf(job), 1);
    this.list.remove(job);
  }

  shift(): void {
    assert.equal(this.list.shift(), this.model.shift() ?? NO_JOB);
  }

  checkEnds(): void {
    assert.equal(this.list.length, this.model.length);
    assert.equal(this.list.first(), this.model[0] ?? NO_JOB);
    assert.equal(this.list.last(), this.model.at(-1) ?? NO_JOB);
  }

  check(): void {
    this.checkEnds();
    assert.deepEqual(this.list.oldest(Number.POSITIVE_INFINITY), this.model);
    assert.deepEqual(this.list.newest(Number.POSITIVE_INFINITY), this.model.toReversed());
    assert.deepEqual(this.list.oldest(3), this.model.slice(0, 3));
    assert.deepEqual(this.list.newest(3), this.model.toReversed().slice(0, 3));
    const present = new Set(this.model);
    for (const job of this.jobs) assert.equal(this.list.has(job), present.has(job));
  }
}

test("a few jobs coming and going in any order agree with a sorted array", () => {
  const step = fc.record({
    action: fc.constantFrom("toggle", "toggle", "shift"),
    which: fc.nat(39),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const pair = new Pair(40);
      for (const { action, which } of steps) {
        const job = pair.jobs[which] ?? 0;
        if (action === "shift") pair.shift();
        else if (pair.list.has(job)) pair.remove(job);
        else pair.add(job);
        pair.checkEnds();
      }
      pair.check();
    }),
    { numRuns: 200 },
  );
});

/** One job comes or goes; `outside` holds those that are not in the list. */
const changes: Record<string, (pair: Pair, outside: Job[], random: Xorshift) => void> = {
  append: (pair, outside) => enter(pair, outside, 0),
  scatter: (pair, outside, random) => enter(pair, outside, random.below(outside.length + 1)),
  descend: (pair, outside) => enter(pair, outside, outside.length - 1),
  shift: (pair, outside) => {
    outside.push(...pair.model.slice(0, 1));
    pair.shift();
  },
  remove: (pair, outside, random) => {
    const job = pair.model[random.below(pair.model.length + 1)];
    if (job === undefined) return;
    pair.remove(job);
    outside.push(job);
  },
  putBack: (pair, _outside, random) => {
    const job = pair.model[random.below(pair.model.length + 1)];
    if (job === undefined) return;
    pair.remove(job);
    pair.add(job);
  },
};

function enter(pair: Pair, outside: Job[], at: number): void {
  for (const job of outside.splice(at, 1)) pair.add(job);
}

test("thousands of jobs in any mix of arrivals and departures agree with a sorted array", () => {
  const phase = fc.record({
    change: fc.constantFrom(...Object.values(changes)),
    steps: fc.nat(1500),
  });
  fc.assert(
    fc.property(fc.nat(), fc.array(phase, { maxLength: 10 }), (seed, phases) => {
      const random = new Xorshift(seed);
      const pair = new Pair(4000);
      const outside = [...pair.jobs];
      for (const { change, steps } of phases) {
        outside.sort((a, b) => a - b);
        for (let step = 0; step < steps; step++) {
          change(pair, outside, random);
          pair.checkEnds();
        }
        pair.check();
      }
    }),
    { numRuns: 40 },
  );
});

test("a queue that is always a little behind keeps its order for ever", () => {
  const pair = new Pair(20_000);
  for (const backlog of [0, 1, 5, 8, 31, 200, 511, 513, 1100]) {
    const jobs = pair.jobs.slice(0, 6000);
    for (const job of jobs) {
      pair.add(job);
      if (pair.model.length > backlog) pair.shift();
      pair.checkEnds();
    }
    pair.check();
    while (pair.model.length > 0) pair.shift();
  }
});

test("jobs put back at the head come out first", () => {
  const pair = new Pair(3000);
  for (const job of pair.jobs) pair.add(job);
  for (let round = 0; round < 50; round++) {
    const taken = pair.list.oldest(20);
    for (let i = 0; i < 20; i++) pair.shift();
    for (const job of taken.toReversed()) pair.add(job);
    pair.checkEnds();
  }
  pair.check();
});

test("a hundred thousand jobs arriving newest first are split into blocks that stay sorted", () => {
  const pair = new Pair(100_000);
  for (const job of pair.jobs.toReversed()) pair.list.add(job);
  assert.deepEqual(pair.list.oldest(Number.POSITIVE_INFINITY), pair.jobs);
  for (const job of pair.jobs) assert.equal(pair.list.shift(), job);
  assert.equal(pair.list.shift(), NO_JOB);
});

test("clearing empties it; removing a job that is not there is a bug", () => {
  const pair = new Pair(2000);
  for (const job of pair.jobs) pair.list.add(job);
  pair.list.clear();
  assert.equal(pair.list.length, 0);
  assert.equal(pair.list.first(), NO_JOB);
  pair.list.add(7);
  assert.throws(() => pair.list.remove(8), /is in the list/);
  assert.throws(() => pair.list.remove(6), /is in the list/);
  assert.deepEqual(pair.list.oldest(9), [7]);
});

test("jobs of one millisecond are ordered by counter, then by id", () => {
  const { table, jobs } = bareJobs([5, 5, 5, 4]);
  const list = new OrderedJobs(table);
  for (const job of jobs) list.add(job);
  const [a, b, c, d] = list.oldest(4);
  assert.equal(a, jobs[3]);
  const words = [b, c, d].map((job) => (job === undefined ? 0 : table.idWord(job, 0) >>> 0));
  assert.deepEqual(
    words,
    [...words].sort((x, y) => x - y),
  );
});
