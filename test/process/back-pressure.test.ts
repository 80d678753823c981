/**
 * Clients that do not take their replies, or send far ahead: they slow down themselves and nobody
 * else, and what the server keeps for them is bounded.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startNode, type TestNode } from "../support/node.ts";
import { type Command, RawClient } from "./raw-client.ts";

const MEGABYTE = 1024 * 1024;
const JOBS = 10;

/** A server whose queue "big" has ten jobs of a megabyte, and a client that is no part of the test. */
async function start(
  t: TestContext,
  directives: Record<string, string> = {},
): Promise<{ node: TestNode; bystander: RawClient }> {
  const node = await startNode(t, directives);
  const bystander = await RawClient.connect(t, { port: node.port });
  const body = Buffer.alloc(MEGABYTE, "b");
  for (let i = 0; i < JOBS; i++) await bystander.call("ADDJOB", "big", body, "0");
  return { node, bystander };
}

function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return Number(kilobytes) * 1024;
}

/** One field of another client's line in CLIENT LIST. */
async function fieldOf(observer: RawClient, client: RawClient, field: string): Promise<number> {
  const list = String(await observer.call("CLIENT", "LIST"));
  const line = list.split("\n").find((each) => each.includes(`addr=${client.address} `)) ?? "";
  return Number(new RegExp(` ${field}=(\\d+)`).exec(line)?.[1]);
}

async function infoField(observer: RawClient, name: string): Promise<number> {
  const info = String(await observer.call("INFO", "all"));
  return Number(new RegExp(`${name}[:=](\\d+)`).exec(info)?.[1]);
}

test("who does not read its replies is not served any further, until it reads", async (t) => {
  const { node, bystander } = await start(t);
  const lazy = await RawClient.connect(t, { port: node.port });
  const before = residentBytes(node.pid);
  lazy.stopReading();
  const requests = 40;
  lazy.send(...Array.from({ length: requests }, (): Command => ["QPEEK", "big", JOBS]), ["PING"]);
  await eventually(async () => (await fieldOf(bystander, lazy, "omem")) > MEGABYTE, {
    what: "replies pile up",
  });
  // What the server does not read stays with the kernel, and then with the client.
  for (let i = 0; i < 30; i++) lazy.send(["ECHO", Buffer.alloc(MEGABYTE, "e")]);
  await eventually(() => lazy.socket.writableLength > 0, { what: "the server does not read" });
  for (let i = 0; i < 1000; i++) assert.equal(await bystander.call("PING", i), String(i));
  assert.ok((await infoField(bystander, "cmdstat_qpeek:calls")) <= 3);
  assert.ok((await fieldOf(bystander, lazy, "omem")) < 2 * JOBS * MEGABYTE);
  assert.ok((await infoField(bystander, "used_memory")) < 4 * JOBS * MEGABYTE);
  assert.ok(residentBytes(node.pid) < before + 100 * MEGABYTE);
  lazy.startReading();
  for (let i = 0; i < requests; i++) {
    const jobs = await lazy.read();
    assert.ok(Array.isArray(jobs) && jobs.length === JOBS);
  }
  assert.equal(await lazy.read(), "PONG");
  for (let i = 0; i < 30; i++) assert.equal(String(await lazy.read()).length, MEGABYTE);
  assert.ok((await infoField(bystander, "used_memory")) < 2 * JOBS * MEGABYTE);
});

test("jobs are not taken for replies that nobody reads", async (t) => {
  const { node, bystander } = await start(t);
  for (let i = 0; i < 30; i++) {
    await bystander.call("ADDJOB", "big", Buffer.alloc(MEGABYTE, "c"), "0");
  }
  const lazy = await RawClient.connect(t, { port: node.port });
  lazy.stopReading();
  lazy.send(...Array.from({ length: 40 }, (): Command => ["GETJOB", "FROM", "big"]));
  await eventually(async () => (await fieldOf(bystander, lazy, "omem")) > 0, {
    what: "replies pile up",
  });
  const left = Number(await bystander.call("QLEN", "big"));
  assert.ok(left >= 20, `${left} jobs are left for others`);
  lazy.startReading();
  for (let i = 0; i < 40; i++) assert.ok(Array.isArray(await lazy.read()));
  assert.equal(await bystander.call("QLEN", "big"), 0);
});

test("a client beyond the hard output limit is closed, and counted", async (t) => {
  const { node, bystander } = await start(t);
  const limit = "normal 5mb 0 0";
  assert.equal(await bystander.call("CONFIG", "SET", "client-output-buffer-limit", limit), "OK");
  const lazy = await RawClient.connect(t, { port: node.port });
  lazy.stopReading();
  lazy.send(["QPEEK", "big", JOBS]);
  await eventually(() => node.log().includes("does not read its replies"), {
    what: "it is closed",
  });
  assert.equal(await infoField(bystander, "connected_clients"), 1);
  lazy.startReading();
  await lazy.end();
  assert.ok(lazy.receivedBytes < JOBS * MEGABYTE);
});

test("a client beyond the soft limit is closed when the time is over, though nothing happens", async (t) => {
  const { node, bystander } = await start(t, {
    "client-output-buffer-limit": "normal 0 1mb 1",
  });
  const slow = await RawClient.connect(t, { port: node.port });
  slow.stopReading();
  slow.send(["QPEEK", "big", JOBS]);
  await eventually(() => node.log().includes("does not read its replies"), {
    what: "it is closed",
  });
  slow.startReading();
  await slow.end();
  assert.equal(await bystander.call("PING"), "PONG");
});

test("a client that is already behind is closed when a limit is set", async (t) => {
  const { node, bystander } = await start(t);
  const lazy = await RawClient.connect(t, { port: node.port });
  lazy.stopReading();
  lazy.send(["QPEEK", "big", JOBS]);
  await eventually(async () => (await fieldOf(bystander, lazy, "omem")) > MEGABYTE, {
    what: "replies pile up",
  });
  await bystander.call("CONFIG", "SET", "client-output-buffer-limit", "normal 1mb 0 0");
  await eventually(() => node.log().includes("does not read its replies"), {
    what: "it is closed",
  });
});

test("a monitor that does not read is closed at 32 MB, others go on", async (t) => {
  const { node, bystander } = await start(t);
  const monitor = await RawClient.connect(t, { port: node.port });
  assert.equal(await monitor.call("MONITOR"), "OK");
  monitor.stopReading();
  const text = Buffer.alloc(MEGABYTE, "m");
  let shown = 0;
  while ((await infoField(bystander, "connected_clients")) === 2) {
    assert.ok(shown < 60, "a monitor may not be that far behind");
    assert.equal(String(await bystander.call("ECHO", text)).length, MEGABYTE);
    shown++;
  }
  assert.ok(shown > 30, `closed after only ${shown} MB`);
  assert.ok((await infoField(bystander, "used_memory")) < 2 * JOBS * MEGABYTE);
});

test("who is blocked may send ahead, and others are served while that runs", async (t) => {
  const { node, bystander } = await start(t);
  const eager = await RawClient.connect(t, { port: node.port });
  const requests = 2000;
  const text = "a".repeat(5000);
  eager.send(["GETJOB", "FROM", "q"]);
  eager.send(...Array.from({ length: requests }, (_, i): Command => ["ECHO", `${i} ${text}`]));
  // It is read to the end, or its death would not be noticed before it is given a job.
  await eventually(async () => (await fieldOf(bystander, eager, "qbuf")) > requests * 5000, {
    what: "everything sent ahead is read",
  });
  assert.ok((await infoField(bystander, "used_memory")) > requests * 5000);
  await bystander.call("ADDJOB", "q", "body", "0");
  assert.ok(Array.isArray(await eager.read()));
  for (let i = 0; i < requests; i++) assert.equal(await eager.read(), `${i} ${text}`);
  assert.equal(await fieldOf(bystander, eager, "qbuf"), 0);
});

test("who is blocked and sends ahead without end is closed, and the job is for somebody else", async (t) => {
  const { node, bystander } = await start(t, { "client-query-buffer-limit": "2mb" });
  const endless = await RawClient.connect(t, { port: node.port });
  endless.send(["PING"], ["GETJOB", "FROM", "q"]);
  assert.equal(await endless.read(), "PONG");
  while (!node.log().includes("sent too much ahead")) {
    endless.send(["ECHO", Buffer.alloc(MEGABYTE, "e")]);
    await bystander.call("PING");
  }
  assert.match(String(await endless.read()), /^-ERR too much sent ahead/);
  await bystander.call("ADDJOB", "q", "body", "0", "RETRY", "0");
  assert.equal(await bystander.call("QLEN", "q"), 1);
  assert.equal(await infoField(bystander, "client_query_buffer_limit_disconnections"), 1);
});
