/**
 * Six nodes, some of which leave at once: much is refused on its way from one to another, and nobody comes back.
 *
 * Of sixty random lives in this shape these three fail when a node that is refused a job takes it back and sends it on in one.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClusterConfig, HASTE, withoutFeatures } from "./config.ts";
import { liveCluster } from "./life.ts";

const SEEDS: readonly (readonly [seed: number, what: string])[] = [
  [965020, "a holder took the node that had left for the keeper for good"],
  [965044, "a job that was refused had two keepers"],
  [965057, "another job's holder did so, too"],
];
/** The trial is what counts. */
const STEPS = 100;

function shaped(drawn: ClusterConfig): ClusterConfig {
  const config = withoutFeatures(drawn, new Set(HASTE));
  return {
    ...config,
    features: new Set(["crowded exits"]),
    nodes: 6,
    nodeTimeoutMs: 5000,
    delayMinMs: 1,
    delayMaxMs: 5,
    retrySecondsMax: 3,
    repairDelayMs: 2000,
    watchesRepair: false,
    isOnWire: false,
    consumers: 1,
    operators: 0,
  };
}

for (const [seed, what] of SEEDS) {
  test(`seed ${seed}: ${what}; not any more`, () => {
    const { failure, news } = liveCluster(seed, { steps: STEPS, change: shaped });
    assert.equal(failure, undefined, `${news.slice(-20).join("\n")}\n${failure?.stack}`);
  });
}
