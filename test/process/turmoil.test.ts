/**
 * Producers and consumers all the time, on all nodes, while nodes are killed two at a time and come back
 * with nothing: every job that was promised is delivered, and in the end nothing is left.
 *
 * Jobs may come twice here: an acknowledgement can be lost with the node it was given to.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster, type TestCluster } from "../support/cluster.ts";
import { soon } from "../support/cluster-nodes.ts";
import { ConnectionClosed } from "../support/resp-client.ts";

const QUEUE = "q";

/** What clients were told. */
class History {
  readonly promised = new Set<string>();
  readonly delivered = new Set<string>();
  isAdding = true;
  isTaking = true;

  /** Promised and never seen. */
  get missing(): string[] {
    return [...this.promised].filter((id) => !this.delivered.has(id));
  }
}

/** Adds jobs one after the other, at one present node after the other. */
async function produce(cluster: TestCluster, history: History): Promise<void> {
  for (let turn = 0; history.isAdding; turn++) {
    await unlessKilled(async () => {
      const node = cluster.present[turn % cluster.present.length] ?? 0;
      const command = ["ADDJOB", QUEUE, "body", 1000, "REPLICATE", 3, "RETRY", 2];
      const reply = String(await cluster.ask(node, ...command));
      if (reply.startsWith("D-")) history.promised.add(reply);
      else assert.match(reply, /^-NOREPL /);
    });
  }
}

/** Takes jobs at one present node after the other, and acknowledges them at the one after that. */
async function consume(cluster: TestCluster, history: History): Promise<void> {
  for (let turn = 0; history.isTaking; turn++) {
    await unlessKilled(async () => {
      const { present } = cluster;
      const jobs = await cluster.take(present[turn % present.length] ?? 0, QUEUE, 100, 10);
      for (const { id } of jobs) history.delivered.add(id);
      const elsewhere = present[(turn + 1) % present.length] ?? 0;
      if (jobs.length > 0) await cluster.ask(elsewhere, "ACKJOB", ...jobs.map(({ id }) => id));
    });
  }
}

/** Whoever talks to a node that is killed has to try another one. */
async function unlessKilled(talk: () => Promise<void>): Promise<void> {
  try {
    await talk();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const isKilled = error instanceof ConnectionClosed || /^ECONN(REFUSED|RESET)$/.test(code);
    if (!isKilled) throw error;
  }
}

test("no promised job is lost when two of five nodes are killed at a time, again and again", async (t) => {
  const cluster = await startCluster(t, 5, { directives: { "cluster-repair-delay": "300" } });
  const history = new History();
  t.after(() => {
    history.isAdding = false;
    history.isTaking = false;
  });
  const producers = [1, 2, 3].map(() => produce(cluster, history));
  const consumers = [1, 2].map(() => consume(cluster, history));
  const working = Promise.all([...producers, ...consumers]);
  working.catch(() => {});

  for (const pair of [
    [0, 1],
    [2, 3],
    [4, 0],
  ]) {
    const before = history.promised.size;
    await soon("jobs are added", () => history.promised.size > before + 100);
    await cluster.kill9(...pair);
    await soon("jobs are added without them", () => history.promised.size > before + 200);
    for (const node of pair) await cluster.restart(node);
    await cluster.isWhole();
    await cluster.areAllCopied(3);
  }

  history.isAdding = false;
  await Promise.all(producers);
  await soon("every promised job is delivered", () => {
    assert.deepEqual(history.missing, []);
    return true;
  });
  await cluster.isEmpty();
  history.isTaking = false;
  await working;
});
