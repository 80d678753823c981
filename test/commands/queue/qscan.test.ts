/** QSCAN: filters, cursors, and what a whole walk returns. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arg, FakeClient } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { fc } from "../../support/fast-check.ts";
import { addJob, digest } from "../job/steps.ts";

function step(client: FakeClient, ...args: Arg[]): [cursor: string, names: string[]] {
  const reply = client.send("QSCAN", ...args);
  assert.ok(Array.isArray(reply) && Array.isArray(reply[1]), String(reply));
  return [String(reply[0]).slice(1), reply[1].map((name) => String(name).slice(1))];
}

/** All names that one call finds, sorted; it must be the whole walk. */
function found(client: FakeClient, ...args: Arg[]): string {
  const [cursor, names] = step(client, ...args);
  assert.equal(cursor, "0");
  return names.sort().join(" ");
}

test("queues are found by their length and by what they import", () => {
  const client = new FakeServer().connect();
  addJob(client, "one", "1");
  addJob(client, "two", "1");
  addJob(client, "two", "2");
  client.send("GETJOB", "NOHANG", "FROM", "empty");
  const expected: [args: string, names: string][] = [
    ["BUSYLOOP", "empty one two"],
    ["0 COUNT 1000", "empty one two"],
    ["MINLEN 1", "one two"],
    ["MINLEN 2", "two"],
    ["MAXLEN 0", "empty"],
    ["minlen 1 maxlen 1", "one"],
    ["MINLEN 3 BUSYLOOP 0", ""],
    ["MINLEN -1", "empty one two"],
    ["MAXLEN -1", "empty one two"],
    ["MINLEN -5", "empty one two"],
    ["MAXLEN -5", ""],
    ["IMPORTRATE 0", "empty one two"],
    ["IMPORTRATE 1", ""],
    ["IMPORTRATE -1", "empty one two"],
    ["IMPORTRATE -7", "empty one two"],
    ["MINLEN 9 MINLEN 2", "two"],
  ];
  for (const [args, names] of expected) {
    assert.equal(found(client, ...args.split(" ")), names, args);
  }
});

test("only queues that clients can see are listed", () => {
  const client = new FakeServer().connect();
  addJob(client, "delayed", "b", "DELAY", 60);
  assert.equal(found(client), "");
  client.send("PAUSE", "paused", "in");
  assert.equal(found(client), "paused");
});

test("what is wrong with the arguments is answered, and changes nothing", () => {
  const server = new FakeServer();
  const client = server.connect();
  addJob(client, "q", "b");
  const before = digest(server);
  const notAnInteger = "-ERR value is not an integer or out of range";
  const cursor = "-ERR invalid cursor or option name";
  const expected: [expected: string, ...args: Arg[]][] = [
    [notAnInteger, "COUNT", 0],
    [notAnInteger, "COUNT", -1],
    [notAnInteger, "COUNT", "x"],
    [notAnInteger, 0, "MINLEN", ""],
    [notAnInteger, "MAXLEN", "1.5", 0],
    [notAnInteger, "IMPORTRATE", "x"],
    ["-ERR syntax error", 0, 0],
    ["-ERR syntax error", 0, "BUSYLOOP", "FOO"],
    ["-ERR syntax error", 0, "MINLEN"],
    [cursor, -1],
    [cursor, ""],
    [cursor, "FOO"],
    [cursor, "FOO", "BAR"],
    [cursor, "MINLEN"],
  ];
  for (const [text, ...args] of expected) {
    assert.equal(client.send("QSCAN", ...args), text, args.join(" "));
  }
  assert.deepEqual(digest(server), before);
});

test("an argument of any size in the cursor's place is just a bad cursor", () => {
  const client = new FakeServer().connect();
  const reply = client.send("QSCAN", Buffer.alloc(1 << 20, 0x30));
  assert.equal(reply, "-ERR invalid cursor or option name");
});

test("fewer queues than COUNT come in one reply, and the first cursor may be left out", () => {
  const client = new FakeServer().connect();
  const names = Array.from({ length: 99 }, (_, i) => `q${i}`);
  for (const name of names) client.send("GETJOB", "NOHANG", "FROM", name);
  assert.equal(found(client), names.sort().join(" "));
});

test("more queues than COUNT come page by page; BUSYLOOP gives all in one", () => {
  const client = new FakeServer().connect();
  const names = Array.from({ length: 250 }, (_, i) => `q${i}`);
  for (const name of names) addJob(client, name, "b");
  const seen: string[] = [];
  let cursor = "";
  for (let pages = 1; pages <= 3; pages++) {
    const [next, page] = step(client, ...(cursor === "" ? [] : [cursor]));
    assert.equal(page.length, pages < 3 ? 100 : 50);
    seen.push(...page);
    cursor = next;
  }
  assert.equal(cursor, "0");
  assert.deepEqual(seen.sort(), names.sort());
  assert.equal(found(client, "BUSYLOOP", "COUNT", 1), names.sort().join(" "));
});

test("whatever comes and goes meanwhile, a queue that stays is returned, and once", () => {
  const names = Array.from({ length: 40 }, (_, i) => `q${i}`);
  const action = fc.oneof(
    fc.record({ what: fc.constant("scan"), n: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ what: fc.constant("toggle"), n: fc.nat(names.length - 1) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
      const server = new FakeServer();
      const client = server.connect();
      for (const name of names.slice(0, 25)) client.send("PAUSE", name, "in");
      const present = new Set(names.slice(0, 25));
      const stay = new Set(present);
      const seen: string[] = [];
      let cursor = "0";
      let isOver = false;
      const scanSome = (count: number): void => {
        const [next, page] = isOver ? ["0", []] : step(client, cursor, "COUNT", count);
        seen.push(...page);
        isOver ||= next === "0";
        cursor = next;
      };
      for (const { what, n } of actions) {
        const name = names[n] ?? "";
        if (what === "scan") scanSome(n);
        else if (!present.delete(name)) {
          client.send("PAUSE", name, "in");
          present.add(name);
        } else {
          client.send("PAUSE", name, "none");
          server.advance(300_000);
          if (!isOver) stay.delete(name);
        }
      }
      for (let i = 0; i < 100 && !isOver; i++) scanSome(3);
      assert.equal(isOver, true);
      for (const name of stay) {
        assert.equal(seen.filter((other) => other === name).length, 1, name);
      }
    }),
    { numRuns: 60 },
  );
});
