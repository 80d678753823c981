/**
 * Two nodes, of which one leaves to a new one while the other is away, whose log loses its end: nobody but the
 * new one has then what the other comes back with, and it is not known to that.
 *
 * Random lives hardly ever get there. Of 200 in this shape these two fail when a node does not tell whoever links what it has.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClusterConfig, HASTE, withoutFeatures } from "./config.ts";
import { liveCluster } from "./life.ts";

const SEEDS: readonly (readonly [seed: number, what: string])[] = [
  [880025, "both kept a job, and did not know of each other"],
  [880037, "a job that one had acknowledged came back with the other one"],
];

const KEPT = ["several queues", "timeouts", "counts", "no hang", "bursts"] as const;
const ADDED = ["slow work", "logs", "torn logs", "changes meanwhile"] as const;

function shaped(drawn: ClusterConfig): ClusterConfig {
  const config = withoutFeatures(drawn, new Set(HASTE));
  const kept = KEPT.filter((feature) => config.features.has(feature));
  return {
    ...config,
    features: new Set([...kept, ...ADDED]),
    nodes: 2,
    nodeTimeoutMs: 1000,
    replicateMax: 2,
    retrySecondsMax: 20,
    ttlSecondsMax: 1000,
    paceMs: 30,
    faultPaceMs: 3000,
    jobsMax: 40,
    logShare: 1,
    repairDelayMs: 0,
    watchesRepair: false,
  };
}

for (const [seed, what] of SEEDS) {
  test(`seed ${seed}: ${what}; not any more`, () => {
    const { failure, news } = liveCluster(seed, { change: shaped });
    assert.equal(failure, undefined, `${news.slice(-20).join("\n")}\n${failure?.stack}`);
  });
}
