/**
 * disqueue-node, a client written for Disque: GETJOB with COUNT, INFO by position, HELLO by position.
 *
 * It sits on an old node_redis whose ready check reads INFO. It has no types; the few methods used
 * here are described below. Its own reconnecting is broken (it keeps writing to the old socket),
 * whatever the server; so after a restart a new client must work, and the old one must notice. Nor
 * can it log in anywhere: the ready check comes before AUTH, and Disque refuses INFO until then.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { type TestContext, test } from "node:test";
import { atEnd } from "../support/cleanup.ts";
import { within } from "../support/eventually.ts";
import { startNode } from "../support/node.ts";

type Callback<T> = (error: Error | null, result: T) => void;

interface Job {
  queue: string;
  jobId: string;
  body: string;
  nacks?: number;
  additionalDeliveries?: number;
}

interface Disqueue {
  on(event: "ready" | "connected" | "error", listener: () => void): void;
  addJob(options: Record<string, unknown>, callback: Callback<string>): void;
  getJob(options: Record<string, unknown>, callback: Callback<Job[]>): void;
  ackJob(id: string, callback: Callback<number>): void;
  nack(id: string, callback: Callback<number>): void;
  working(id: string, callback: Callback<number>): void;
  show(id: string, callback: Callback<Record<string, unknown> | null>): void;
  qlen(queue: string, callback: Callback<number>): void;
  qscan(
    options: Record<string, unknown>,
    callback: Callback<{ cursor: number; queues: string[] }>,
  ): void;
  hello(
    options: Record<string, unknown>,
    callback: Callback<{ version: number; nodeId: string; nodeIds: string[] }>,
  ): void;
  info(
    options: Record<string, unknown>,
    callback: Callback<Record<string, Record<string, string>>>,
  ): void;
  redisClient: { end(flush: boolean): void };
}

const createDisqueue = createRequire(import.meta.url)("disqueue-node") as (
  options: Record<string, unknown>,
) => Disqueue;

/** What its own tests want to find in INFO; it never sees the last field of a section. */
const infoFields: Record<string, string> = {
  server:
    "disque_version disque_git_sha1 disque_git_dirty disque_build_id os arch_bits multiplexing_api gcc_version process_id run_id tcp_port uptime_in_seconds uptime_in_days hz executable config_file",
  clients: "connected_clients client_longest_output_list client_biggest_input_buf blocked_clients",
  memory:
    "used_memory used_memory_human used_memory_rss used_memory_peak used_memory_peak_human mem_fragmentation_ratio mem_allocator",
  jobs: "registered_jobs",
  queues: "registered_queues",
  persistence:
    "loading aof_enabled aof_state aof_rewrite_in_progress aof_rewrite_scheduled aof_last_rewrite_time_sec aof_current_rewrite_time_sec aof_last_bgrewrite_status aof_last_write_status",
  stats:
    "total_connections_received total_commands_processed instantaneous_ops_per_sec total_net_input_bytes total_net_output_bytes instantaneous_input_kbps instantaneous_output_kbps rejected_connections latest_fork_usec",
  cpu: "used_cpu_sys used_cpu_user used_cpu_sys_children",
};

/** A client that is ready; ended with the test. */
async function open(
  t: TestContext,
  port: number,
  options: Record<string, unknown> = {},
): Promise<Disqueue> {
  const client = createDisqueue({ port, ...options });
  atEnd(t, () => client.redisClient.end(false));
  client.on("error", () => undefined);
  const ready = new Promise<void>((resolve) => client.on("ready", resolve));
  await within(ready, 10_000, "disqueue-node is ready");
  return client;
}

/** Turns a call with a callback into a promise, with a deadline. */
function ask<T>(call: (callback: Callback<T>) => void): Promise<T> {
  const answer = new Promise<T>((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
  return within(answer, 10_000, "disqueue-node gets an answer");
}

test("disqueue-node: a job is added, shown, fetched and acknowledged", async (t) => {
  const client = await open(t, (await startNode(t)).port);
  const id = await ask<string>((done) =>
    client.addJob({ queue: "q", job: "hello", retry: 60 }, done),
  );
  assert.match(id, /^D-[0-9a-f]{8}-.{24}-05a1$/);
  const shown = await ask<Record<string, unknown> | null>((done) => client.show(id, done));
  assert.equal(shown?.state, "queued");
  assert.equal(shown?.body, "hello");
  assert.equal(await ask<number>((done) => client.qlen("q", done)), 1);
  const jobs = await ask<Job[]>((done) => client.getJob({ queue: "q", withcounters: true }, done));
  assert.deepEqual(jobs, [
    { queue: "q", jobId: id, body: "hello", nacks: 0, additionalDeliveries: 0 },
  ]);
  assert.equal(await ask<number>((done) => client.working(id, done)), 60);
  assert.equal(await ask<number>((done) => client.nack(id, done)), 1);
  assert.equal(await ask<number>((done) => client.ackJob(id, done)), 1);
  assert.equal(await ask((done) => client.show(id, done)), null);
  assert.deepEqual(
    await ask<Job[]>((done) => client.getJob({ queue: "q", nohang: true }, done)),
    [],
  );
});

test("disqueue-node: a blocked GETJOB is served by another connection", async (t) => {
  const { port } = await startNode(t);
  const consumer = await open(t, port);
  const producer = await open(t, port);
  const waiting = ask<Job[]>((done) => consumer.getJob({ queue: ["a", "b"] }, done));
  const jobId = await ask<string>((done) => producer.addJob({ queue: "b", job: "late" }, done));
  assert.deepEqual(await waiting, [{ queue: "b", jobId, body: "late" }]);
});

test("disqueue-node: INFO, HELLO and QSCAN have what it looks for", async (t) => {
  const client = await open(t, (await startNode(t)).port);
  await ask<string>((done) => client.addJob({ queue: "q", job: "x" }, done));
  const info = await ask<Record<string, Record<string, string>>>((done) => client.info({}, done));
  for (const [section, fields] of Object.entries(infoFields)) {
    for (const field of fields.split(" ")) {
      assert.ok(info[section]?.[field] !== undefined, `INFO has no ${field} in ${section}`);
    }
  }
  const hello = await ask<{ version: number; nodeId: string; nodeIds: string[] }>((done) =>
    client.hello({}, done),
  );
  assert.equal(hello.version, 1);
  assert.match(hello.nodeId, /^[0-9a-f]{40}$/);
  assert.equal(hello.nodeIds.length, 4);
  const scan = await ask<{ cursor: number; queues: string[] }>((done) => client.qscan({}, done));
  assert.deepEqual(scan, { cursor: 0, queues: ["q"] });
});

test("disqueue-node: notices that the server came back", async (t) => {
  const node = await startNode(t);
  const client = await open(t, node.port, { retryMax: 100, retryDelay: 50 });
  const connectedAgain = new Promise<void>((resolve) => client.on("connected", resolve));
  await node.stop();
  const again = await node.restart();
  await within(connectedAgain, 10_000, "the old client is connected again");
  const fresh = await open(t, again.port);
  assert.equal(await ask<number>((done) => fresh.qlen("q", done)), 0);
});
