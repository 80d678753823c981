/**
 * Replies that would be larger than 64 MB: they stop there, and the rest can be asked for.
 *
 * One job, or one queue name, of 65 MB passes the limit alone.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";
import type { WireReply } from "../../support/wire-replies.ts";
import { addJob, bodiesOf } from "./steps.ts";

const LARGE = 65 * 1024 * 1024;

function list(reply: WireReply | undefined): WireReply[] {
  assert.ok(Array.isArray(reply));
  return reply;
}

/** The cursor of a scan's reply and how many it found. */
function page(reply: WireReply | undefined): [cursor: string, found: number] {
  const [cursor, found] = list(reply);
  return [String(cursor).slice(1), list(found).length];
}

test("a large body ends the reply it stands in", () => {
  const client = new FakeServer().connect();
  const large = addJob(client, "q", Buffer.alloc(LARGE));
  const small = addJob(client, "q", "small");
  assert.deepEqual(page(client.send("JSCAN", "BUSYLOOP", "REPLY", "all")), ["1", 1]);
  assert.deepEqual(page(client.send("JSCAN", 1, "BUSYLOOP", "REPLY", "all")), ["0", 1]);
  const peeked = bodiesOf(client.send("QPEEK", "q", 2));
  assert.deepEqual(
    peeked.map((body) => body.length),
    [LARGE],
  );
  assert.deepEqual(bodiesOf(client.send("QPEEK", "q", -2)), ["small"]);
  const taken = bodiesOf(client.send("GETJOB", "COUNT", 2, "FROM", "q"));
  assert.deepEqual(
    taken.map((body) => body.length),
    [LARGE],
  );
  assert.deepEqual(bodiesOf(client.send("GETJOB", "COUNT", 2, "FROM", "q")), ["small"]);
  assert.deepEqual(client.send("JSCAN", "BUSYLOOP"), ["$0", [`+${large}`, `+${small}`]]);
});

test("a long queue name ends the reply it stands in", () => {
  const client = new FakeServer({ settings: { "max-queue-name": LARGE } }).connect();
  const name = Buffer.alloc(LARGE);
  addJob(client, name, "1");
  addJob(client, name, "2");
  addJob(client, "q", "3");
  assert.deepEqual(page(client.send("QSCAN", "BUSYLOOP")), ["1", 1]);
  assert.deepEqual(client.send("QSCAN", 1), ["$0", ["$q"]]);
  assert.deepEqual(page(client.send("JSCAN", "BUSYLOOP", "REPLY", "all")), ["1", 1]);
  assert.deepEqual(page(client.send("JSCAN", "BUSYLOOP")), ["0", 3]);
  assert.deepEqual(bodiesOf(client.send("QPEEK", name, 2)), ["1"]);
  assert.deepEqual(bodiesOf(client.send("GETJOB", "COUNT", 3, "FROM", name, "q")), ["1"]);
});

test("replies are whole wherever the buffer they are written to ends", () => {
  const client = new FakeServer().connect();
  const ids = client.raw("ADDJOB small b 0\r\n".repeat(2000)).map((id) => String(id).slice(1));
  for (const id of ids) assert.match(id, /^D-[0-9a-f]{8}-[A-Za-z0-9+/]{24}-05a1$/);
  const peeked = list(client.send("QPEEK", "small", 2000)).map((job) => String(list(job)[1]));
  assert.deepEqual(
    peeked,
    ids.map((id) => `$${id}`),
  );
  for (let size = 16_200; size < 16_400; size++) {
    const body = "x".repeat(size);
    const id = addJob(client, "q", body);
    assert.deepEqual(client.send("GETJOB", "FROM", "q"), [["$q", `$${id}`, `$${body}`]]);
    assert.equal(list(client.send("SHOW", id))[29], `$${body}`);
  }
});
