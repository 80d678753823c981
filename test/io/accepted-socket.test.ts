/**
 * Both ways to read an accepted connection, the shared buffer and the plain one, behave the same.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { readAccepted } from "../../src/io/accepted-socket.ts";
import { RawClient } from "../process/raw-client.ts";
import { eventually, within } from "../support/eventually.ts";
import { settled } from "./wired-server.ts";

/** The server's side of a connection, and what it has received. */
interface Side {
  readonly socket: Socket;
  readonly chunks: Buffer[];
  readonly events: string[];
  text(): string;
  /** Called with every piece, before it is stored. */
  onPiece: (bytes: number) => void;
}

interface Pair {
  readonly client: RawClient;
  readonly server: Side;
}

/** Connected pairs, as many as asked for. */
async function connect(t: TestContext, isShared: boolean, count = 1): Promise<Pair[]> {
  const accepted: Side[] = [];
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    accepted.push(sideOf(t, socket, isShared));
  });
  t.after(() => listener.close());
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  assert.ok(address !== null && typeof address === "object");
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i++) {
    const client = await RawClient.connect(t, { port: address.port });
    const server = await eventually(() => accepted[i], { what: "it is accepted" });
    assert.ok(server);
    pairs.push({ client, server });
  }
  return pairs;
}

function sideOf(t: TestContext, accepted: Socket, isShared: boolean): Side {
  const chunks: Buffer[] = [];
  const events: string[] = [];
  const take = (buffer: Buffer, bytes: number): void => {
    side.onPiece(bytes);
    // A copy, because the buffer is only valid now.
    chunks.push(Buffer.from(buffer.subarray(0, bytes)));
  };
  const socket = readAccepted(accepted, take, isShared);
  for (const event of ["end", "error", "close"]) socket.on(event, () => events.push(event));
  t.after(() => socket.destroy());
  const text = (): string => Buffer.concat(chunks).toString("latin1");
  const side: Side = { socket, chunks, events, text, onPiece: () => undefined };
  return side;
}

async function pair(t: TestContext, isShared: boolean): Promise<Pair> {
  const [first] = await connect(t, isShared);
  assert.ok(first);
  return first;
}

for (const isShared of [true, false]) {
  const way = isShared ? "shared buffer" : "plain path";

  test(`${way}: all bytes arrive in order, and can be answered`, async (t) => {
    const { client, server } = await pair(t, isShared);
    const bytes = Buffer.alloc(5_000_000);
    for (let i = 0; i < bytes.length; i += 4) bytes.writeInt32LE(i, i);
    let received = 0;
    server.onPiece = (size) => {
      received += size;
    };
    client.raw(bytes);
    await eventually(() => received === bytes.length, { what: "all is there" });
    const sum = (data: Buffer): string => createHash("sha1").update(data).digest("hex");
    assert.equal(sum(Buffer.concat(server.chunks)), sum(bytes));
    server.socket.write("+answer\r\n");
    assert.equal(await client.read(), "answer");
    assert.equal(server.socket.remotePort, client.socket.localPort);
  });

  test(`${way}: connections do not see each other's bytes`, async (t) => {
    const pairs = await connect(t, isShared, 10);
    for (let round = 0; round < 50; round++) {
      for (const [i, { client }] of pairs.entries()) client.raw(`<${i}:${round}>`);
    }
    for (const [i, { server }] of pairs.entries()) {
      const expected = Array.from({ length: 50 }, (_, round) => `<${i}:${round}>`).join("");
      await eventually(() => server.text() === expected, { what: `all bytes of ${i}` });
    }
  });

  test(`${way}: after the client's end the server may still write, then both are closed`, async (t) => {
    const { client, server } = await pair(t, isShared);
    client.raw("last words");
    client.halfClose();
    await eventually(() => server.events.includes("end"), { what: "the end" });
    assert.equal(server.text(), "last words", "all bytes come before the end");
    assert.deepEqual(server.events, ["end"]);
    server.socket.write("+still here\r\n");
    assert.equal(await client.read(), "still here");
    server.socket.end();
    assert.equal(await client.end(), "");
    await eventually(() => server.events.includes("close"), { what: "it is closed" });
    assert.deepEqual(server.events, ["end", "close"]);
  });

  test(`${way}: paused, it takes neither bytes nor the end until it is resumed`, async (t) => {
    const { client, server } = await pair(t, isShared);
    server.onPiece = () => {
      if (server.chunks.length === 0) server.socket.pause();
    };
    const big = Buffer.alloc(2_000_000, "x");
    client.raw("first");
    await eventually(() => server.chunks.length === 1, { what: "the first piece" });
    client.raw(big);
    client.halfClose();
    await settled();
    assert.equal(server.text(), "first");
    assert.deepEqual(server.events, []);
    server.socket.resume();
    await eventually(() => server.events.includes("end"), { what: "the end" });
    assert.equal(server.text().length, 5 + big.length);
  });

  test(`${way}: a pause in the middle of much data holds back the rest of it`, async (t) => {
    const { client, server } = await pair(t, isShared);
    const stopAt = 20;
    server.onPiece = () => {
      if (server.chunks.length === stopAt - 1) server.socket.pause();
    };
    client.raw(Buffer.alloc(20_000_000, "y"));
    await eventually(() => server.chunks.length >= stopAt, { what: "some pieces" });
    await settled();
    assert.equal(server.chunks.length, stopAt);
    assert.ok(client.socket.writableLength > 0, "the kernel is full");
    server.socket.resume();
    await eventually(() => server.text().length === 20_000_000, { what: "the rest" });
  });

  test(`${way}: a reset ends the connection, and nothing is thrown`, async (t) => {
    const { client, server } = await pair(t, isShared);
    client.raw("x");
    await eventually(() => server.text() === "x", { what: "the byte" });
    client.reset();
    await eventually(() => server.events.includes("close"), { what: "it is closed" });
    assert.ok(!server.events.includes("end"));
    assert.equal(server.socket.destroyed, true);
  });

  test(`${way}: destroyed by the server, the client is told`, async (t) => {
    const { client, server } = await pair(t, isShared);
    server.socket.destroy();
    await within(client.end(), 5000, "the client's end");
    assert.deepEqual(server.events, ["close"]);
  });

  test(`${way}: a write that the kernel takes at once leaves nothing behind`, async (t) => {
    const { client, server } = await pair(t, isShared);
    server.socket.write("+one\r\n");
    assert.equal(server.socket.writableLength, 0, "so its buffer may be used again");
    assert.equal(await client.read(), "one");
    server.socket.write(Buffer.alloc(50_000_000));
    assert.ok(server.socket.writableLength > 0);
  });
}

test("without a handle to take over, the plain path is used", async () => {
  const stream = new PassThrough();
  let text = "";
  const socket = readAccepted(stream as unknown as Socket, (buffer, bytes) => {
    text += buffer.toString("latin1", 0, bytes);
  });
  assert.equal(socket, stream as unknown);
  stream.write("through");
  await settled();
  assert.equal(text, "through");
});
