/**
 * Every recorded conversation, played against a server with default settings.
 *
 * One server per file, one test per scenario. A scenario that ringq answers differently on purpose
 * is played with the steps of deviations.ts, so that the changed behaviour is tested as well.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startNode } from "../support/node.ts";
import { deviations, expectedScenarios, kept } from "./deviations.ts";
import { loadTranscripts } from "./format.ts";
import { describeFailure, playScenario } from "./play.ts";

/** Files at a time: nearly all of the time is spent waiting for timers. */
const CONCURRENCY = 3;

describe("transcripts", { concurrency: CONCURRENCY }, () => {
  for (const { file, scenarios } of expectedScenarios()) {
    test(file, async (t) => {
      const node = await startNode(t);
      for (const scenario of scenarios) {
        await t.test(scenario.name, async () => {
          const results = await playScenario({ port: node.port }, scenario);
          const failures = results.filter(({ failure }) => failure !== undefined);
          if (failures.length > 0) assert.fail(failures.map(describeFailure).join("\n"));
        });
      }
    });
  }
});

test("every deviation is about a recorded scenario and changes it", () => {
  const recorded = loadTranscripts();
  for (const { file, scenario, steps } of deviations) {
    const original = recorded
      .find((transcript) => transcript.file === file)
      ?.scenarios.find(({ name }) => name === scenario);
    assert.ok(original, `${file} has no scenario "${scenario}"`);
    assert.notDeepEqual(steps, original.steps);
  }
});

test("every recorded oddity is either kept or changed on purpose", () => {
  const decided = new Set([...kept, ...deviations.map(({ scenario }) => scenario)]);
  const odd = loadTranscripts().flatMap(({ scenarios }) => scenarios.filter(({ quirk }) => quirk));
  assert.deepEqual(
    odd.map(({ name }) => name).filter((name) => !decided.has(name)),
    [],
  );
});
