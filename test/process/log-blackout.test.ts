/**
 * The whole cluster is killed at once and comes back from its logs.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../support/cluster.ts";

const NODES = 7;
const all = Array.from({ length: NODES }, (_, node) => node);
/** At each node. */
const JOBS = 12;

test("kill -9 of seven nodes at once: what was promised is delivered, what was acknowledged is not", async (t) => {
  const cluster = await startCluster(t, NODES, { directives: { appendonly: "yes" } });
  const options = ["REPLICATE", 3, "RETRY", 1];
  const adding = all.map((node) => cluster.addMany(node, "q", JOBS, ...options));
  const ids = (await Promise.all(adding)).flat();
  const acknowledged = ids.filter((_, i) => i % 3 === 0);
  // At any node, whether it has a copy or not; each answers how many it knew.
  const acknowledging = all.map((node) =>
    cluster.call(node, "ACKJOB", ...acknowledged.filter((_, i) => i % NODES === node)),
  );
  for (const known of await Promise.all(acknowledging)) assert.equal(typeof known, "number");
  // Some are out when it happens.
  assert.ok((await cluster.take(3, "q", 5000, 10)).length > 0);
  await cluster.kill9(...all);
  await Promise.all(all.map((node) => cluster.restart(node)));
  await cluster.isWhole();
  const wanted = ids.filter((_, i) => i % 3 !== 0);
  const times = await cluster.takeAll(all, "q", wanted.length);
  assert.deepEqual([...times.keys()].sort(), wanted.sort());
  await cluster.isEmpty();
});
