/** conf/systemd: the service promises what the server keeps, and gives it what it needs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { confText, settingsOf } from "./conf-files.ts";

const text = confText("systemd/ringq.service");
const settings = settingsOf(confText("systemd/ringq.conf"));

/** The last value of a name, as systemd counts. */
function settingOf(name: string): string {
  return [...text.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].at(-1)?.[1] ?? "";
}

test("every line is a comment, a section, or a name with a value", () => {
  for (const line of text.split("\n")) {
    assert.match(line, /^(?:#.*|\[(?:Unit|Service|Install)\]|[A-Z][A-Za-z]+=.*|)$/);
  }
});

test("the service is started when the server says so, and the server says so", () => {
  assert.equal(settingOf("Type"), "notify");
  // systemd-notify is a process of its own.
  assert.equal(settingOf("NotifyAccess"), "all");
  assert.notEqual(settings.supervised, "no");
  assert.equal(settings.daemonize, false);
});

test("starting and being alive have limits that a busy server keeps", () => {
  assert.ok(Number(settingOf("TimeoutStartSec")) >= 30, "progress is told every 10 seconds");
  assert.ok(Number(settingOf("WatchdogSec")) >= 60);
});

test("the working directory is the one systemd makes, and the data folder", () => {
  assert.equal(settingOf("WorkingDirectory"), `/var/lib/${settingOf("StateDirectory")}`);
  assert.equal(settings.dir, "./");
  assert.equal(settings.appendonly, true);
  assert.equal(settingOf("ProtectSystem"), "strict");
});

test("a stop has time to be in order, and a failure is followed by a start", () => {
  assert.equal(settingOf("KillSignal"), "SIGTERM");
  assert.ok(Number(settingOf("TimeoutStopSec")) >= settings["shutdown-timeout"] + 15);
  assert.equal(settingOf("Restart"), "on-failure");
  assert.deepEqual(settingOf("RestartPreventExitStatus").split(" "), ["2", "10"]);
});

test("there are files for as many clients as are let in", () => {
  assert.ok(Number(settingOf("LimitNOFILE")) >= settings.maxclients * 2);
});

test("nothing forbids the engine to write machine code", () => {
  assert.doesNotMatch(text, /^MemoryDenyWriteExecute=(?:yes|true|on|1)/m);
});

test("the configuration is where the head comment puts it", () => {
  const path = settingOf("ExecStart").split(" ")[1] ?? "";
  assert.ok(text.includes(`conf/systemd/ringq.conf ${path}\n`));
  assert.equal(settingOf("EnvironmentFile"), "-/etc/ringq/ringq.env");
});
