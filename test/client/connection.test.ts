/** One connection: replies go to whom they belong, and every end is told in words. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Connection } from "../../src/client/connection.ts";
import { ConnectionError, ServerError } from "../../src/client/connection-error.ts";
import { bytesOf, ErrorReply, numberOf, textOf } from "../../src/client/reply.ts";
import type { Target } from "../../src/client/target.ts";
import { atEnd } from "../support/cleanup.ts";
import { type Answer, startScriptServer } from "../support/script-server.ts";

const echo: Answer = ([, text = ""]) => `$${text.length}\r\n${text}\r\n`;

function to(port: number, more: Partial<Target> = {}): Target {
  return { address: { kind: "tcp", host: "127.0.0.1", port }, connectTimeoutMs: 5000, ...more };
}

async function connected(t: TestContext, target: Target): Promise<Connection> {
  const connection = await Connection.open(target);
  atEnd(t, () => connection.close());
  return connection;
}

test("calls that overlap get their own replies", async (t) => {
  const { port } = await startScriptServer(t, echo);
  const connection = await connected(t, to(port));
  const texts = Array.from({ length: 1000 }, (_, at) => `text ${at}`);
  const replies = await Promise.all(texts.map((text) => connection.call("ECHO", text)));
  assert.deepEqual(replies.map(textOf), texts);
});

test("arguments arrive byte by byte, numbers as their digits", async (t) => {
  const { port, seen } = await startScriptServer(t, echo);
  const connection = await connected(t, to(port));
  const bytes = Buffer.from([0, 13, 10, 255]);
  assert.deepEqual(bytesOf(await connection.call("ECHO", bytes)), bytes);
  await connection.call("A", 12, "1e3", "");
  assert.equal(seen[1], "A 12 1e3 ");
});

test("an error is a reply for call, and is thrown by ask", async (t) => {
  const { port } = await startScriptServer(t, () => "-BADID no such thing\r\n");
  const connection = await connected(t, to(port));
  const reply = await connection.call("SHOW", "x");
  assert.ok(reply instanceof ErrorReply && reply.word === "BADID");
  await assert.rejects(connection.ask("SHOW", "x"), (error: Error) => {
    return error instanceof ServerError && error.word === "BADID";
  });
});

test("it logs in before anything else", async (t) => {
  const { port, seen } = await startScriptServer(t, () => "+OK\r\n");
  await connected(t, to(port, { password: "p" }));
  await connected(t, to(port, { user: "ada", password: "p" }));
  assert.deepEqual(seen, ["AUTH p", "AUTH ada p"]);
});

test("a wrong password is an error, a needless one is not", async (t) => {
  const wrong = await startScriptServer(t, () => "-ERR invalid password\r\n");
  await assert.rejects(Connection.open(to(wrong.port, { password: "p" })), ServerError);
  const open = await startScriptServer(
    t,
    () => "-ERR Client sent AUTH, but no password is set\r\n",
  );
  assert.ok((await connected(t, to(open.port, { password: "p" }))).isOpen);
});

test("whatever is unanswered when the connection ends is rejected, and so is what follows", async (t) => {
  const server = await startScriptServer(t, ([name]) =>
    name === "PING" ? "+PONG\r\n" : undefined,
  );
  const connection = await connected(t, to(server.port));
  await connection.ask("PING");
  const waiting = [connection.call("GETJOB"), connection.call("GETJOB")];
  const told = assert.rejects(
    waiting[0] as Promise<unknown>,
    /127\.0\.0\.1:\d+: the server closed/,
  );
  const toldToo = assert.rejects(waiting[1] as Promise<unknown>, ConnectionError);
  server.cut();
  await Promise.all([told, toldToo]);
  await assert.rejects(connection.call("PING"), ConnectionError);
  assert.equal(connection.isOpen, false);
});

test("a server that does not answer in time is given up, when a limit is set", async (t) => {
  const { port } = await startScriptServer(t, () => undefined);
  const connection = await connected(t, to(port, { replyTimeoutMs: 50 }));
  await assert.rejects(connection.call("PING"), /no reply within 0.05 s/);
});

test("who is no server of this kind is told as such", async (t) => {
  const { port } = await startScriptServer(t, () => "HTTP/1.1 400 Bad Request\r\n\r\n");
  const connection = await connected(t, to(port));
  await assert.rejects(connection.call("PING"), /what it sends is not the Redis protocol/);
});

test("a port where nobody listens, and a host that does not exist, are named", async (t) => {
  const server = await startScriptServer(t, echo);
  await server.stop();
  await assert.rejects(
    Connection.open(to(server.port)),
    /^.*cannot connect to 127\.0\.0\.1:\d+: Connection refused$/,
  );
  const nowhere = { kind: "tcp", host: "no-such-host.invalid", port: 1 } as const;
  await assert.rejects(Connection.open(to(1, { address: nowhere })), /no-such-host\.invalid:1: /);
});

test("replies that nobody has called for go to the stray handler, in order", async (t) => {
  const { port } = await startScriptServer(t, () => "+OK\r\n:1\r\n:2\r\n");
  const connection = await connected(t, to(port));
  const strays: number[] = [];
  const both = new Promise<void>((resolve) => {
    connection.onStray((reply) => {
      if (strays.push(numberOf(reply)) === 2) resolve();
    });
  });
  await connection.call("MONITOR");
  await both;
  assert.deepEqual(strays, [1, 2]);
});
