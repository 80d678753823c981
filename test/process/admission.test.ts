/**
 * Who may connect and stay: maxclients, open files, protected mode, idle clients, keep-alive.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startNode } from "../support/node.ts";
import { whileFrozen } from "../support/process-state.ts";
import { tempDir } from "../support/temp-dir.ts";
import { launch } from "./launch.ts";
import { RawClient } from "./raw-client.ts";

const TOO_MANY = "-ERR max number of clients reached\r\n";

/** An address of this machine at which a client does not come from loopback. */
const outerAddress = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address;
const noOuterAddress = outerAddress === undefined && "this machine has only loopback addresses";

test("client number maxclients + 1 is told so and closed; when one leaves there is room again", async (t) => {
  const node = await startNode(t, { maxclients: "3" });
  const clients = [];
  for (let i = 0; i < 3; i++) clients.push(await RawClient.connect(t, { port: node.port }));
  for (const client of clients) assert.equal(await client.call("PING"), "PONG");
  for (let i = 0; i < 2; i++) {
    const refused = await RawClient.connect(t, { port: node.port });
    assert.equal(await refused.end(), TOO_MANY);
  }
  const [first, second] = clients as [RawClient, RawClient];
  assert.match(String(await first.call("INFO", "stats")), /rejected_connections:2\r\n/);
  second.socket.destroy();
  await eventually(
    async () => String(await first.call("INFO", "clients")).includes("connected_clients:2"),
    { what: "the server notices" },
  );
  const late = await RawClient.connect(t, { port: node.port });
  assert.equal(await late.call("PING"), "PONG");
  assert.equal(await first.call("CONFIG", "SET", "maxclients", "4"), "OK");
  const another = await RawClient.connect(t, { port: node.port });
  assert.equal(await another.call("PING"), "PONG");
});

test("a refused client reads why although it has sent a request", async (t) => {
  const node = await startNode(t, { maxclients: "1" });
  await RawClient.connect(t, { port: node.port });
  const refused = await RawClient.connect(t, { port: node.port });
  refused.raw(Buffer.alloc(300_000, "PING\r\n"));
  assert.equal(await refused.end(), TOO_MANY);
});

test("with few open files maxclients is lowered, with a warning, and a flood does no harm", async (t) => {
  const dir = await tempDir(t);
  const server = launch(t, ["--port", "0", "--ports-file", "ports", "--dir", dir], {
    // Fewer are not enough to load the server's modules, which are read all at a time.
    shell: "ulimit -n 160",
  });
  await server.says(/ready to accept connections/);
  assert.match(server.stdout(), /"warning".*limit of open files is too low for maxclients/);
  const { port } = JSON.parse(readFileSync(`${dir}/ports`, "utf8")) as { port: number };
  const client = await RawClient.connect(t, { port });
  assert.deepEqual(await client.call("CONFIG", "GET", "maxclients"), ["maxclients", "128"]);
  assert.match(
    String(await client.call("CONFIG", "SET", "maxclients", "129")),
    /^-ERR The operating system is not able to handle the specified number of clients, try with 128$/,
  );
  const flood = Array.from({ length: 300 }, () => silentSocket(t, port));
  await eventually(() => flood.every((socket) => !socket.connecting), {
    what: "all are connected",
  });
  assert.equal(await client.call("PING"), "PONG");
  for (const socket of flood) socket.destroy();
  await eventually(
    async () => {
      const late = await RawClient.connect(t, { port });
      return (await late.call("PING")) === "PONG";
    },
    { what: "there is room again" },
  );
  assert.doesNotMatch(server.stdout(), /fatal/);
});

function silentSocket(t: TestContext, port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  t.after(() => socket.destroy());
  return socket.resume();
}

test("timeout closes idle clients without a word, but not blocked ones", async (t) => {
  const node = await startNode(t, { timeout: "1" });
  const idle = await RawClient.connect(t, { port: node.port });
  const blocked = await RawClient.connect(t, { port: node.port });
  const sentAtMs = performance.now();
  blocked.send(["GETJOB", "TIMEOUT", 2500, "FROM", "q"]);
  assert.equal(await idle.call("PING"), "PONG");
  assert.equal(await idle.end(), "");
  assert.equal(await blocked.read(), null);
  // It was not its fault that it said nothing for longer than the timeout.
  assert.equal(await blocked.end(), "");
  assert.ok(performance.now() - sentAtMs > 2500 + 900, "the time counts from the answer");
});

test("timeout set by CONFIG SET works at once, and 0 switches it off", async (t) => {
  const node = await startNode(t);
  const idle = await RawClient.connect(t, { port: node.port });
  const busy = await RawClient.connect(t, { port: node.port });
  await busy.call("CONFIG", "SET", "timeout", "1");
  await eventually(
    async () => {
      assert.equal(await busy.call("PING"), "PONG");
      return idle.hasEnded;
    },
    { what: "the idle client is closed" },
  );
  await busy.call("CONFIG", "SET", "timeout", "0");
  const patient = await RawClient.connect(t, { port: node.port });
  patient.send(["GETJOB", "TIMEOUT", 1500, "FROM", "q"]);
  assert.equal(await patient.read(), null);
  assert.equal(await busy.call("PING"), "PONG");
});

test("tcp-keepalive starts the kernel's timer on new connections", async (t) => {
  const node = await startNode(t, { "tcp-keepalive": "300" });
  const client = await RawClient.connect(t, { port: node.port });
  await client.call("PING");
  assert.equal(timerOf(node.port, client), "02");
  await client.call("CONFIG", "SET", "tcp-keepalive", "0");
  const other = await RawClient.connect(t, { port: node.port });
  await other.call("PING");
  assert.equal(timerOf(node.port, other), "00");
});

/** Kind of timer on the server's side of a connection, "02" for keep-alive, from /proc/net/tcp. */
function timerOf(serverPort: number, client: RawClient): string | undefined {
  const hex = (port: number | undefined): string =>
    `:${(port ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "latin1")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([, local, remote]) => {
      const isOurs = local?.endsWith(hex(serverPort));
      return isOurs && remote?.endsWith(hex(client.socket.localPort));
    })?.[5]
    ?.slice(0, 2);
}

test("protected mode refuses clients from outside until there is a password", {
  skip: noOuterAddress,
}, async (t) => {
  const node = await startNode(t, { bind: [""] });
  const outside = { host: outerAddress ?? "", port: node.port };
  const refused = await RawClient.connect(t, outside);
  assert.match(await refused.end(), /^-DENIED ringq is in protected mode: /);
  const local = await RawClient.connect(t, { port: node.port });
  await local.call("CONFIG", "SET", "requirepass", "secret");
  const stranger = await RawClient.connect(t, outside);
  assert.equal(await stranger.call("PING"), "-NOAUTH Authentication required.");
  assert.equal(await stranger.call("AUTH", "secret"), "OK");
  assert.equal(await stranger.call("PING"), "PONG");
  await stranger.call("CONFIG", "SET", "requirepass", "");
  const again = await RawClient.connect(t, outside);
  assert.match(await again.end(), /^-DENIED/);
  await local.call("CONFIG", "SET", "protected-mode", "no");
  const welcome = await RawClient.connect(t, outside);
  assert.equal(await welcome.call("PING"), "PONG");
});

test("a stranger that is gone before it is accepted leaves nothing behind", {
  skip: noOuterAddress,
}, async (t) => {
  const node = await startNode(t, { bind: [""] });
  // The kernel has taken the connection; when the server does, nobody can tell where it came from.
  await whileFrozen(node.pid, async () => {
    const stranger = await RawClient.connect(t, { host: outerAddress ?? "", port: node.port });
    stranger.send(["ADDJOB", "q", "planted", "0"]);
    stranger.reset();
    await stranger.end();
  });
  const late = await RawClient.connect(t, { port: node.port });
  assert.equal(await late.call("QLEN", "q"), 0);
});
