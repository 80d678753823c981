/**
 * Jobs of a reference's file in a broker: which come in, as what, and what is counted.
 *
 * Files are made by the writer of test/support; every import ends with a recount of the broker.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../src/core/broker-check.ts";
import { NO_JOB } from "../../src/core/job.ts";
import { fc } from "../support/fast-check.ts";
import { delJob, loadJob, WRITTEN_MS, writtenId } from "../support/reference-aof-writer.ts";
import { ImportTarget } from "./import-target.ts";

const ACTIVE = 1;
const ACKED = 3;

/** Ten seconds after the files were written. */
const newTarget = () => new ImportTarget(WRITTEN_MS + 10_000);

test("a job comes in with everything the file tells of it", () => {
  const target = newTarget();
  const id = writtenId(1);
  const etime = WRITTEN_MS / 1000 + 3600;
  target.import([
    loadJob({ id, body: "hello", replicate: 3, retry: 60, nacks: 2, additional: 7, etime }),
  ]);
  const { broker } = target;
  const { jobs } = broker;
  const job = target.find(id);
  assert.equal(target.body(id), "hello");
  assert.deepEqual(
    [jobs.replicate(job), jobs.retrySeconds(job), jobs.ttlSeconds(job)],
    [3, 60, 3600],
  );
  assert.deepEqual([jobs.nacks(job), jobs.additionalDeliveries(job)], [2, 7]);
  assert.equal(jobs.createdMs(job), WRITTEN_MS);
  assert.equal(jobs.expiresAtMs(job), target.host.nowMs + 3_590_000);
  assert.ok(broker.roles.isOwn(job));
  assert.deepEqual(broker.roles.list(job), [], "nobody is believed to have copies");
});

test("a DELJOB takes away what was loaded before it, and only that", () => {
  const target = newTarget();
  const [a, b, c] = [writtenId(1), writtenId(2), writtenId(3)];
  const counts = target.import([
    delJob(b),
    loadJob({ id: a }),
    loadJob({ id: b, body: "old" }),
    delJob(a),
    loadJob({ id: b, body: "new" }),
    loadJob({ id: c }),
    delJob(c),
    loadJob({ id: c, body: "again" }),
  ]);
  assert.equal(counts.jobs, 2);
  assert.equal(target.find(a), NO_JOB);
  assert.deepEqual([target.body(b), target.body(c)], ["new", "again"]);
});

test("jobs are queued in the order of their creation, and after RETRY without counting", () => {
  const target = newTarget();
  const load = (n: number, createdMs: number) =>
    loadJob({ id: writtenId(n), retry: 60, createdMs });
  const later = load(1, WRITTEN_MS + 5);
  const counts = target.import([later, load(2, WRITTEN_MS)]);
  assert.deepEqual([counts.queued, counts.afterRetry], [0, 2]);
  target.pass(59_999);
  assert.equal(target.queueLength("q"), 0);
  target.pass(1);
  assert.equal(target.queueLength("q"), 2);
  const first = target.find(writtenId(2));
  assert.equal(target.firstIn("q"), first);
  assert.equal(target.broker.jobs.additionalDeliveries(first), 0);
});

test("aof-enqueue-jobs-once queues at once, RETRY 0 only from a file that nobody wrote on", () => {
  const once = loadJob({ id: writtenId(1, 0), retry: 0 });
  const plain = loadJob({ id: writtenId(2), retry: 60 });
  const planned = newTarget();
  assert.equal(planned.import([once, plain], { enqueuesJobs: true }).queued, 2);
  assert.equal(planned.queueLength("q"), 2);
  const unplanned = newTarget();
  const counts = unplanned.import([once, plain, delJob(writtenId(9))], { enqueuesJobs: true });
  assert.deepEqual([counts.queued, counts.withheld], [1, 1]);
  unplanned.pass(1_000_000);
  assert.equal(unplanned.queueLength("q"), 1, "it never comes by itself");
  const job = unplanned.find(writtenId(1, 0));
  assert.ok(unplanned.broker.lifecycle.requeue(job, "client"), "ENQUEUE brings it back");
});

test("every job that does not come in is counted with its reason", () => {
  const target = newTarget();
  const known = loadJob({ id: writtenId(1) });
  target.import([known]);
  const counts = target.import([
    known,
    loadJob({ id: writtenId(2), etime: WRITTEN_MS / 1000 + 10 }),
    loadJob({ id: writtenId(3, 0), retry: 0, flags: 4 }),
    loadJob({ id: writtenId(4), state: 0 }),
    loadJob({ id: writtenId(5), state: 3 }),
    loadJob({ id: writtenId(6), etime: WRITTEN_MS / 1000 + 11 }),
  ]);
  const { expired, spent, unfinished, afterRetry, jobs } = counts;
  assert.deepEqual(
    { ...{ known: counts.known, expired, spent, unfinished, afterRetry, jobs } },
    {
      ...{ known: 1, expired: 1, spent: 1, unfinished: 2, afterRetry: 1, jobs: 1 },
    },
  );
});

test("of a file that has grown only what is new comes in", () => {
  const target = newTarget();
  const old = [loadJob({ id: writtenId(1) }), loadJob({ id: writtenId(2) })];
  const importedBytes = Buffer.concat(old).length;
  const grown = [...old, loadJob({ id: writtenId(3) }), delJob(writtenId(2))];
  const counts = target.import(grown, { importedBytes });
  assert.deepEqual([counts.importedBefore, counts.jobs], [1, 1]);
  assert.notEqual(target.find(writtenId(3)), NO_JOB);
});

test("what a file that has grown says of jobs that came in before happens to them", () => {
  const target = newTarget();
  const old = [1, 2, 3, 4].map((number) => loadJob({ id: writtenId(number) }));
  target.import(old);
  const importedBytes = Buffer.concat(old).length;
  const acked = loadJob({ id: writtenId(2), state: ACKED });
  const back = [delJob(writtenId(3)), loadJob({ id: writtenId(3) })];
  const grown = [...old, delJob(writtenId(1)), acked, ...back];
  const counts = target.import(grown, { importedBytes });
  assert.equal(counts.removed, 2);
  const left = [1, 2, 3, 4].filter((number) => target.find(writtenId(number)) !== NO_JOB);
  assert.deepEqual(left, [3, 4]);
});

test("clocks that lie make no job immortal, and none that waits for ever", () => {
  const target = newTarget();
  const etime = 0xffff_ffff;
  const createdMs = WRITTEN_MS + 1_000_000_000;
  target.import([loadJob({ id: writtenId(1), createdMs, etime, delay: 20, state: ACTIVE })]);
  const job = target.find(writtenId(1));
  assert.equal(target.broker.jobs.createdMs(job), target.host.wallMs);
  target.pass(20_000);
  assert.equal(target.queueLength("q"), 1);
});

test("any whole records leave a broker that adds up, with the jobs that a naive reader finds", () => {
  const job = fc.record({
    n: fc.nat(9),
    state: fc.integer({ min: 0, max: 15 }),
    flags: fc.nat(255),
    retry: fc.constantFrom(0, 1, 300, 0xffff_ffff),
    delay: fc.constantFrom(0, 5, 60, 0xffff_ffff),
    replicate: fc.nat(65_535),
    nacks: fc.nat(65_535),
    additional: fc.nat(65_535),
    queue: fc.string({ maxLength: 5 }),
    body: fc.string({ maxLength: 40 }),
    createdMs: fc.constantFrom(0, WRITTEN_MS, WRITTEN_MS + 9_999_999),
    isDeleted: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(job), fc.boolean(), (jobs, enqueuesJobs) => {
      const target = newTarget();
      const expected = new Map<string, boolean>();
      const records = jobs.map(({ n, isDeleted, ...rest }) => {
        const id = writtenId(n, rest.retry);
        const isOver = rest.state === 0 || rest.state === 3;
        const isSpent = rest.retry === 0 && (rest.flags & 4) !== 0;
        if (isDeleted) expected.delete(id);
        else expected.set(id, !isOver && !isSpent);
        return isDeleted ? delJob(id) : loadJob({ id, ...rest });
      });
      const counts = target.import(records, { enqueuesJobs });
      assert.equal(counts.jobs, [...expected.values()].filter((comesIn) => comesIn).length);
      for (const [id, comesIn] of expected) assert.equal(target.find(id) !== NO_JOB, comesIn);
      target.pass(100_000);
      checkBroker(target.broker);
    }),
  );
});
