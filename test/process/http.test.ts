/** HTTP of a real server: its port, a whole life of a job, the disk, passwords. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startNode } from "../support/node.ts";
import { parsePrometheus } from "../support/prometheus.ts";
import { tempDir } from "../support/temp-dir.ts";
import { startWithHttp } from "./http-node.ts";
import { run } from "./launch.ts";

const ACTION = { "x-ringq-action": "1", "content-type": "application/json" };

test("without http-port nothing is opened", async (t) => {
  const node = await startNode(t);
  assert.equal(node.ports.httpPort, 0);
  assert.doesNotMatch(node.log(), /serving HTTP/);
});

test("a job goes through its life by HTTP and the Redis protocol together", async (t) => {
  const { node, url } = await startWithHttp(t);
  const client = await node.client();
  const waiting = client.call("GETJOB", "FROM", Buffer.from("größe"));
  const path = url(`/api/queues/${encodeURIComponent("größe")}/jobs`);
  const added = await fetch(path, { method: "POST", headers: ACTION, body: '{"body":"hello"}' });
  const { id } = (await added.json()) as { id: string };
  assert.match(JSON.stringify(await waiting), /D-/);
  const job = await (await fetch(url(`/api/jobs/${encodeURIComponent(id)}`))).json();
  assert.equal((job as { state: string }).state, "active");
  await client.call("ACKJOB", id);
  assert.equal((await fetch(url(`/api/jobs/${encodeURIComponent(id)}`))).status, 404);
  const families = parsePrometheus(await (await fetch(url("/metrics"))).text());
  assert.equal(families.get("ringq_jobs_acknowledged_total")?.samples[0]?.value, 1);
  assert.ok(families.has("process_resident_memory_bytes"));
  parsePrometheus(await (await fetch(url("/metrics/per-queue"))).text());
});

test("an action is answered when the disk has it, and how long that took is measured", async (t) => {
  const { node, url } = await startWithHttp(t, { appendonly: "yes", appendfsync: "always" });
  for (let i = 0; i < 3; i++) {
    const asked = { method: "POST", headers: ACTION, body: `{"body":"${i}"}` };
    assert.equal((await fetch(url("/api/queues/q/jobs"), asked)).status, 201);
  }
  const families = parsePrometheus(await (await fetch(url("/metrics"))).text());
  const name = "ringq_log_fsync_duration_seconds";
  const count = families.get(name)?.samples.find((sample) => sample.name === `${name}_count`);
  assert.ok((count?.value ?? 0) >= 3, "each of them waited for the disk");
  await node.kill9();
  const again = await node.restart({ "http-port": "any" });
  const answer = await fetch(`http://127.0.0.1:${again.ports.httpPort}/api/queues/q`);
  assert.equal(((await answer.json()) as { length: number }).length, 3);
});

test("a port in use is named with its directive", async (t) => {
  const { node } = await startWithHttp(t);
  const { code, stdout, stderr } = await run(t, [
    ...["--port", "0", "--unixsocket", "s", "--dir", await tempDir(t)],
    ...["--http-port", String(node.ports.httpPort), "--warm-up-ms", "0"],
  ]);
  assert.equal(code, 1);
  assert.match(stdout + stderr, /HTTP: cannot listen on 127\.0\.0\.1 port \d+.*see http-port/);
});

test("a port that is another one's already is found before the start", async (t) => {
  const { code, stderr } = await run(t, [
    "--check-config",
    "--port",
    "7000",
    "--http-port",
    "7000",
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /http-port must be another one than port/);
});

test("a password is asked for when one is set, and wrong ones are slowed down", async (t) => {
  const { node, url } = await startWithHttp(t, { "http-password": "secret" });
  const status = async (password: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
    const headers = { authorization, connection: "close" };
    return (await fetch(url("/api/node"), { headers })).status;
  };
  assert.equal((await fetch(url("/api/node"))).status, 401);
  assert.equal((await fetch(url("/readyz"))).status, 200);
  assert.equal(await status("secret"), 200);
  for (let i = 0; i < 3; i++) assert.equal(await status(`guess ${i}`), 401);
  const startMs = performance.now();
  assert.equal(await status("secret"), 200, "right ones get in when the place opens");
  assert.ok(performance.now() - startMs >= 50, "but wait until then");
  assert.doesNotMatch(node.log(), /secret|guess/);
});
