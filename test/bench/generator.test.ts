/**
 * The load generator counts right: against a server that counts too.
 *
 * Nothing here says how fast anything is.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cycle } from "../../bench/load/cycle.ts";
import { drain } from "../../bench/load/drain.ts";
import { fill } from "../../bench/load/fill.ts";
import { paced } from "../../bench/load/paced.ts";
import { type FakeServer, startFakeServer } from "./fake-server.ts";

const target = (server: FakeServer) =>
  ({
    dialect: "disque",
    port: server.port,
    serverPid: process.pid,
    queue: "q",
    bodyBytes: 100,
  }) as const;

test("a fill sends exactly the jobs it was told to, also when the last batch is short", async (t) => {
  const server = await startFakeServer(t);
  const plan = {
    kind: "fill",
    ...target(server),
    connections: 3,
    pipeline: 16,
    jobs: 1003,
  } as const;
  const result = await fill(plan);
  assert.equal(result.operations, 1003);
  assert.equal(server.seen.get("ADDJOB"), 1003);
  assert.ok((result.latencies.batch?.p50 ?? 0) > 0);
});

test("a fill fails when the server answers with an error", async (t) => {
  const server = await startFakeServer(t);
  const plan = { kind: "fill", ...target(server), connections: 1, pipeline: 1, jobs: 1 } as const;
  await assert.rejects(fill({ ...plan, dialect: "redis" }), /-ERR unknown command/);
});

test("a drain takes and acknowledges every job once, however its replies are split", async (t) => {
  const server = await startFakeServer(t, 37);
  await fill({ kind: "fill", ...target(server), connections: 1, pipeline: 50, jobs: 505 });
  const result = await drain({ kind: "drain", ...target(server), connections: 2, count: 10 });
  assert.equal(result.operations, 505);
  assert.equal(server.acked.size, 505);
});

test("a cycle acknowledges what it counts", async (t) => {
  const server = await startFakeServer(t);
  const result = await cycle({
    kind: "cycle",
    ...target(server),
    connections: 2,
    pipeline: 16,
    count: 10,
    warmUpSeconds: 0,
    seconds: 0.1,
  });
  assert.ok(result.operations > 0);
  assert.ok(result.operations <= server.acked.size);
});

test("a paced load answers its probes", async (t) => {
  const server = await startFakeServer(t);
  const plan = { kind: "paced", ...target(server), seconds: 0.05, jobsPerMs: 2 } as const;
  const result = await paced(plan);
  assert.ok((result.latencies.ping?.max ?? 0) > 0);
  assert.ok((result.latencies.handover?.max ?? 0) > 0);
  assert.ok((server.seen.get("PING") ?? 0) >= 50);
});
