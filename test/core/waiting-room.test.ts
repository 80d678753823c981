/** The waiting room by itself: lines, places and promises agree with plain lists. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Arena } from "../../src/core/arena.ts";
import { JobTable } from "../../src/core/job-table.ts";
import { Queue } from "../../src/core/queue.ts";
import { Waiter, WaitingRoom } from "../../src/core/waiting-room.ts";
import { fc } from "../support/fast-check.ts";

const QUEUES = 3;

function newQueues(): Queue[] {
  const table = new JobTable(new Arena());
  return Array.from({ length: QUEUES }, (_, i) => new Queue(Buffer.from(`${i}`), i, i, table));
}

/** The line of a queue, longest waiting first. */
function line(queue: Queue): Waiter[] {
  const waiters: Waiter[] = [];
  for (let seat = queue.firstSeat; seat !== undefined; seat = seat.next) waiters.push(seat.waiter);
  return waiters;
}

const receiver = { jobsArrived: () => {}, waitEnded: () => {} };

/** A room beside plain lists with the same people. */
class Pair {
  readonly queues = newQueues();
  readonly room = new WaitingRoom();
  sitting: Waiter[] = [];
  claimed: Waiter[] = [];

  sit(numbers: readonly number[], deadlineMs: number): void {
    const wanted = numbers.flatMap((number) => this.queues[number] ?? []);
    const waiter = new Waiter(wanted, 1, deadlineMs, receiver);
    this.room.sit(waiter);
    this.sitting.push(waiter);
  }

  claim(queue: Queue, job: number): void {
    const expected = this.sitting.find((waiter) => waiter.queues.includes(queue));
    this.room.claim(queue, job);
    if (expected === undefined) return;
    assert.deepEqual(expected.jobs, [job]);
    this.sitting = this.sitting.filter((waiter) => waiter !== expected);
    this.claimed.push(expected);
  }

  leave(waiter: Waiter): void {
    assert.ok(this.room.leave(waiter));
    assert.ok(!this.room.leave(waiter));
    this.sitting = this.sitting.filter((other) => other !== waiter);
  }

  drop({ jobs }: Waiter): void {
    for (const job of [...jobs]) this.room.dropClaim(job);
    assert.deepEqual(jobs, []);
  }

  abandon(waiter: Waiter): void {
    assert.equal(this.room.abandon(waiter), waiter.jobs);
    assert.equal(this.room.abandon(waiter), undefined);
    this.claimed = this.claimed.filter((other) => other !== waiter);
  }

  passTime(nowMs: number): void {
    const ended = new Set<Waiter>();
    let waiter = this.room.takeOverdue(nowMs);
    for (; waiter !== undefined; waiter = this.room.takeOverdue(nowMs)) ended.add(waiter);
    assert.deepEqual(ended, new Set(this.sitting.filter((other) => other.deadlineMs <= nowMs)));
    this.sitting = this.sitting.filter((other) => !ended.has(other));
  }

  sitAgain(): void {
    this.claimed.sort((a, b) => a.arrival - b.arrival);
    assert.deepEqual(this.room.takeClaimed(), this.claimed);
    for (const waiter of this.claimed) waiter.jobs = [];
    this.room.sitAgain(this.claimed);
    this.sitting = [...this.sitting, ...this.claimed].sort((a, b) => a.arrival - b.arrival);
    this.claimed = [];
  }

  check(): void {
    for (const queue of this.queues) {
      const expected = this.sitting.filter((waiter) => waiter.queues.includes(queue));
      assert.deepEqual(line(queue), expected);
      assert.equal(queue.waiterCount, expected.length);
    }
    assert.equal(this.room.count, this.sitting.length);
    assert.deepEqual(this.room.claimed, this.claimed);
    assert.ok(this.room.hasClaimed || this.claimed.length === 0);
    const deadlines = this.sitting.map((waiter) => waiter.deadlineMs);
    assert.equal(this.room.nextDeadlineMs, Math.min(Number.POSITIVE_INFINITY, ...deadlines));
  }
}

type Step = (pair: Pair, nowMs: number) => void;

function pick<T>(list: readonly T[], which: number): T[] {
  return list.slice(which % Math.max(1, list.length)).slice(0, 1);
}

const number = fc.nat(QUEUES - 1);
const which = fc.nat(20);
const sit = fc.tuple(fc.array(number, { minLength: 1, maxLength: 4 }), fc.option(which)).map(
  ([numbers, waitMs]): Step =>
    (pair, nowMs) => {
      pair.sit(numbers, waitMs === null ? Number.POSITIVE_INFINITY : nowMs + waitMs);
    },
);
const claim = number.map(
  (number): Step =>
    (pair, nowMs) => {
      for (const queue of pick(pair.queues, number)) pair.claim(queue, nowMs);
    },
);
const leave = which.map(
  (which): Step =>
    (pair) => {
      for (const waiter of pick(pair.sitting, which)) pair.leave(waiter);
    },
);
const drop = which.map(
  (which): Step =>
    (pair) => {
      for (const waiter of pick(pair.claimed, which)) pair.drop(waiter);
    },
);
const abandon = which.map(
  (which): Step =>
    (pair) => {
      for (const waiter of pick(pair.claimed, which)) pair.abandon(waiter);
    },
);
const passTime = fc.constant<Step>((pair, nowMs) => pair.passTime(nowMs));
const sitAgain = fc.constant<Step>((pair) => pair.sitAgain());

test("waiters coming, being served and leaving in any order agree with plain lists", () => {
  const step = fc.oneof(sit, sit, sit, claim, claim, leave, drop, abandon, passTime, sitAgain);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const pair = new Pair();
      for (const [nowMs, step] of steps.entries()) {
        step(pair, nowMs);
        pair.check();
      }
      assert.deepEqual(new Set(pair.room.takeAll()), new Set(pair.sitting));
      for (const queue of pair.queues) assert.equal(queue.waiterCount, 0);
    }),
    { numRuns: 300 },
  );
});
