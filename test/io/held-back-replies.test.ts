/**
 * Replies while the disk is busy: what promises something waits for it, everything else does not.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { WiredServer } from "./wired-server.ts";

const ADD = ["ADDJOB", "q", "x", "0"] as const;

test("a promise waits for the commit that covers it, and goes out as one write", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  server.promises.begins();
  await socket.send(ADD, ADD);
  assert.deepEqual(socket.replies(), []);
  server.promises.ended(true);
  await server.advance(1);
  assert.equal(socket.replies().length, 2);
  assert.equal(socket.writes.length, 1);
});

test("what comes while a commit is under way waits for the next one", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  server.promises.begins();
  await socket.send(ADD);
  server.promises.busy();
  await socket.send(["PING", "behind"], ADD);
  assert.deepEqual(socket.replies(), []);
  server.promises.ended(false);
  server.promises.hasBegunCommit = true;
  await server.advance(1);
  assert.equal(socket.replies().length, 1);
  server.promises.ended(true);
  await server.advance(1);
  const [ping, id] = socket.replies();
  assert.equal(ping, "$behind");
  assert.match(String(id), /^\+D-/);
});

test("who asked for nothing that is promised is answered at once", async (t) => {
  const server = new WiredServer(t);
  server.promises.busy();
  const held = server.attach();
  await held.send(ADD);
  const others = server.attach();
  await others.send(["PING"], ["QLEN", "q"], ["INFO", "persistence"], ["NOSUCH"]);
  assert.equal(others.replies().length, 4);
  assert.deepEqual(held.replies(), []);
  await others.send(ADD, ["PING"]);
  assert.deepEqual(others.replies(), [], "replies stay in the order of their requests");
});

test("a commit that fails covers nothing: the next good one does", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  server.promises.begins();
  await socket.send(ADD);
  server.promises.busy();
  await server.advance(1);
  server.promises.begins();
  await server.advance(1);
  assert.deepEqual(socket.replies(), []);
  server.promises.ended(false);
  await server.advance(1);
  assert.equal(socket.replies().length, 1);
});

test("a client that waits for a job in vain is told so whatever the disk does", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  await socket.send(["GETJOB", "TIMEOUT", "500", "FROM", "q"]);
  server.promises.busy();
  await server.advance(600);
  assert.deepEqual(socket.replies(), ["nil*"]);
});

test("a job whose delivery is held back returns uncounted when the client goes", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  await socket.send(ADD);
  server.promises.begins();
  await socket.send(["GETJOB", "FROM", "q"]);
  assert.equal(socket.replies().length, 1, "only the id");
  socket.destroy();
  await server.advance(1);
  server.promises.ended(true);
  const other = server.attach();
  await other.send(["GETJOB", "WITHCOUNTERS", "FROM", "q"]);
  const jobs = other.replies()[0] as unknown[][];
  assert.deepEqual(jobs[0]?.slice(3), ["$nacks", ":0", "$additional-deliveries", ":0"]);
});

test("a connection that is to be closed closes behind what is held back", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  server.promises.begins();
  await socket.send(ADD, ["QUIT"]);
  assert.deepEqual(socket.replies(), []);
  assert.equal(socket.writableEnded, false);
  server.promises.ended(true);
  await server.advance(1);
  assert.equal(socket.replies().length, 2);
  assert.equal(socket.writableEnded, true);
});

test("who is held back is not idle", async (t) => {
  const server = new WiredServer(t, { timeout: 1 });
  const socket = server.attach();
  server.promises.busy();
  await socket.send(ADD);
  assert.equal(socket.connection.isWaiting, true);
});

test("forms of commands that forget jobs promise that, and errors promise nothing", async (t) => {
  const server = new WiredServer(t);
  server.promises.busy();
  for (const form of [
    ["DEBUG", "FLUSHALL"],
    ["CLUSTER", "RESET"],
  ]) {
    const socket = server.attach();
    await socket.send(form);
    assert.deepEqual(socket.replies(), [], form.join(" "));
  }
  const other = server.attach();
  await other.send(["ACKJOB", "D-x"], ["ADDJOB", "q", "x", "never"], ["DEBUG", "CHECK"]);
  assert.equal(other.replies().length, 3);
});

test("what a monitor sees of itself does not let its promises out", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  await socket.send(["MONITOR"]);
  server.promises.busy();
  await socket.send(ADD, ["PING", "x".repeat(500)]);
  assert.deepEqual(
    socket.replies().filter((reply) => String(reply).startsWith("+D-")),
    [],
  );
});

test("replies that are held back count as unread", async (t) => {
  const server = new WiredServer(t);
  const socket = server.attach();
  const other = server.attach();
  server.promises.busy();
  await socket.send(ADD, ["ECHO", "x".repeat(5000)]);
  await other.send(["CLIENT", "LIST"]);
  assert.match(String(other.replies()[0]), / omem=5\d\d\d /);
  server.promises.ended(true);
  await server.advance(1);
  await other.send(["CLIENT", "LIST"]);
  assert.doesNotMatch(String(other.replies()[1]), / omem=[1-9]/);
});

test("a client whose replies are held back is closed when they are too many", async (t) => {
  const server = new WiredServer(t, {
    "client-output-buffer-limit": { hardBytes: 4000, softBytes: 0, softSeconds: 0 },
  });
  const socket = server.attach();
  server.promises.busy();
  await socket.send(ADD, ["ECHO", "x".repeat(5000)]);
  assert.equal(socket.destroyed, true);
});
