/** A real server under something that looks like systemd: a socket is named, and a program tells it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startNode } from "../support/node.ts";
import { tempDir } from "../support/temp-dir.ts";
import { RawClient } from "./raw-client.ts";

test("systemd-notify is run with what happens, in order", async (t) => {
  const folder = await tempDir(t);
  const said = join(folder, "said");
  const program = `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> '${said}'\n`;
  writeFileSync(join(folder, "systemd-notify"), program, { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env.PATH}`, NOTIFY_SOCKET: "/run/some-socket" };
  const node = await startNode(t, { "shutdown-timeout": "3" }, { env });
  const lines = (): string[] => (existsSync(said) ? readFileSync(said, "utf8").split("\n") : []);
  const heard = (pattern: RegExp, times: number): Promise<boolean> =>
    eventually(() => lines().filter((line) => pattern.test(line)).length === times, {
      what: `${times} lines of ${pattern}`,
    });
  await heard(/READY=1/, 1);
  process.kill(node.pid, "SIGHUP");
  await heard(/READY=1/, 2);
  assert.equal(await node.stop(), 0);
  await heard(/STOPPING=1/, 1);
  const [starting, ready, reloading, again, stopping] = lines();
  assert.match(starting ?? "", /^\/run\/some-socket STATUS=Starting EXTEND_TIMEOUT_USEC=\d+$/);
  assert.equal(ready, "/run/some-socket READY=1 STATUS=Serving clients");
  assert.match(reloading ?? "", /^\/run\/some-socket RELOADING=1 MONOTONIC_USEC=\d+$/);
  assert.equal(again, ready);
  assert.match(stopping ?? "", /STOPPING=1 .* EXTEND_TIMEOUT_USEC=18000000$/);
});

test("without the program it serves and warns once; what nobody asked for is not said", async (t) => {
  const env = { PATH: await tempDir(t), NOTIFY_SOCKET: "/run/some-socket" };
  const warning = /systemd cannot be told/g;
  const node = await startNode(t, {}, { env });
  await eventually(() => warning.test(node.log()), { what: "it warns" });
  const client = await RawClient.connect(t, { port: node.port });
  assert.equal(await client.call("PING"), "PONG");
  assert.equal(await node.stop(), 0);
  assert.equal(node.log().match(warning)?.length, 1);
  const silent = await startNode(t, { supervised: "no" }, { env });
  assert.equal(await silent.stop(), 0);
  assert.doesNotMatch(silent.log(), warning);
});
