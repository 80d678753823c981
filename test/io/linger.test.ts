/**
 * Closing so that the last words arrive, on real sockets: the kernel's resets are what this is about.
 */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { closeGently } from "../../src/io/linger.ts";
import { RawClient } from "../process/raw-client.ts";
import { eventually } from "../support/eventually.ts";

async function pair(t: TestContext): Promise<{ client: RawClient; socket: Socket }> {
  const accepted: Socket[] = [];
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    accepted.push(socket);
  });
  t.after(() => listener.close());
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  assert.ok(address !== null && typeof address === "object");
  const client = await RawClient.connect(t, { port: address.port });
  const socket = await eventually(() => accepted[0], { what: "it is accepted" });
  assert.ok(socket);
  t.after(() => socket.destroy());
  return { client, socket };
}

test("the last words arrive although the client has sent much that nobody read", async (t) => {
  const { client, socket } = await pair(t);
  socket.pause();
  client.stopReading();
  for (let i = 0; i < 30; i++) client.raw(Buffer.alloc(100_000));
  socket.write(Buffer.alloc(1_000_000, "a"));
  socket.write("the end");
  closeGently(socket);
  client.startReading();
  const text = await client.end();
  assert.equal(text.length, 1_000_007);
  assert.ok(text.endsWith("the end"));
  assert.equal(client.error, undefined);
  client.halfClose();
  await eventually(() => socket.destroyed, { what: "both halves are closed" });
});

test("a client that has closed its half already is let go at once", async (t) => {
  const { client, socket } = await pair(t);
  socket.resume();
  client.halfClose();
  await eventually(() => socket.readableEnded, { what: "its end" });
  socket.write("bye");
  closeGently(socket);
  assert.equal(await client.end(), "bye");
  await eventually(() => socket.destroyed, { what: "it is gone" });
});

test("a client that never closes its half is given a second", async (t) => {
  const { client, socket } = await pair(t);
  const startMs = performance.now();
  socket.write("bye");
  closeGently(socket);
  assert.equal(await client.end(), "bye");
  await eventually(() => socket.destroyed, { what: "it is gone" });
  assert.ok(performance.now() - startMs > 900);
});

test("a client that is gone needs no farewell", async (t) => {
  const { socket } = await pair(t);
  socket.destroy();
  closeGently(socket);
  assert.equal(socket.destroyed, true);
});
