/** JSCAN: filters, forms of the reply, cursors, and what a whole walk returns. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobState } from "../../../src/core/job.ts";
import type { Arg, FakeClient } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { fc } from "../../support/fast-check.ts";
import { addAndTake, addJob, digest } from "./steps.ts";

/** One step: the next cursor, and the ids found. */
function step(client: FakeClient, ...args: Arg[]): [cursor: string, ids: string[]] {
  const reply = client.send("JSCAN", ...args);
  assert.ok(Array.isArray(reply) && Array.isArray(reply[1]), String(reply));
  return [String(reply[0]).slice(1), reply[1].map((id) => String(id).replace(/^\+/, ""))];
}

/** All ids that one call finds, sorted; it must be the whole walk. */
function found(client: FakeClient, ...args: Arg[]): string[] {
  const [cursor, ids] = step(client, ...args);
  assert.equal(cursor, "0");
  return ids.sort();
}

test("an empty server has nothing to list", () => {
  const client = new FakeServer().connect();
  assert.deepEqual(client.send("JSCAN"), ["$0", []]);
  assert.deepEqual(client.send("JSCAN", 0, "REPLY", "all"), ["$0", []]);
  assert.deepEqual(client.send("JSCAN", "QUEUE", "q", "BUSYLOOP"), ["$0", []]);
});

test("jobs are found by queue and by state, in any combination", () => {
  const client = new FakeServer().connect();
  const a1 = addJob(client, "a", "1");
  const a2 = addJob(client, "a", "2", "DELAY", 90);
  const b1 = addJob(client, "b", "3");
  const b2 = addAndTake(client, "c");
  assert.deepEqual(found(client), [a1, a2, b1, b2].sort());
  assert.deepEqual(found(client, "QUEUE", "a"), [a1, a2].sort());
  assert.deepEqual(found(client, "QUEUE", "A"), []);
  assert.deepEqual(found(client, "STATE", "active"), [a2, b2].sort());
  assert.deepEqual(found(client, "STATE", "Queued"), [a1, b1].sort());
  assert.deepEqual(found(client, "QUEUE", "a", "STATE", "queued"), [a1]);
  assert.deepEqual(found(client, "STATE", "acked"), []);
  assert.deepEqual(found(client, "STATE", "wait-repl", "STATE", "active"), [a2, b2].sort());
  assert.deepEqual(found(client, "STATE", "QUEUED", "STATE", "active"), [a1, a2, b1, b2].sort());
  assert.deepEqual(found(client, "QUEUE", "a", "QUEUE", "b"), [b1], "the last one counts");
});

test("jobs in the states of a cluster are found by them", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addJob(client, "q", "b");
  server.state.broker.jobs.setState(0, JobState.replicating);
  assert.deepEqual(found(client, "STATE", "wait-repl"), [id]);
  server.state.broker.jobs.setState(0, JobState.acked);
  assert.deepEqual(found(client, "STATE", "acked"), [id]);
});

test("ids are simple strings; REPLY all gives what SHOW gives", () => {
  const client = new FakeServer().connect();
  const id = addJob(client, "q", "b");
  assert.deepEqual(client.send("JSCAN", "REPLY", "id"), ["$0", [`+${id}`]]);
  assert.deepEqual(client.send("JSCAN", "reply", "ALL"), ["$0", [client.send("SHOW", id)]]);
  assert.deepEqual(client.send("JSCAN", "REPLY", "all", "REPLY", "ID"), ["$0", [`+${id}`]]);
});

test("what is wrong with the arguments is answered, and changes nothing", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "b");
  const before = digest(server);
  const cursor = "-ERR invalid cursor or option name";
  const expected: [expected: string, ...args: Arg[]][] = [
    ["-ERR Invalid job state name", "STATE", "foo"],
    ["-ERR Invalid job state name", "STATE", "queued", "STATE", ""],
    ["-ERR Invalid REPLY type, try ID or ALL", "REPLY", "foo"],
    ["-ERR value is not an integer or out of range", "COUNT", "x"],
    ["-ERR value is not an integer or out of range", "COUNT", 0],
    ["-ERR value is not an integer or out of range", 5, "COUNT", -1],
    ["-ERR syntax error", 0, 0],
    ["-ERR syntax error", 0, "COUNT"],
    [cursor, "x"],
    [cursor, "x", 0],
    [cursor, ""],
    [cursor, -5],
    [cursor, "1e3"],
    [cursor, "0x10"],
    [cursor, "9".repeat(21)],
    ...["STATE", "REPLY", "QUEUE", "COUNT"].map((word): [string, string] => [cursor, word]),
  ];
  for (const [text, ...args] of expected) {
    assert.equal(client.send("JSCAN", ...args), text, args.join(" "));
  }
  assert.deepEqual(digest(server), before);
});

test("the cursor may stand anywhere, and options may follow or precede it", () => {
  const client = new FakeServer().connect();
  const ids = Array.from({ length: 5 }, (_, i) => addJob(client, "q", String(i))).sort();
  for (const args of [
    "0 COUNT 9",
    "COUNT 9 0",
    "COUNT 9 0 QUEUE q",
    "QUEUE q 0 REPLY id COUNT 9",
  ]) {
    assert.deepEqual(found(client, ...args.split(" ")), ids, args);
  }
});

test("COUNT jobs are returned at most, and the walk is over when the cursor is 0", () => {
  const client = new FakeServer().connect();
  const ids = Array.from({ length: 10 }, (_, i) => addJob(client, "q", String(i)));
  const seen: string[] = [];
  let cursor = "0";
  for (let steps = 1; steps <= 4; steps++) {
    const [next, page] = step(client, cursor, "COUNT", 3);
    assert.ok(page.length <= 3);
    seen.push(...page);
    assert.equal(next === "0", steps === 4);
    cursor = next;
  }
  assert.deepEqual(seen.sort(), ids.sort());
});

test("a step that looks at ten times COUNT jobs in vain hands out a cursor", () => {
  const client = new FakeServer().connect();
  for (let i = 0; i < 25; i++) addJob(client, "q", "b");
  const last = addJob(client, "other", "b");
  assert.deepEqual(step(client, "COUNT", 1, "QUEUE", "other"), ["10", []]);
  assert.deepEqual(step(client, 10, "COUNT", 1, "QUEUE", "other"), ["20", []]);
  assert.deepEqual(step(client, 20, "COUNT", 1, "QUEUE", "other"), ["0", [last]]);
});

test("a cursor that nobody handed out finds something or nothing, and ends", () => {
  const client = new FakeServer().connect();
  for (let i = 0; i < 5; i++) addJob(client, "q", "b");
  for (const cursor of ["3", "5", "1000000", "4294967296", "18446744073709551615"]) {
    assert.equal(step(client, cursor)[0], "0", cursor);
  }
});

test("expired jobs are not listed, even before they are removed", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "b", "TTL", 5);
  server.host.nowMs += 5000;
  assert.deepEqual(client.send("JSCAN"), ["$0", []]);
});

test("whatever comes and goes meanwhile, what stays is returned, and once", () => {
  const action = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant("scan"), n: fc.integer({ min: 1, max: 8 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ what: fc.constant("add"), n: fc.integer({ min: 1, max: 20 }) }),
    },
    { weight: 2, arbitrary: fc.record({ what: fc.constant("remove"), n: fc.nat(10_000) }) },
  );
  fc.assert(
    fc.property(fc.nat(60), fc.array(action, { maxLength: 60 }), (atFirst, actions) => {
      const client = new FakeServer().connect();
      const present = Array.from({ length: atFirst }, () => addJob(client, "q", "b"));
      const stay = new Set(present);
      const seen: string[] = [];
      let cursor = "0";
      let isOver = false;
      const scanSome = (count: number): void => {
        if (isOver) return;
        const [next, ids] = step(client, cursor, "COUNT", count);
        seen.push(...ids);
        cursor = next;
        isOver = next === "0";
      };
      for (const { what, n } of actions) {
        if (what === "scan") scanSome(n);
        else if (what === "add") for (let i = 0; i < n; i++) present.push(addJob(client, "q", "b"));
        else if (present.length > 0) {
          const [gone = ""] = present.splice(n % present.length, 1);
          client.send("ACKJOB", gone);
          if (!isOver) stay.delete(gone);
        }
      }
      for (let i = 0; i < 1000 && !isOver; i++) scanSome(5);
      assert.equal(isOver, true);
      assert.equal(new Set(seen).size, seen.length, "no id twice");
      for (const id of stay) assert.ok(seen.includes(id), "what stayed was returned");
    }),
    { numRuns: 100 },
  );
});
