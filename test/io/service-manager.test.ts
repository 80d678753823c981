/** What systemd hears of a server, without systemd: who is told what, how often, and what a failure does. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  ServiceManager,
  type ServiceManagerParts,
  type Supervised,
} from "../../src/io/service-manager.ts";

interface Rig {
  readonly manager: ServiceManager;
  readonly said: string[];
  readonly warnings: string[];
  /** While false, systemd does not take what it is told. */
  isHeard: boolean;
  /** Lets time pass, and messages go out. */
  pass(ms: number): Promise<void>;
}

function rigOf(
  t: TestContext,
  {
    supervised = "auto" as Supervised,
    env = { NOTIFY_SOCKET: "/run/n" } as ServiceManagerParts["env"],
    error = undefined as string | undefined,
  } = {},
): Rig {
  t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const said: string[] = [];
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  const warning = (message: string): void => void warnings.push(message);
  const log = { debug: ignore, verbose: ignore, notice: ignore, warning, fatal: ignore };
  const tell = async (assignments: readonly string[]): Promise<string | undefined> => {
    said.push(assignments.join(" "));
    while (!rig.isHeard) await new Promise((resolve) => setImmediate(resolve));
    return error;
  };
  const parts = { supervised, log, env, pid: 7, nowMicros: () => 5n, tell };
  const manager = new ServiceManager(parts);
  const pass = async (ms: number): Promise<void> => {
    t.mock.timers.tick(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const rig = { manager, said, warnings, isHeard: true, pass };
  return rig;
}

test("while it loads, systemd hears how far it is and stays patient; then that it serves", async (t) => {
  const { manager, said, pass } = rigOf(t);
  let percent = 1;
  manager.starting(() => `Loading, ${percent++} %`);
  await pass(0);
  await pass(10_000);
  manager.ready();
  await pass(100_000);
  assert.deepEqual(said, [
    "STATUS=Loading, 1 % EXTEND_TIMEOUT_USEC=60000000",
    "STATUS=Loading, 2 % EXTEND_TIMEOUT_USEC=60000000",
    "READY=1 STATUS=Serving clients",
  ]);
});

test("a reload of who serves has a beginning with its moment and an end, a stop says how long it takes", async (t) => {
  const { manager, said, pass } = rigOf(t);
  let reloads = 0;
  const reload = (): void => void reloads++;
  manager.reloading(reload);
  manager.ready();
  manager.reloading(reload);
  manager.stopping(30_000);
  manager.reloading(reload);
  await pass(0);
  assert.equal(reloads, 3);
  assert.deepEqual(said, [
    "READY=1 STATUS=Serving clients",
    "RELOADING=1 MONOTONIC_USEC=5",
    "READY=1 STATUS=Serving clients",
    "STOPPING=1 STATUS=Answering clients, handing jobs over EXTEND_TIMEOUT_USEC=45000000",
  ]);
});

test("the watchdog is fed from readiness to the end, if it watches this process", async (t) => {
  for (const [WATCHDOG_PID, times] of [
    ["7", 2],
    ["8", 0],
  ] as const) {
    const env = { NOTIFY_SOCKET: "@n", WATCHDOG_USEC: "4000000", WATCHDOG_PID };
    const { manager, said, pass } = rigOf(t, { env });
    manager.ready();
    await pass(2000);
    await pass(2000);
    manager.stopping(1000);
    await pass(20_000);
    assert.equal(said.filter((text) => text === "WATCHDOG=1").length, times);
    t.mock.timers.reset();
  }
});

test("nobody is told who does not listen, or who was not to be told", async (t) => {
  for (const [supervised, env, warned] of [
    ["auto", {}, 0],
    ["no", { NOTIFY_SOCKET: "/run/n" }, 0],
    ["systemd", {}, 1],
    ["upstart", { NOTIFY_SOCKET: "/run/n" }, 1],
  ] as const) {
    const { manager, said, warnings, pass } = rigOf(t, { supervised, env });
    manager.starting(() => "");
    manager.ready();
    await pass(60_000);
    assert.deepEqual([said, warnings.length], [[], warned]);
    t.mock.timers.reset();
  }
});

test("a message that cannot be sent is the last one, with one warning", async (t) => {
  const { manager, said, warnings, pass } = rigOf(t, { error: "spawn systemd-notify ENOENT" });
  manager.starting(() => "Starting");
  manager.ready();
  manager.stopping(1);
  await pass(0);
  assert.deepEqual([said.length, warnings.length], [1, 1]);
});

test("the end waits until everything is said, but not for long", async (t) => {
  const rig = rigOf(t);
  rig.isHeard = false;
  rig.manager.ready();
  rig.manager.stopping(1);
  let ends = 0;
  void rig.manager.allSaid().then(() => ends++);
  await rig.pass(4999);
  assert.deepEqual([rig.said.length, ends], [1, 0]);
  rig.isHeard = true;
  await rig.pass(0);
  await rig.pass(0);
  assert.deepEqual([rig.said.length, ends], [2, 1]);
  rig.isHeard = false;
  rig.manager.stopping(1);
  void rig.manager.allSaid().then(() => ends++);
  await rig.pass(5000);
  assert.equal(ends, 2);
  rig.isHeard = true;
});
