/**
 * Every request gets its reply, in order and complete, however requests arrive and connections end.
 *
 * A real server on real sockets: what is tested here is what lies between the command and the wire.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Xorshift } from "../../src/util/xorshift.ts";
import { startNode } from "../support/node.ts";
import { shared } from "../support/shared.ts";
import { type Command, encode, RawClient } from "./raw-client.ts";

const server = shared((scope) => startNode(scope));

const HUGE_BYTES = 20 * 1024 * 1024;

/** A request and what its reply must look like; its number makes every one different. */
function mixedRequest(i: number, random: Xorshift): [Command, RegExp] {
  switch (random.below(6)) {
    case 0:
      return [["PING", `p${i}`], new RegExp(`^p${i}$`)];
    case 1:
      return [["addjob", "mixed", `body ${i}`, "0"], /^D-[0-9a-f]{8}-/];
    case 2:
      return [["ECHO", "e".repeat(random.below(2000)) + i], new RegExp(`^e*${i}$`)];
    case 3:
      return [["NOSUCH", i], /^-ERR unknown command 'NOSUCH'/];
    case 4:
      return [["QLEN", `none ${i}`], /^0$/];
    default:
      return [["GETJOB", "NOHANG", "FROM", `none ${i}`], /^null$/];
  }
}

for (const chunkBytes of [1, 7, 1000, 65_537, 10_000_000]) {
  const count = chunkBytes === 1 ? 300 : 10_000;
  test(`${count} pipelined requests in pieces of ${chunkBytes} bytes are all answered in order`, async (t) => {
    const node = await server();
    const client = await RawClient.connect(t, { port: node.port });
    const random = new Xorshift(chunkBytes);
    const pairs = Array.from({ length: count }, (_, i) => mixedRequest(i, random));
    const bytes = encode(...pairs.map(([command]) => command));
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const hasRoom = client.socket.write(bytes.subarray(at, at + chunkBytes));
      if (!hasRoom) await new Promise((resolve) => client.socket.once("drain", resolve));
    }
    for (const [command, expected] of pairs) {
      assert.match(String(await client.read()), expected, String(command[0]));
    }
    client.send(["QUIT"]);
    assert.equal(await client.end(), "+OK\r\n");
  });
}

test("a body of 20 MB goes in and comes out unchanged, and its memory is given back", async (t) => {
  const node = await startNode(t);
  const client = await RawClient.connect(t, { port: node.port });
  const body = Buffer.alloc(HUGE_BYTES);
  for (let i = 0; i < body.length; i += 4096) body.writeUInt32LE(i, i);
  const id = await client.call("ADDJOB", "huge", body, "0");
  assert.match(String(id), /^D-/);
  const reply = await client.call("GETJOB", "FROM", "huge");
  assert.ok(Array.isArray(reply) && Array.isArray(reply[0]));
  const [queue, sameId, sameBody] = reply[0];
  assert.deepEqual([queue, sameId], ["huge", id]);
  assert.ok(body.equals(Buffer.from(String(sameBody), "latin1")), "the body is unchanged");
  assert.equal(await client.call("ACKJOB", String(id)), 1);
  const info = String(await client.call("INFO", "memory"));
  assert.ok(Number(/used_memory:(\d+)/.exec(info)?.[1]) < 1_000_000, info);
});

test("a client that sends requests and closes its half gets all replies", async (t) => {
  const node = await server();
  const client = await RawClient.connect(t, { port: node.port });
  const big = "x".repeat(10_000);
  client.stopReading();
  client.send(...Array.from({ length: 1000 }, (_, i): Command => ["ECHO", `${i} ${big}`]));
  client.halfClose();
  client.startReading();
  for (let i = 0; i < 1000; i++) assert.equal(await client.read(), `${i} ${big}`);
  assert.equal(await client.end(), "");
  assert.equal(client.error, undefined);
});

test("a half-closed client gets all replies also when a request of it blocks", async (t) => {
  const node = await startNode(t);
  const client = await RawClient.connect(t, { port: node.port });
  client.socket.cork();
  client.send(["PING", "one"], ["GETJOB", "FROM", "empty"], ["PING", "two"]);
  client.halfClose();
  client.socket.uncork();
  assert.equal(await client.end(), "$3\r\none\r\n*-1\r\n$3\r\ntwo\r\n");
  const other = await RawClient.connect(t, { port: node.port });
  assert.match(String(await other.call("INFO", "clients")), /blocked_clients:0/);
  assert.match(String(await other.call("INFO", "clients")), /connected_clients:1/);
});

test("a request that is cut off by the end of the connection is not run", async (t) => {
  const node = await server();
  const client = await RawClient.connect(t, { port: node.port });
  client.raw("*4\r\n$6\r\nADDJOB\r\n$1\r\nc\r\n$4\r\nbo");
  client.halfClose();
  assert.equal(await client.end(), "");
  const other = await RawClient.connect(t, { port: node.port });
  assert.equal(await other.call("QLEN", "c"), 0);
});

test("QUIT is the last request: what came before is answered, what follows is not run", async (t) => {
  const node = await server();
  const client = await RawClient.connect(t, { port: node.port });
  const big = "y".repeat(100_000);
  client.stopReading();
  client.send(...Array.from({ length: 50 }, (): Command => ["ECHO", big]), ["QUIT"]);
  client.send(["ADDJOB", "behind QUIT", "never", "0"]);
  client.halfClose();
  client.startReading();
  for (let i = 0; i < 50; i++) assert.equal(await client.read(), big);
  assert.equal(await client.end(), "+OK\r\n");
  const other = await RawClient.connect(t, { port: node.port });
  assert.equal(await other.call("QLEN", "behind QUIT"), 0);
});

test("replies before QUIT arrive although the client goes on sending", async (t) => {
  const node = await server();
  const client = await RawClient.connect(t, { port: node.port });
  client.stopReading();
  client.send(["ECHO", "z".repeat(900_000)], ["QUIT"]);
  for (let i = 0; i < 20; i++) client.raw(Buffer.alloc(100_000, "PING\r\n"));
  client.startReading();
  assert.equal(await client.read(), "z".repeat(900_000));
  assert.equal(await client.end(), "+OK\r\n");
  assert.equal(client.error, undefined);
});

test("a protocol error is told behind the earlier replies, also while more is coming", async (t) => {
  const node = await server();
  const client = await RawClient.connect(t, { port: node.port });
  client.send(["ECHO", "w".repeat(500_000)], ["PING"]);
  client.raw("*1\r\n:5\r\n");
  for (let i = 0; i < 20; i++) client.raw(Buffer.alloc(100_000, "PING\r\n"));
  assert.equal(await client.read(), "w".repeat(500_000));
  assert.equal(await client.read(), "PONG");
  assert.equal(await client.end(), "-ERR Protocol error: expected '$', got ':'\r\n");
  assert.equal(client.error, undefined);
});

for (const request of ["POST / HTTP/1.1\r\nHost: x\r\n\r\n", "Host: somewhere\r\n"]) {
  test(`${JSON.stringify(request)} ends the connection without a word`, async (t) => {
    const node = await server();
    const client = await RawClient.connect(t, { port: node.port });
    client.raw(request);
    assert.equal(await client.end(), "");
    assert.equal(client.receivedBytes, 0);
  });
}
