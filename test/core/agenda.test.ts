/** The agenda: every job is looked at in the very millisecond it was noted for, in bounded steps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Agenda } from "../../src/core/agenda.ts";
import type { Job } from "../../src/core/job.ts";
import { fc } from "../support/fast-check.ts";
import { bareJobs } from "./jobs.ts";

const PLENTY = 1_000_000;

/** An agenda over bare jobs, with a list of what was noted beside it. */
class Pair {
  readonly jobs: Job[];
  readonly agenda: Agenda;
  /** Noted moments, in the order in which they were noted. */
  readonly noted = new Map<Job, number>();

  constructor(count: number, nowMs: number) {
    const { table, jobs } = bareJobs(new Array<number>(count).fill(0));
    this.jobs = jobs;
    this.agenda = new Agenda(table, nowMs, (job) => this.noted.get(job) ?? Number.NaN);
  }

  schedule(job: Job, atMs: number): void {
    this.noted.delete(job);
    this.noted.set(job, atMs);
    this.agenda.schedule(job, atMs);
  }

  remove(job: Job): void {
    this.noted.delete(job);
    this.agenda.remove(job);
  }

  /** Lets time pass; returns the jobs that came up, in order. */
  advance(nowMs: number, budget = PLENTY): Job[] {
    const visited: Job[] = [];
    this.agenda.advance(nowMs, budget, (job) => {
      this.remove(job);
      visited.push(job);
    });
    return visited;
  }

  /** The jobs due by then: by moment, then in the order in which they were noted. */
  due(nowMs: number): Job[] {
    const due = [...this.noted].filter(([, atMs]) => atMs <= nowMs);
    return due.sort(([, a], [, b]) => a - b).map(([job]) => job);
  }

  get earliestMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.noted.values());
  }
}

/** Distances at every level of the wheel, and around the borders between levels. */
const distance = fc.oneof(
  fc.nat(300),
  fc.nat(70_000),
  fc.nat(20_000_000),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  fc.maxSafeNat().map((n) => n % 2 ** 42),
  fc.constantFrom(0, 1, 255, 256, 257, 65_535, 65_536, 2 ** 24, 2 ** 32 - 1, 2 ** 32, 2 ** 40),
);
const start = fc.oneof(fc.constantFrom(0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32), fc.nat(2 ** 31 - 1));

test("jobs come up when they are due, in order, whatever was noted, changed or removed before", () => {
  const step = fc.record({
    action: fc.constantFrom("schedule", "schedule", "remove", "advance"),
    which: fc.nat(30),
    distance,
  });
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 120 }), (startMs, steps) => {
      const pair = new Pair(31, startMs);
      let nowMs = startMs;
      for (const { action, which, distance } of steps) {
        const job = pair.jobs[which] ?? 0;
        if (action === "schedule") pair.schedule(job, nowMs + distance);
        else if (action === "remove") pair.remove(job);
        else {
          nowMs += distance;
          const expected = pair.due(nowMs);
          assert.deepEqual(pair.advance(nowMs), expected);
        }
        assert.ok(pair.agenda.nextAtMs <= pair.earliestMs, "the next moment is not missed");
        for (const other of pair.jobs) {
          assert.equal(pair.agenda.isScheduled(other), pair.noted.has(other));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("following nextAtMs meets every job in its millisecond, with few empty turns on the way", () => {
  fc.assert(
    fc.property(start, fc.array(distance, { maxLength: 40 }), (startMs, distances) => {
      const pair = new Pair(distances.length, startMs);
      for (const [i, ms] of distances.entries()) pair.schedule(pair.jobs[i] ?? 0, startMs + ms);
      let turns = 0;
      let before = Number.NEGATIVE_INFINITY;
      while (pair.noted.size > 0) {
        const atMs = pair.agenda.nextAtMs;
        assert.ok(atMs > before, "time goes on");
        before = atMs;
        for (const job of pair.due(atMs)) assert.equal(pair.noted.get(job), atMs);
        const due = pair.due(atMs);
        assert.deepEqual(pair.advance(atMs), due);
        turns++;
      }
      assert.equal(pair.agenda.nextAtMs, Number.POSITIVE_INFINITY);
      assert.ok(turns <= distances.length * 6, "a job costs at most one turn a level");
    }),
    { numRuns: 200 },
  );
});

test("however small the budget, nothing is lost, nothing early, and the rest stays due", () => {
  const budgets = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(start, fc.array(distance, { maxLength: 60 }), budgets, (startMs, list, sizes) => {
      const pair = new Pair(list.length, startMs);
      for (const [i, ms] of list.entries()) pair.schedule(pair.jobs[i] ?? 0, startMs + ms);
      let nowMs = startMs;
      for (let turn = 0; pair.noted.size > 0; turn++) {
        const atMs = pair.agenda.nextAtMs;
        nowMs = Math.max(nowMs, atMs);
        const due = pair.due(nowMs);
        const visited = pair.advance(nowMs, sizes[turn % sizes.length]);
        assert.ok(visited.length <= 5);
        assert.deepEqual(visited, due.slice(0, visited.length));
        assert.ok(turn < list.length * 12, "it gets on");
      }
    }),
    { numRuns: 200 },
  );
});

test("a job noted while earlier ones wait for a turn is not handled before its time", () => {
  const pair = new Pair(10, 0);
  for (let i = 0; i < 8; i++) pair.schedule(pair.jobs[i] ?? 0, 70_000);
  assert.equal(pair.advance(80_000, 4).length, 0, "the budget goes into spreading a coarse bucket");
  const [late, past] = [pair.jobs[8] ?? 0, pair.jobs[9] ?? 0];
  pair.schedule(late, 80_001);
  pair.schedule(past, 75_000);
  const visited: Job[] = [];
  while (pair.agenda.nextAtMs <= 80_000) visited.push(...pair.advance(80_000, 4));
  assert.deepEqual(visited, [...pair.jobs.slice(0, 8), past]);
  assert.deepEqual(pair.advance(80_001), [late]);
});

test("a million jobs due in the same millisecond come up in batches, first noted first", () => {
  const { table, jobs } = bareJobs(new Array<number>(1_000_000).fill(0));
  const agenda = new Agenda(table, 5, () => 1005);
  for (const job of jobs) agenda.schedule(job, 1005);
  let visits = 0;
  const visit = (job: Job): void => {
    assert.equal(job, jobs[visits++]);
    agenda.remove(job);
  };
  let turns = 0;
  for (; agenda.nextAtMs <= 1005; turns++) {
    const before = visits;
    agenda.advance(1005, 2000, visit);
    assert.ok(visits - before <= 2000);
  }
  assert.equal(visits, jobs.length);
  assert.ok(turns <= 2 * 500 + 1, "every job is moved once and visited once");
});

test("moments beyond all clocks are as good as never, and may be changed", () => {
  const pair = new Pair(2, 1000);
  const [never, later] = [pair.jobs[0] ?? 0, pair.jobs[1] ?? 0];
  pair.schedule(never, Number.POSITIVE_INFINITY);
  pair.schedule(later, 2 ** 42);
  assert.deepEqual(pair.advance(2 ** 42 - 1), []);
  assert.deepEqual(pair.advance(2 ** 42), [later]);
  pair.schedule(never, 2 ** 42 + 3);
  assert.deepEqual(pair.advance(2 ** 42 + 3), [never]);
});

test("buckets name the span of time they stand for, and clearing empties them", () => {
  const pair = new Pair(3, 1000);
  for (const [i, atMs] of [900, 1010, 90_000].entries()) pair.schedule(pair.jobs[i] ?? 0, atMs);
  for (const { jobs, fromMs, untilMs } of pair.agenda.buckets()) {
    for (const job of jobs) {
      const atMs = pair.noted.get(job) ?? 0;
      assert.ok(atMs >= fromMs && atMs < untilMs);
    }
  }
  assert.equal([...pair.agenda.buckets()].length, 3);
  pair.agenda.clear();
  assert.equal([...pair.agenda.buckets()].length, 0);
  assert.equal(pair.agenda.nextAtMs, Number.POSITIVE_INFINITY);
});
