/** The queue table: queues by name and number, through growth, shrinking and eviction. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Arena } from "../../src/core/arena.ts";
import { JobTable } from "../../src/core/job-table.ts";
import { hashKeys, hashName } from "../../src/core/keyed-hash.ts";
import { QUEUE_BYTES, type Queue } from "../../src/core/queue.ts";
import { QueueTable } from "../../src/core/queue-table.ts";
import { fc } from "../support/fast-check.ts";

function newTable(secret = 42): QueueTable {
  return new QueueTable(new JobTable(new Arena()), secret);
}

function entry(table: QueueTable, name: string): Queue {
  const bytes = Buffer.from(`<${name}>`, "latin1");
  return table.entry(bytes, 1, bytes.length - 1);
}

function find(table: QueueTable, name: string): Queue | undefined {
  const bytes = Buffer.from(`<${name}>`, "latin1");
  return table.find(bytes, 1, bytes.length - 1);
}

function registered(table: QueueTable, name: string, nowMs = 0): Queue {
  const queue = entry(table, name);
  table.register(queue, nowMs);
  return queue;
}

/** Pairs of names with the same hash under this secret; some pairs of one length, some of two. */
function twinNames(secret: number): [string, string][] {
  const keys = hashKeys(secret);
  const byHash = new Map<number, string>();
  const twins: [string, string][] = [];
  for (let i = 0; i < 250_000; i++) {
    const name = `${i % 2 === 0 ? "q" : "queue"}-${i}`;
    const bytes = Buffer.from(name, "latin1");
    const hash = hashName(keys, bytes, 0, bytes.length);
    const twin = byHash.get(hash);
    if (twin === undefined) byHash.set(hash, name);
    else twins.push([twin, name]);
  }
  return twins;
}

test("queues coming and going in any order agree with a Map", () => {
  const name = fc.oneof(fc.nat(60).map(String), fc.string({ maxLength: 3 }));
  const step = fc.record({ removes: fc.boolean(), name, count: fc.nat(60) });
  fc.assert(
    fc.property(fc.integer(), fc.array(step, { maxLength: 120 }), (secret, steps) => {
      const table = newTable(secret);
      const model = new Map<string, Queue>();
      for (const { removes, name, count } of steps) {
        for (let i = 0; i <= count; i++) {
          const key = Buffer.from(`${name}${i}`, "latin1").toString("latin1");
          const known = model.get(key);
          if (removes && known !== undefined) {
            table.unregister(known);
            model.delete(key);
          } else {
            const queue = registered(table, key);
            assert.equal(queue, known ?? queue, "a name has one queue");
            assert.equal(queue.name.toString("latin1"), key);
            model.set(key, queue);
          }
        }
        assert.equal(table.registeredCount, model.size);
        assert.equal(table.entryCount, model.size);
      }
      let bytes = 0;
      for (const [key, queue] of model) {
        bytes += QUEUE_BYTES + key.length;
        assert.equal(find(table, key), queue);
        assert.equal(table.at(queue.number), queue);
        assert.ok(table.isReachable(queue));
      }
      assert.equal(table.usedBytes, bytes);
      assert.equal(find(table, "no such name"), undefined);
    }),
    { numRuns: 60 },
  );
});

test("a hundred thousand queues are found, and forgotten one by one", () => {
  const table = newTable();
  const queues = Array.from({ length: 100_000 }, (_, i) => registered(table, `queue ${i}`));
  for (const [i, queue] of queues.entries()) assert.equal(find(table, `queue ${i}`), queue);
  for (const [i, queue] of queues.entries()) {
    table.unregister(queue);
    assert.equal(find(table, `queue ${i}`), undefined);
    const other = queues[i + 1];
    if (other !== undefined) assert.ok(table.isReachable(other));
  }
  assert.equal(table.usedBytes, 0);
  assert.equal(table.entryCount, 0);
});

test("names are bytes: the empty name, NUL, case and length all count", () => {
  const table = newTable();
  const names = ["", "\0", "\0\0", "a", "A", "a\0", "\xff", "aa"];
  const queues = new Set(names.map((name) => registered(table, name)));
  assert.equal(queues.size, names.length);
  for (const name of names) assert.equal(find(table, name)?.name.toString("latin1"), name);
});

test("names with the same hash have queues of their own", () => {
  const secret = 11;
  const twins = twinNames(secret);
  const sameLength = twins.filter(([one, other]) => one.length === other.length);
  assert.ok(sameLength.length > 0 && sameLength.length < twins.length, "twins of both kinds");
  for (const [one, other] of twins) {
    const table = newTable(secret);
    const first = registered(table, one);
    assert.equal(find(table, other), undefined);
    const second = registered(table, other);
    assert.notEqual(second, first);
    assert.deepEqual([find(table, one), find(table, other)], [first, second]);
    table.unregister(first);
    assert.deepEqual([find(table, one), find(table, other)], [undefined, second]);
  }
});

test("a name is copied, so that the buffer it came in may be used again", () => {
  const table = newTable();
  const bytes = Buffer.from("first");
  table.register(table.entry(bytes, 0, 5), 0);
  bytes.write("other");
  assert.ok(find(table, "first"));
  assert.equal(find(table, "other"), undefined);
});

test("an entry is invisible until it is registered, and stays while jobs or waiters need it", () => {
  const table = newTable();
  const queue = entry(table, "q");
  assert.equal(find(table, "q"), undefined);
  queue.knownJobs = 1;
  table.register(queue, 10);
  assert.equal(find(table, "q"), queue);
  table.unregister(queue);
  assert.equal(find(table, "q"), undefined);
  assert.equal(entry(table, "q"), queue);
  queue.knownJobs = 0;
  queue.waiterCount = 1;
  table.dropUnused(queue);
  assert.equal(entry(table, "q"), queue);
  queue.waiterCount = 0;
  table.dropUnused(queue);
  assert.equal(table.at(queue.number), undefined);
  assert.notEqual(entry(table, "q"), queue);
});

test("registering starts counters and age, registering again changes nothing", () => {
  const table = newTable();
  const queue = registered(table, "q", 1000);
  queue.jobsIn = 5;
  queue.jobsOut = 4;
  table.register(queue, 2000);
  assert.deepEqual([queue.createdAtMs, queue.jobsIn, queue.jobsOut], [1000, 5, 4]);
  queue.knownJobs = 1;
  table.unregister(queue);
  table.register(queue, 3000);
  assert.deepEqual([queue.createdAtMs, queue.jobsIn, queue.jobsOut], [3000, 0, 0]);
});

test("numbers of forgotten queues are used again", () => {
  const table = newTable();
  const queues = Array.from({ length: 10 }, (_, i) => registered(table, `${i}`));
  for (const queue of queues) table.unregister(queue);
  const again = Array.from({ length: 10 }, (_, i) => registered(table, `again ${i}`));
  assert.equal(table.numberLimit, 10);
  for (const queue of again) assert.equal(table.of(queue.number), queue);
});

test("the list of idle queues keeps the order in which they became idle", () => {
  const step = fc.record({ isIdle: fc.boolean(), which: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const table = newTable();
      const queues = Array.from({ length: 10 }, (_, i) => registered(table, `${i}`));
      const model: Queue[] = [];
      for (const [nowMs, { isIdle, which }] of steps.entries()) {
        const queue = queues[which];
        assert.ok(queue !== undefined);
        if (model.includes(queue)) model.splice(model.indexOf(queue), 1);
        if (isIdle) model.push(queue);
        if (isIdle) table.noteIdle(queue, nowMs);
        else table.noteBusy(queue);
        const listed: Queue[] = [];
        for (let q = table.firstIdle; q !== undefined; q = q.idleNext) listed.push(q);
        assert.deepEqual(listed, model);
        assert.deepEqual(
          queues.map((q) => q.isIdle),
          queues.map((q) => model.includes(q)),
        );
      }
    }),
  );
});

test("clearing forgets queues, numbers and idleness", () => {
  const table = newTable();
  for (let i = 0; i < 100; i++) table.noteIdle(registered(table, `${i}`), i);
  table.clear();
  assert.equal(table.registeredCount, 0);
  assert.equal(table.usedBytes, 0);
  assert.equal(table.firstIdle, undefined);
  assert.equal(find(table, "5"), undefined);
  assert.equal(registered(table, "5").number, 0);
});
