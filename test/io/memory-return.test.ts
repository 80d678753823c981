/**
 * Memory goes back to the system after a backlog was drained: when it is asked for, and that it does.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { checkBroker } from "../../src/core/broker-check.ts";
import { askForCollection } from "../../src/io/engine.ts";
import { MemoryReturn } from "../../src/io/memory-return.ts";
import { collectGarbage } from "../support/collect-garbage.ts";
import { eventually } from "../support/eventually.ts";
import { FakeServer } from "../support/fake-server.ts";

const MEGABYTE = 1024 * 1024;

/** A watch on virtual time that counts how often memory was given back. */
function watch(t: TestContext): { memory: MemoryReturn; returns: () => number } {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let count = 0;
  return { memory: new MemoryReturn(() => count++), returns: () => count };
}

test("ten seconds after much less is used, what is kept is given back, once", (t) => {
  const { memory, returns } = watch(t);
  for (const megabytes of [10, 500, 400, 20]) memory.note(megabytes * MEGABYTE);
  t.mock.timers.tick(9_999);
  assert.equal(returns(), 0);
  t.mock.timers.tick(1);
  assert.equal(returns(), 1);
  memory.note(20 * MEGABYTE);
  memory.note(10 * MEGABYTE);
  t.mock.timers.tick(3_600_000);
  assert.equal(returns(), 1);
});

test("a fall of less than 32 MB is not worth it, the next backlog is", (t) => {
  const { memory, returns } = watch(t);
  memory.note(40 * MEGABYTE);
  memory.note(9 * MEGABYTE);
  t.mock.timers.tick(3_600_000);
  assert.equal(returns(), 0);
  memory.note(41 * MEGABYTE);
  memory.note(9 * MEGABYTE);
  t.mock.timers.tick(10_000);
  assert.equal(returns(), 1);
});

test("a server that has stopped gives nothing back any more", (t) => {
  const { memory, returns } = watch(t);
  memory.note(100 * MEGABYTE);
  memory.note(0);
  memory.stop();
  t.mock.timers.tick(3_600_000);
  assert.equal(returns(), 0);
});

test("a drained broker keeps its pages until it is trimmed, and loses no job by it", async () => {
  const server = new FakeServer();
  const client = server.connect();
  const before = bufferBytes();
  const [kept, ...others] = Array.from({ length: 2000 }, () =>
    String(client.send("ADDJOB", "q", "x".repeat(50_000), 0)).slice(1),
  );
  assert.equal(client.send("DELJOB", ...others), `:${others.length}`);
  assert.ok(bufferBytes() > before + 100 * MEGABYTE, "they are kept");
  server.state.broker.trim();
  await eventually(() => bufferBytes() < before + 50 * MEGABYTE, { what: "bodies go back" });
  checkBroker(server.state.broker);
  assert.match(JSON.stringify(client.send("SHOW", kept ?? "")), /x{50000}/);
  assert.equal(client.send("DELJOB", kept ?? ""), ":1");
  server.state.broker.trim();
  await eventually(() => bufferBytes() < before + 5 * MEGABYTE, { what: "records go back" });
  assert.match(String(client.send("ADDJOB", "q", "another", 0)), /^\+D-/);
});

test("garbage goes soon after it was asked for, in a process that does nothing else", async () => {
  let gone = false;
  const registry = new FinalizationRegistry(() => {
    gone = true;
  });
  registry.register(Buffer.allocUnsafeSlow(MEGABYTE), "");
  askForCollection();
  await eventually(() => gone, { what: "a buffer goes" });
});

/** Bytes of all buffers outside the heap that something still refers to. */
function bufferBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
