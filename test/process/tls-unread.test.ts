/**
 * TLS clients that do not take their replies, or die with them: held to the same limits as plain ones,
 * and their jobs go back under the same rules, although records lie between a write and the kernel.
 *
 * RETRY is so long that a job which comes back within the test can only have been given back.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { whileFrozen } from "../support/process-state.ts";
import { type Command, RawClient } from "./raw-client.ts";
import { clientOptions, startTlsNode, type TlsNode } from "./tls-node.ts";

const MEGABYTE = 1024 * 1024;
const LONG = 300;

/** A server, a client that looks on, and one that will misbehave. */
async function start(
  t: TestContext,
): Promise<{ server: TlsNode; bystander: RawClient; victim: RawClient }> {
  const server = await startTlsNode(t);
  const { port, files } = server;
  const connect = () => RawClient.connect(t, { port }, clientOptions(files.ca, files));
  return { server, bystander: await connect(), victim: await connect() };
}

async function addLarge(client: RawClient, count: number, retry: number): Promise<void> {
  const body = Buffer.alloc(MEGABYTE, "b");
  for (let i = 0; i < count; i++) await client.call("ADDJOB", "q", body, 0, "RETRY", retry);
}

/** Waits until replies wait for the victim, the only client that has any. */
async function untilUnread(observer: RawClient): Promise<void> {
  await eventually(async () => /omem=[1-9]/.test(String(await observer.call("CLIENT", "LIST"))), {
    what: "replies pile up",
  });
}

async function untilClients(observer: RawClient, field: string): Promise<void> {
  await eventually(async () => String(await observer.call("INFO", "clients")).includes(field), {
    what: field,
  });
}

test("a TLS client that does not read is not served any further, and closed at the limit", async (t) => {
  const { server, bystander, victim } = await start(t);
  await addLarge(bystander, 8, LONG);
  victim.stopReading();
  const requests = 20;
  victim.send(...Array.from({ length: requests }, (): Command => ["QPEEK", "q", 8]), ["PING"]);
  await untilUnread(bystander);
  for (let i = 0; i < 200; i++) assert.equal(await bystander.call("PING", i), String(i));
  const stats = String(await bystander.call("INFO", "commandstats"));
  assert.ok(Number(/cmdstat_qpeek:calls=(\d+)/.exec(stats)?.[1]) <= 3, stats);
  victim.startReading();
  for (let i = 0; i < requests; i++) assert.equal(((await victim.read()) as unknown[]).length, 8);
  assert.equal(await victim.read(), "PONG");
  await bystander.call("CONFIG", "SET", "client-output-buffer-limit", "normal 2mb 0 0");
  victim.stopReading();
  victim.send(["QPEEK", "q", 8]);
  await eventually(() => server.node.log().includes("does not read its replies"), {
    what: "it is closed",
  });
  await untilClients(bystander, "connected_clients:1");
});

for (const retry of [0, LONG]) {
  const outcome = retry === 0 ? "are not delivered twice" : "go back at once";
  test(`jobs in a large reply over TLS that was cut off ${outcome} (RETRY ${retry})`, async (t) => {
    const { bystander, victim } = await start(t);
    await addLarge(bystander, 12, retry);
    victim.stopReading();
    victim.send(["GETJOB", "COUNT", 12, "FROM", "q"]);
    await untilUnread(bystander);
    assert.equal(await bystander.call("QLEN", "q"), 0);
    victim.socket.destroy();
    await untilClients(bystander, "connected_clients:1");
    assert.equal(await bystander.call("QLEN", "q"), retry === 0 ? 0 : 12);
  });

  test(`a job goes to others when its TLS client closes in the turn of the hand-out (RETRY ${retry})`, async (t) => {
    const { server, bystander, victim } = await start(t);
    victim.send(["GETJOB", "FROM", "q"]);
    await untilClients(bystander, "blocked_clients:1");
    // It finds the new job first and the end right behind it.
    await whileFrozen(server.node.pid, async () => {
      bystander.send(["ADDJOB", "q", "body", 0, "RETRY", retry]);
      victim.socket.destroy();
      await victim.end();
    });
    assert.match(String(await bystander.read()), /^D-/);
    const reply = await bystander.call("GETJOB", "WITHCOUNTERS", "TIMEOUT", 3000, "FROM", "q");
    assert.deepEqual((reply as unknown[][])[0]?.slice(2), [
      "body",
      "nacks",
      0,
      "additional-deliveries",
      0,
    ]);
  });
}
