/**
 * Seeds of clusters that once failed, each named after what it found.
 *
 * What was found has a test of its own in test/cluster: when the simulation learns a new habit, the same
 * number lives another life. These are kept because they were unlucky once.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClusterConfig, withoutFeatures } from "./config.ts";
import { liveCluster } from "./life.ts";

const found: readonly [seed: number, what: string][] = [
  [15, "WORKING was forgotten when a job was on its way to its next keeper"],
  [28, "nodes whose clients ask in turns sent a job round without end"],
  [55, "holders made each other keeper without end"],
  [74, "DELJOB at a borrower left a job lent to nobody"],
  [78, "a job stayed lent to a node that was no member any more"],
  [110, "a node that got its copy after it was asked was not told of an acknowledgement"],
  [179, "who waited while memory was short was not heard of afterwards"],
  [198, "a holder stayed out of lists that were told before it was known"],
  [210, "a restart that was noticed late took new copies out of a list"],
  [232, "WORKING for a job that waited for its copies hid its end from them"],
  [233, "a job that had come round was forgotten for its first move"],
  [284, "a leaving node gave a job to one who had a copy, and dropped its own"],
  [262, "a borrowed job outlived its acknowledgement, its lender having started again"],
  [268, "a NACK that crossed the push of the job had it handed out twice"],
  [288, "a job went from node to node hundreds of times a second"],
  [5045, "a copy that arrived after its node was asked for it was in nobody's list"],
];

/** They are from before there were logs, and live as they did then. */
const withoutLogs = (config: ClusterConfig) => withoutFeatures(config, new Set(["logs"]));

for (const [seed, what] of found) {
  test(`seed ${seed}: ${what}, and does so no longer`, () => {
    const { failure, news } = liveCluster(seed, { change: withoutLogs });
    assert.equal(failure, undefined, `${news.slice(-20).join("\n")}\n${failure?.stack}`);
  });
}
