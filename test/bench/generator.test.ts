/**
 * The load generator counts right: against a server that counts too.
 *
 * Nothing here says how fast anything is.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { handover } from "../../bench/load/handover.ts";
import { paced } from "../../bench/load/paced.ts";
import { survival } from "../../bench/load/survival.ts";
import { cycle } from "../../src/client/load/cycle.ts";
import { drain } from "../../src/client/load/drain.ts";
import { fill } from "../../src/client/load/fill.ts";
import { within } from "../support/eventually.ts";
import { type FakeServer, startFakeServer } from "./fake-server.ts";

const target = (server: FakeServer) =>
  ({
    dialect: "disque",
    port: server.port,
    serverPids: [process.pid],
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

test("a handover times every job from one server to the other, and the first one apart", async (t) => {
  const server = await startFakeServer(t);
  const result = await handover({
    kind: "handover",
    ...target(server),
    consumerPort: server.port,
    intervalMs: 5,
    jobs: 20,
  });
  assert.equal(result.operations, 20);
  const { handover: all, first } = result.latencies;
  assert.ok((first?.max ?? 0) > 0 && (first?.max ?? 0) <= (all?.max ?? 0));
});

for (const queue of ["q", "refused"]) {
  test(`a survival counts what is promised while processes stand still (queue ${queue})`, async (t) => {
    const server = await startFakeServer(t);
    const bystander = spawn("sleep", ["60"]);
    t.after(() => bystander.kill("SIGKILL"));
    const { survival: counts } = await survival({
      kind: "survival",
      ...target(server),
      queue,
      ports: [server.port, server.port],
      frozenPids: [bystander.pid ?? 0],
      replicate: 3,
      timeoutMs: 100,
      warmUpSeconds: 0.1,
      firstSeconds: 0.2,
      seconds: 0.1,
    });
    assert.ok(counts !== undefined);
    const { asked, promised } = counts;
    assert.ok(asked[0] > 0 && asked[1] > 0, "how many in each is up to the machine");
    assert.ok(asked[0] + asked[1] < (server.seen.get("ADDJOB") ?? 0), "the warm-up does not count");
    assert.deepEqual(promised, queue === "refused" ? [0, 0] : asked);
    bystander.kill("SIGTERM");
    await within(once(bystander, "exit"), 5000, "it goes on, and hears that it shall end");
  });
}
