/** Real nodes and jobs that are larger than what may wait for a node. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster, type TestCluster } from "../support/cluster.ts";
import { soon } from "../support/cluster-nodes.ts";

/** Above the 64 MB at which a stream is broken. */
const BODY = Buffer.alloc(80 * 1024 * 1024, "x");

const PATIENT = { directives: { "cluster-node-timeout": "5000" } };

function assertNothingBroke(cluster: TestCluster): void {
  for (const node of [0, 1]) {
    assert.doesNotMatch(cluster.node(node).log(), /overflow|was dropped/);
  }
}

for (const [what, ...options] of [
  ["lent", "RETRY", "300"],
  ["moved, as it is delivered at most once", "RETRY", "0"],
] as const) {
  test(`a job of 80 MB goes where a client waits: it is ${what}`, async (t) => {
    const cluster = await startCluster(t, 2, PATIENT);
    const added = await cluster.ask(0, "ADDJOB", "q", BODY, 10_000, "REPLICATE", 1, ...options);
    assert.match(String(added), /^D-/);
    const [job] = await cluster.take(1, "q", 15_000);
    assert.equal(job?.id, added);
    assert.equal(job?.body.length, BODY.length);
    assertNothingBroke(cluster);
  });
}

test("jobs of 80 MB survive the end of their node, one after the other", async (t) => {
  const cluster = await startCluster(t, 2, PATIENT);
  const ids: string[] = [];
  for (const retry of [0, 300]) {
    const options = ["REPLICATE", 1, "RETRY", retry];
    ids.push(String(await cluster.ask(0, "ADDJOB", "q", BODY, 10_000, ...options)));
  }
  await cluster.stop(0);
  await soon("the other node has them", async () => (await cluster.jobsOn(1)) === 2);
  for (const id of ids) {
    assert.equal((await cluster.show(1, id))?.get("state"), "queued");
  }
  assert.doesNotMatch(cluster.node(0).log(), /overflow|was dropped/);
});

test("jobs of 80 MB are copied, several at a time", async (t) => {
  const cluster = await startCluster(t, 2, PATIENT);
  const adding = [1, 2, 3].map(() =>
    cluster.ask(0, "ADDJOB", "q", BODY, 20_000, "REPLICATE", 2, "RETRY", 300),
  );
  for (const id of await Promise.all(adding)) assert.match(String(id), /^D-/);
  assertNothingBroke(cluster);
});
