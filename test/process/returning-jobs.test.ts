/**
 * Jobs whose reply could not be delivered go back to their queue at once; those whose reply may have
 * arrived do not, and at-most-once jobs are never handed out twice.
 *
 * RETRY is so long that a job which comes back within the test can only have been given back.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { type TestContext, test } from "node:test";
import { atEnd } from "../support/cleanup.ts";
import { eventually } from "../support/eventually.ts";
import { startNode, type TestNode } from "../support/node.ts";
import { whileFrozen } from "../support/process-state.ts";
import type { Plain } from "../support/reply.ts";
import { type Command, RawClient } from "./raw-client.ts";

const LONG = 300;

/** A server, a client that adds jobs, and one that takes what is left over. */
async function start(
  t: TestContext,
): Promise<{ node: TestNode; adder: RawClient; heir: RawClient; victim: RawClient }> {
  const node = await startNode(t);
  const { port } = node;
  const [adder, heir, victim] = await Promise.all([
    RawClient.connect(t, { port }),
    RawClient.connect(t, { port }),
    RawClient.connect(t, { port }),
  ]);
  return { node, adder, heir, victim };
}

function added(queue: string, body: string | Buffer, retry: number): Command {
  return ["ADDJOB", queue, body, 0, "RETRY", retry, "REPLICATE", 1];
}

/** Queue, counters and the length of the body of the only job in a GETJOB WITHCOUNTERS reply. */
function summary(reply: Plain): Plain {
  const job = Array.isArray(reply) ? reply[0] : null;
  if (!Array.isArray(job)) return job ?? null;
  const [queue, , body, , nacks, , deliveries] = job;
  return [queue ?? null, String(body).length, nacks ?? null, deliveries ?? null];
}

async function waitForBlocked(observer: RawClient, count: number): Promise<void> {
  await eventually(
    async () => String(await observer.call("INFO", "clients")).includes(`blocked_clients:${count}`),
    { what: `${count} blocked clients` },
  );
}

test("a job for a blocked client whose process was killed goes to somebody else", async (t) => {
  const { node, adder, heir } = await start(t);
  const code = `require("net").connect(${node.port}).write("GETJOB FROM q\\r\\n")`;
  const child = spawn(process.execPath, ["-e", code], { stdio: "ignore" });
  atEnd(t, () => void child.kill("SIGKILL"));
  await waitForBlocked(adder, 1);
  child.kill("SIGKILL");
  await waitForBlocked(adder, 0);
  await adder.call(...added("q", "body", 0));
  const reply = await heir.call("GETJOB", "WITHCOUNTERS", "FROM", "q");
  assert.deepEqual(summary(reply), ["q", 4, 0, 0]);
});

for (const way of ["closes", "is reset"] as const) {
  test(`a job goes to others when its client sent far ahead and ${way} long before`, async (t) => {
    const { adder, heir, victim } = await start(t);
    const ahead = Array.from({ length: 400 }, (): Command => ["ECHO", "x".repeat(10_000)]);
    victim.send(["GETJOB", "FROM", "q"], ...ahead);
    await eventually(() => victim.socket.writableLength === 0, { what: "everything is sent" });
    await waitForBlocked(adder, 1);
    if (way === "closes") victim.socket.destroy();
    else victim.reset();
    await waitForBlocked(adder, 0);
    await adder.call(...added("q", "body", 0));
    const reply = await heir.call("GETJOB", "WITHCOUNTERS", "FROM", "q");
    assert.deepEqual(summary(reply), ["q", 4, 0, 0]);
  });
}

for (const retry of [0, LONG]) {
  for (const way of ["closes", "is reset"] as const) {
    test(`a job goes to others when its client ${way} in the turn of the hand-out (RETRY ${retry})`, async (t) => {
      const { node, adder, heir, victim } = await start(t);
      victim.send(["GETJOB", "FROM", "q"]);
      await waitForBlocked(adder, 1);
      // It finds the new job first and the end right behind it.
      await whileFrozen(node.pid, async () => {
        adder.send(added("q", "body", retry));
        if (way === "closes") victim.socket.destroy();
        else victim.reset();
        await victim.end();
      });
      assert.match(String(await adder.read()), /^D-/);
      const reply = await heir.call("GETJOB", "WITHCOUNTERS", "TIMEOUT", 5000, "FROM", "q");
      assert.deepEqual(summary(reply), ["q", 4, 0, 0], "it counts as never delivered");
    });
  }
}

test("a job goes to the next blocked client when the first one has gone", async (t) => {
  const { node, adder, heir, victim } = await start(t);
  victim.send(["GETJOB", "FROM", "q"]);
  await waitForBlocked(adder, 1);
  heir.send(["GETJOB", "WITHCOUNTERS", "FROM", "q"]);
  await waitForBlocked(adder, 2);
  await whileFrozen(node.pid, async () => {
    adder.send(added("q", "body", 0));
    victim.reset();
    await victim.end();
  });
  assert.deepEqual(summary(await heir.read()), ["q", 4, 0, 0]);
});

for (const retry of [0, LONG]) {
  const outcome = retry === 0 ? "are not delivered twice" : "go back at once";
  test(`jobs in a large reply that was cut off ${outcome} (RETRY ${retry})`, async (t) => {
    const { adder, heir, victim } = await start(t);
    const megabyte = Buffer.alloc(1024 * 1024, "x");
    for (let i = 0; i < 20; i++) await adder.call(...added("q", megabyte, retry));
    victim.stopReading();
    victim.send(["GETJOB", "COUNT", 20, "FROM", "q"]);
    await eventually(async () => /omem=[1-9]/.test(String(await adder.call("CLIENT", "LIST"))), {
      what: "the reply does not fit into the kernel",
    });
    assert.equal(await adder.call("QLEN", "q"), 0);
    victim.socket.destroy();
    await eventually(
      async () => String(await adder.call("INFO", "clients")).includes("connected_clients:2"),
      { what: "the server notices" },
    );
    assert.equal(await adder.call("QLEN", "q"), retry === 0 ? 0 : 20);
    if (retry === 0) return;
    const reply = await heir.call("GETJOB", "WITHCOUNTERS", "COUNT", 20, "FROM", "q");
    assert.ok(Array.isArray(reply));
    assert.equal(reply.length, 20);
    assert.deepEqual(summary(reply), ["q", megabyte.length, 0, 1], "it may have been seen");
  });
}

test("a job whose reply has left belongs to the client, also when that is gone", async (t) => {
  const { adder, heir, victim } = await start(t);
  await adder.call(...added("q", "body", LONG));
  const reply = await victim.call("GETJOB", "FROM", "q");
  assert.ok(Array.isArray(reply) && Array.isArray(reply[0]));
  const id = String(reply[0][1]);
  victim.reset();
  await eventually(
    async () => String(await adder.call("INFO", "clients")).includes("connected_clients:2"),
    { what: "the server notices" },
  );
  assert.equal(await heir.call("GETJOB", "NOHANG", "FROM", "q"), null);
  assert.equal(await heir.call("ACKJOB", id), 1);
});

test("a job acknowledged by somebody else does not come back with the cut-off reply", async (t) => {
  const { adder, heir, victim } = await start(t);
  const id = String(await adder.call(...added("q", Buffer.alloc(20 * 1024 * 1024, "x"), LONG)));
  victim.stopReading();
  victim.send(["GETJOB", "FROM", "q"]);
  await eventually(async () => /omem=[1-9]/.test(String(await adder.call("CLIENT", "LIST"))), {
    what: "the reply does not fit into the kernel",
  });
  assert.equal(await heir.call("ACKJOB", id), 1);
  const other = String(await adder.call(...added("other", "body", LONG)));
  victim.reset();
  await eventually(
    async () => String(await adder.call("INFO", "clients")).includes("connected_clients:2"),
    { what: "the server notices" },
  );
  assert.equal(await adder.call("QLEN", "q"), 0);
  assert.equal(await adder.call("QLEN", "other"), 1);
  assert.equal(await adder.call("DELJOB", other), 1);
});
