/**
 * A server with nothing to do does nothing, however many jobs wait in it.
 *
 * Measured as processor time and as wake-ups of the main thread, both as the kernel counts them.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { startNode, type TestNode } from "../support/node.ts";
import { type Command, encode, RawClient } from "./raw-client.ts";

const JOBS = 200_000;
const JOBS_PER_WRITE = 5000;
/** Of 100 in a second. */
const TICKS_MAX = 3;
/** A handful is the lock being kept and the measurement itself; a loop that spins has thousands. */
const WAKE_UPS_MAX = 40;
/** Right after the load the engine tidies up its heap by and by. */
const SECONDS_MAX = 15;

interface Work {
  ticks: number;
  wakeUps: number;
}

function workOf(pid: number): Work {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // Behind the name in parentheses: state is field 3, user and system time are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/task/${pid}/status`, "latin1");
  const wakeUps = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1];
  return { ticks: Number(fields[11]) + Number(fields[12]), wakeUps: Number(wakeUps) };
}

/** Waits for a second in which the server does next to nothing; the server itself tells the second. */
async function assertQuiet(t: TestContext, node: TestNode): Promise<void> {
  const client = await RawClient.connect(t, { port: node.port });
  let work: Work = { ticks: 0, wakeUps: 0 };
  for (let second = 0; second < SECONDS_MAX; second++) {
    const before = workOf(node.pid);
    assert.equal(await client.call("GETJOB", "TIMEOUT", 1000, "FROM", "nothing"), null);
    const after = workOf(node.pid);
    work = { ticks: after.ticks - before.ticks, wakeUps: after.wakeUps - before.wakeUps };
    if (work.ticks <= TICKS_MAX && work.wakeUps <= WAKE_UPS_MAX) return;
  }
  assert.fail(`in every second it worked, in the last one: ${JSON.stringify(work)}`);
}

/** Adds many jobs without waiting for each reply. */
async function fill(client: RawClient, command: Command): Promise<void> {
  client.send(["CLIENT", "REPLY", "OFF"]);
  const batch = encode(...Array.from({ length: JOBS_PER_WRITE }, () => command));
  for (let done = 0; done < JOBS; done += JOBS_PER_WRITE) client.raw(batch);
  assert.equal(await client.call("CLIENT", "REPLY", "ON"), "OK");
  assert.match(String(await client.call("INFO", "jobs")), new RegExp(`registered_jobs:${JOBS}\r`));
}

test(`${JOBS} delayed jobs cost no processor time while they wait`, async (t) => {
  const node = await startNode(t);
  const client = await RawClient.connect(t, { port: node.port });
  await fill(client, ["ADDJOB", "q", "body", 0, "DELAY", 3600]);
  await assertQuiet(t, node);
});

test("neither do blocked clients, leased and queued jobs, and a set timeout", async (t) => {
  const node = await startNode(t, { timeout: "3600" });
  const client = await RawClient.connect(t, { port: node.port });
  for (let i = 0; i < 50; i++) {
    await client.call("ADDJOB", "q", "body", 0);
    const waiting = await RawClient.connect(t, { port: node.port });
    waiting.send(["GETJOB", "TIMEOUT", 3_600_000, "FROM", "other"]);
  }
  await client.call("GETJOB", "COUNT", 25, "FROM", "q");
  await assertQuiet(t, node);
});
