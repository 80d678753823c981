/**
 * A client that closes its half of the connection: all it asked for is answered, and because it may
 * as well be dead, no job is handed to it from then on.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Command, encode } from "../process/raw-client.ts";
import { settled, WiredServer } from "./wired-server.ts";

test("requests behind a GETJOB that waits run when the client closes its half", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  socket.feed(encode(["PING"], ["GETJOB", "FROM", "q"], ["ADDJOB", "p", "b", 0], ["ECHO", "end"]));
  socket.endInput();
  await settled();
  const [first, nothing, id, last] = socket.replies();
  assert.deepEqual([first, nothing, last], ["+PONG", "nil*", "$end"]);
  assert.match(String(id), /^\+D-/);
  assert.equal(server.state.broker.waiting.count, 0);
  assert.equal(server.state.broker.stats.jobsAdded, 1);
  assert.equal(socket.destroyed, true);
});

test("GETJOB finds nothing once the client has closed its half, and all jobs stay", async (t) => {
  const server = new WiredServer(t);
  const [socket, adder] = [server.attach(), server.attach()];
  await adder.send(["ADDJOB", "full", "body", 0, "RETRY", 0]);
  const ahead: Command[] = [
    ["GETJOB", "NOHANG", "FROM", "full"],
    ["GETJOB", "FROM", "full"],
  ];
  socket.feed(encode(["GETJOB", "FROM", "empty"], ...ahead));
  socket.endInput();
  await settled();
  assert.deepEqual(socket.replies(), ["nil*", "nil*", "nil*"]);
  assert.equal(server.state.broker.stats.jobsDelivered, 0);
});

test("jobs that were found before the client closed its half are sent", async (t) => {
  const server = new WiredServer(t);
  const [socket, adder] = [server.attach(), server.attach()];
  await adder.send(["ADDJOB", "q", "body", 0]);
  socket.feed(encode(["GETJOB", "FROM", "q"]));
  socket.endInput();
  await settled();
  assert.match(JSON.stringify(socket.replies()), /\$body/);
});

test("a job claimed by a client that closes its half in the same turn goes to the next one", async (t) => {
  const server = new WiredServer(t);
  const [first, second, adder] = [server.attach(), server.attach(), server.attach()];
  await first.send(["GETJOB", "FROM", "q"], ["GETJOB", "FROM", "q"]);
  await second.send(["GETJOB", "WITHCOUNTERS", "FROM", "q"]);
  adder.feed(encode(["ADDJOB", "q", "body", 0, "RETRY", 0]));
  first.endInput();
  await settled();
  assert.deepEqual(first.replies(), ["nil*", "nil*"]);
  const [reply] = second.replies();
  assert.ok(Array.isArray(reply) && Array.isArray(reply[0]));
  assert.deepEqual(
    [reply[0][0], ...reply[0].slice(2)],
    [...["$q", "$body", "$nacks", ":0", "$additional-deliveries", ":0"]],
  );
  assert.equal(server.state.broker.stats.jobsDelivered, 1);
});

test("what was sent before the end runs although it takes many turns, or a pause is on", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  const echoes = Array.from({ length: 500 }, (_, i): Command => ["ECHO", `${i} `.padEnd(1000)]);
  socket.feed(encode(["CLIENT", "PAUSE", 1000], ...echoes));
  socket.endInput();
  await settled();
  assert.deepEqual(socket.replies(), ["+OK"]);
  await server.advance(1000);
  while (!socket.destroyed) await settled();
  const numbers = socket.replies().map((reply) => Number.parseInt(String(reply).slice(1), 10));
  assert.deepEqual(numbers, [...echoes.keys()]);
});

test("a request that is cut off by the end is not run", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  socket.feed(encode(["GETJOB", "FROM", "q"]));
  socket.feed(encode(["ADDJOB", "q", "b", 0]).subarray(0, -3));
  socket.endInput();
  await settled();
  assert.deepEqual(socket.replies(), ["nil*"]);
  assert.equal(server.state.broker.stats.jobsAdded, 0);
  assert.equal(socket.destroyed, true);
});
