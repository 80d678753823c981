/**
 * A server with a log that is started again: every job is where it was, and goes on as it was to.
 */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startNode } from "../support/node.ts";
import { tempDir } from "../support/temp-dir.ts";
import { RawClient } from "./raw-client.ts";

const LOGGED = { appendonly: "yes" };

/** The fields of SHOW by their names. */
async function shown(client: RawClient, id: unknown): Promise<Map<unknown, unknown>> {
  const reply = await client.call("SHOW", String(id));
  assert.ok(Array.isArray(reply), `no job ${id}`);
  const pairs = new Map<unknown, unknown>();
  for (let i = 0; i < reply.length; i += 2) pairs.set(reply[i], reply[i + 1]);
  return pairs;
}

for (const end of ["SIGKILL", "SIGTERM"] as const) {
  test(`after ${end} queued, delayed and delivered jobs are as they were`, async (t) => {
    const node = await startNode(t, LOGGED);
    const before = await RawClient.connect(t, { port: node.port });
    const queued = await before.call("ADDJOB", "queued", "a", "0", "RETRY", "300");
    const once = await before.call("ADDJOB", "once", "b", "0", "RETRY", "0");
    const delayed = await before.call("ADDJOB", "later", "c", "0", "DELAY", "100");
    const leased = await before.call("ADDJOB", "leased", "d", "0", "RETRY", "200");
    const done = await before.call("ADDJOB", "done", "e", "0");
    await before.call("GETJOB", "FROM", "leased");
    assert.equal(await before.call("ACKJOB", String(done)), 1);
    await node.stop(end);
    const again = await node.restart();
    const client = await RawClient.connect(t, { port: again.port });
    const { port } = again;
    assert.equal((await shown(client, queued)).get("state"), "queued", `on port ${port}`);
    assert.equal((await shown(client, once)).get("state"), "queued");
    const late = await shown(client, delayed);
    assert.equal(late.get("state"), "active");
    assert.ok(Number(late.get("next-requeue-within")) > 80_000, "the delay goes on");
    assert.ok(Number(late.get("next-requeue-within")) <= 100_000, "the delay does not start again");
    const lease = Number((await shown(client, leased)).get("next-requeue-within"));
    assert.ok(lease > 150_000 && lease <= 200_000, "so does the lease");
    assert.equal(await client.call("SHOW", String(done)), null);
    assert.equal(await client.call("DEBUG", "CHECK"), "OK");
    assert.match(again.log(), /"jobs":4,"queued":2,.*"msg":"log loaded"/);
  });
}

test("counters are as they were: no start counts as a delivery", async (t) => {
  const node = await startNode(t, LOGGED);
  const before = await RawClient.connect(t, { port: node.port });
  const id = await before.call("ADDJOB", "q", "a", "0", "RETRY", "300");
  await before.call("GETJOB", "FROM", "q");
  assert.equal(await before.call("NACK", String(id)), 1);
  let next = node;
  for (let i = 0; i < 3; i++) {
    await next.kill9();
    next = await next.restart();
  }
  const client = await RawClient.connect(t, { port: next.port });
  const job = await client.call("GETJOB", "WITHCOUNTERS", "FROM", "q");
  assert.deepEqual(job, [["q", id, "a", "nacks", 1, "additional-deliveries", 0]]);
});

test("FLUSHALL is remembered", async (t) => {
  const node = await startNode(t, LOGGED);
  const before = await RawClient.connect(t, { port: node.port });
  await before.call("ADDJOB", "q", "a", "0");
  assert.equal(await before.call("DEBUG", "FLUSHALL"), "OK");
  await before.call("ADDJOB", "q", "b", "0");
  await node.kill9();
  const again = await node.restart();
  const client = await RawClient.connect(t, { port: again.port });
  assert.equal(await client.call("QLEN", "q"), 1);
});

test("a node that gets another id goes on with its log", async (t) => {
  const node = await startNode(t, LOGGED);
  const before = await RawClient.connect(t, { port: node.port });
  await before.call("ADDJOB", "q", "a", "0");
  assert.equal(await before.call("DEBUG", "FLUSHALL"), "OK");
  assert.equal(await before.call("CLUSTER", "RESET", "HARD"), "OK");
  await before.call("ADDJOB", "q", "b", "0");
  await node.kill9();
  const again = await node.restart();
  const client = await RawClient.connect(t, { port: again.port });
  assert.equal(await client.call("QLEN", "q"), 1);
});

test("CONFIG SET appendonly yes writes what is there, no leaves it as it was then", async (t) => {
  const node = await startNode(t);
  const client = await RawClient.connect(t, { port: node.port });
  await client.call("ADDJOB", "q", "before", "0");
  assert.ok(!existsSync(join(node.dir, "log")), "without a log there is no folder");
  assert.equal(await client.call("CONFIG", "SET", "appendonly", "yes"), "OK");
  const info = async (): Promise<string> => String(await client.call("INFO", "persistence"));
  await eventually(async () => (await info()).includes("aof_state:on"), { what: "it is on" });
  await client.call("ADDJOB", "q", "during", "0");
  assert.match(await info(), /aof_enabled:1\r\n/);
  await node.kill9();
  const second = await node.restart({ appendonly: "yes" });
  const again = await RawClient.connect(t, { port: second.port });
  assert.equal(await again.call("QLEN", "q"), 2);
  assert.equal(await again.call("CONFIG", "SET", "appendonly", "no"), "OK");
  assert.match(String(await again.call("INFO", "persistence")), /aof_state:off\r\n/);
  await again.call("ADDJOB", "q", "after", "0");
  await second.kill9();
  const third = await second.restart();
  const last = await RawClient.connect(t, { port: third.port });
  assert.equal(await last.call("QLEN", "q"), 2);
  assert.match(third.log(), /it is loaded as it was then/);
});

test("aof-enqueue-jobs-once and SHUTDOWN REWRITE-AOF bring a server without a log over a restart", async (t) => {
  const dir = await tempDir(t);
  const file = join(dir, "ringq.conf");
  writeFileSync(file, "loglevel notice\n");
  const node = await startNode(t, {}, { args: [file] });
  const client = await RawClient.connect(t, { port: node.port });
  const once = await client.call("ADDJOB", "q", "at most once", "0", "RETRY", "0");
  assert.equal(await client.call("CONFIG", "SET", "aof-enqueue-jobs-once", "yes"), "OK");
  assert.equal(await client.call("CONFIG", "REWRITE"), "OK");
  client.send(["SHUTDOWN", "REWRITE-AOF"]);
  assert.equal(await client.end(), "");
  assert.equal(await node.exited, 0);
  const second = await node.restart();
  const again = await RawClient.connect(t, { port: second.port });
  assert.deepEqual(await again.call("GETJOB", "FROM", "q"), [["q", once, "at most once"]]);
  const option = await again.call("CONFIG", "GET", "aof-enqueue-jobs-once");
  assert.deepEqual(option, ["aof-enqueue-jobs-once", "no"]);
  await second.kill9();
  const third = await second.restart();
  const last = await RawClient.connect(t, { port: third.port });
  assert.equal(await last.call("QLEN", "q"), 0);
});

test("BGREWRITEAOF makes the log as small as what is in it", async (t) => {
  const node = await startNode(t, LOGGED);
  const client = await RawClient.connect(t, { port: node.port });
  for (let i = 0; i < 20; i++) {
    const id = await client.call("ADDJOB", "q", "x".repeat(10_000), "0");
    if (i > 0) await client.call("FASTACK", String(id));
  }
  const size = async (): Promise<number> => {
    const info = String(await client.call("INFO", "persistence"));
    return Number(/aof_current_size:(\d+)/.exec(info)?.[1]);
  };
  assert.ok((await size()) > 200_000);
  const started = "Background append only file rewriting started";
  assert.equal(await client.call("BGREWRITEAOF"), started);
  await eventually(async () => (await size()) < 12_000, { what: "the old files are gone" });
  await node.kill9();
  const again = await node.restart();
  const after = await RawClient.connect(t, { port: again.port });
  assert.equal(await after.call("QLEN", "q"), 1);
});
