/**
 * CONFIG SET reaches what obeys the setting, and settings that cannot be had are refused.
 */
import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { type TestContext, test } from "node:test";
import type { MachineFacts } from "../../src/io/banner.ts";
import { ClusterBus } from "../../src/io/cluster-bus.ts";
import { connectSettings } from "../../src/io/connect-settings.ts";
import type { ServerLogger } from "../../src/io/logger.ts";
import { TlsKeeper } from "../../src/io/tls/tls-keeper.ts";
import { tempDir } from "../support/temp-dir.ts";
import { WiredServer } from "./wired-server.ts";

const machine: MachineFacts = {
  openFilesMax: 1000,
  heapBytesMax: 1e9,
  containerBytesMax: undefined,
  machineBytes: 1e10,
  somaxconn: 4096,
};

/** A server with its settings connected, and what was logged. */
function connected(
  t: TestContext,
  settings: Record<string, unknown> = {},
  facts: MachineFacts = machine,
): {
  server: WiredServer;
  lines: string[];
  set: (...pair: [string, string]) => string | undefined;
} {
  const server = new WiredServer(t, settings);
  const lines: string[] = [];
  const note = (message: string): void => {
    lines.push(message);
  };
  const log: ServerLogger = {
    ...{ debug: note, verbose: note, notice: note, warning: note, fatal: note },
    setLevel: (level) => note(`level ${level}`),
    child: () => log,
    reopen: () => undefined,
  };
  const bus = new ClusterBus({
    settings: server.state.config.settings,
    log,
    clock: server.host,
    touch: () => server.turn.touch(),
    tls: new TlsKeeper({ config: server.state.config, log, wallMs: () => server.host.wallMs }),
  });
  const nodeLog = { turn: (isOn: boolean) => (isOn ? "no disk" : undefined) };
  connectSettings(server.state, { log, clients: server.clients, bus, nodeLog, machine: facts });
  return { server, lines, set: (...pair) => server.state.config.set([pair]) };
}

test("maxmemory limits the broker, and says when it is below what is used", (t) => {
  const { server, lines, set } = connected(t);
  assert.equal(set("maxmemory", "10mb"), undefined);
  assert.equal(server.state.broker.memory.maxBytes, 10 * 1024 * 1024);
  assert.deepEqual(lines, []);
  assert.equal(set("maxmemory", "1"), undefined);
  assert.deepEqual(lines, ["maxmemory is below what is used now"]);
  assert.equal(set("maxmemory", "0"), undefined);
  assert.equal(server.state.broker.memory.maxBytes, 0);
});

test("the slower of slow log and latency monitor does not hide the other", (t) => {
  const { server, set } = connected(t, {
    "slowlog-log-slower-than": 10_000,
    "latency-monitor-threshold": 0,
  });
  const { state } = server;
  assert.equal(state.slowestMicrosIgnored, 10_000);
  set("latency-monitor-threshold", "2");
  assert.equal(state.slowestMicrosIgnored, 2000);
  set("slowlog-log-slower-than", "-1");
  assert.equal(state.slowestMicrosIgnored, 2000);
  set("latency-monitor-threshold", "0");
  assert.equal(state.slowestMicrosIgnored, Number.POSITIVE_INFINITY);
  set("slowlog-log-slower-than", "0");
  assert.equal(state.slowestMicrosIgnored, 0);
  set("slowlog-max-len", "3");
  assert.equal(state.slowlog.lengthMax, 3);
});

test("loglevel changes the log", (t) => {
  const { lines, set } = connected(t);
  set("loglevel", "debug");
  assert.deepEqual(lines, ["level debug"]);
});

test("dir changes the working directory and is shown as an absolute path", async (t) => {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  const folder = realpathSync(await tempDir(t));
  const { server, set } = connected(t);
  assert.equal(set("dir", folder), undefined);
  assert.equal(process.cwd(), folder);
  assert.equal(set("dir", "missing"), "Changing directory: No such file or directory");
  assert.deepEqual(server.state.config.get("dir"), [["dir", folder]]);
  assert.equal(process.cwd(), folder);
  const both = server.state.config.set([
    ["dir", before],
    ["maxclients", "5000"],
  ]);
  assert.match(both ?? "", /^The operating system/);
  assert.equal(process.cwd(), folder, "all or nothing");
});

test("maxclients is lowered to what open files allow, and more is refused", (t) => {
  const { server, set } = connected(t, { maxclients: 10_000 });
  assert.equal(server.state.config.settings.maxclients, 968);
  assert.equal(set("maxclients", "968"), undefined);
  assert.match(set("maxclients", "969") ?? "", /try with 968$/);
  const free = connected(t, { maxclients: 10_000 }, { ...machine, openFilesMax: undefined });
  assert.equal(free.server.state.config.settings.maxclients, 10_000);
  assert.equal(free.set("maxclients", "1000000"), undefined);
});

test("a password narrows what strangers may send, and its removal widens it", async (t) => {
  const { server, set } = connected(t);
  const [stranger, friend] = [server.attach(), server.attach()];
  set("requirepass", "secret");
  await friend.send(["AUTH", "secret"]);
  assert.ok(stranger.connection.session.limits.requestBytesMax <= 64 * 1024);
  assert.ok(friend.connection.session.limits.requestBytesMax > 1e6);
  set("requirepass", "other");
  assert.ok(friend.connection.session.limits.requestBytesMax > 1e6);
  set("requirepass", "");
  assert.ok(stranger.connection.session.limits.requestBytesMax > 1e6);
});

test("client-output-buffer-limit is applied to those who are behind already", async (t) => {
  const { server, set } = connected(t);
  const socket = server.attach();
  socket.isStuck = true;
  await socket.send(["ECHO", "x".repeat(5000)]);
  set("client-output-buffer-limit", "normal 1000 0 0");
  await server.advance(0);
  assert.equal(socket.destroyed, true);
});

test("timeout starts and stops looking for idle clients", async (t) => {
  const { server, set } = connected(t);
  const seconds: number[] = [];
  server.clients.watchIdle = (timeout) => {
    seconds.push(timeout);
  };
  set("timeout", "5");
  set("timeout", "0");
  assert.deepEqual(seconds, [5, 0]);
});
