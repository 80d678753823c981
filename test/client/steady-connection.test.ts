/** A connection that comes back, and that goes where a node that leaves sends it. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ErrorReply, textOf } from "../../src/client/reply.ts";
import { SteadyConnection } from "../../src/client/steady-connection.ts";
import { atEnd } from "../support/cleanup.ts";
import { eventually } from "../support/eventually.ts";
import { type ScriptServer, startScriptServer } from "../support/script-server.ts";

const bulk = (text: string | number): string => `$${String(text).length}\r\n${text}\r\n`;

/** HELLO of a node that knows these others, each with a priority. */
function hello(others: readonly (readonly [port: number, priority: number])[]): string {
  const row = (id: string, port: number, priority: number): string =>
    `*4\r\n${bulk(id)}${bulk("127.0.0.1")}${bulk(port)}${bulk(priority)}`;
  const rows = others.map(([port, priority], at) => row(`other${at}`, port, priority));
  return `*${3 + rows.length}\r\n:1\r\n${bulk("own")}${row("own", 1, 100)}${rows.join("")}`;
}

function steady(t: TestContext, port: number, moves: string[] = []): SteadyConnection {
  const connection = new SteadyConnection(
    { address: { kind: "tcp", host: "127.0.0.1", port }, connectTimeoutMs: 5000, password: "p" },
    (_from, to) => moves.push(to),
  );
  atEnd(t, () => connection.close());
  return connection;
}

function leaving(
  t: TestContext,
  others: readonly (readonly [number, number])[],
): Promise<ScriptServer> {
  return startScriptServer(t, ([name]) => {
    if (name === "AUTH") return "+OK\r\n";
    return name === "HELLO" ? hello(others) : "-LEAVING go away\r\n";
  });
}

test("after the server closed the connection the next call opens another one", async (t) => {
  const server = await startScriptServer(t, () => "+OK\r\n");
  const connection = steady(t, server.port);
  await connection.call("PING");
  server.cut();
  await eventually(() => !connection.isOpen, { what: "the end is noticed" });
  assert.equal(textOf(await connection.call("PING")), "OK");
});

test("a command whose connection broke is not said again", async (t) => {
  let isFirst = true;
  const server = await startScriptServer(t, ([name], socket) => {
    if (name === "AUTH") return "+OK\r\n";
    if (isFirst) socket.destroy();
    isFirst = false;
    return "+OK\r\n";
  });
  const connection = steady(t, server.port);
  await assert.rejects(connection.call("ADDJOB", "q", "x", 0), /closed the connection/);
  assert.deepEqual(server.seen, ["AUTH p", "ADDJOB q x 0"]);
});

test("from a node that leaves it goes to the best of the others, with the same login", async (t) => {
  const good = await startScriptServer(t, ([name]) => (name === "AUTH" ? "+OK\r\n" : ":7\r\n"));
  const worse = await startScriptServer(t, () => "+OK\r\n");
  const first = await leaving(t, [
    [worse.port, 5],
    [good.port, 1],
  ]);
  const moves: string[] = [];
  const connection = steady(t, first.port, moves);
  assert.equal(textOf(await connection.call("GETJOB", "FROM", "q")), "7");
  assert.deepEqual(good.seen, ["AUTH p", "GETJOB FROM q"]);
  assert.deepEqual([moves, worse.seen], [[`127.0.0.1:${good.port}`], []]);
  await connection.call("PING");
  assert.equal(good.seen[2], "PING", "and it stays there");
});

test("nodes that cannot be reached or leave as well are passed over", async (t) => {
  const gone = await startScriptServer(t, () => "+OK\r\n");
  await gone.stop();
  const good = await startScriptServer(t, () => "+OK\r\n");
  const unusable = await startScriptServer(t, () => "+OK\r\n");
  const first = await leaving(t, [
    [gone.port, 1],
    [unusable.port, 100],
    [good.port, 10],
  ]);
  assert.equal(textOf(await steady(t, first.port).call("X")), "OK");
  assert.deepEqual(unusable.seen, []);
});

test("with nobody to go to, the error is the answer", async (t) => {
  const first = await leaving(t, []);
  const reply = await steady(t, first.port).call("X");
  assert.ok(reply instanceof ErrorReply && reply.word === "LEAVING");
});
