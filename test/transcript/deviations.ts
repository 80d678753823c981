/**
 * Where ringq answers differently from the recordings, on purpose: the reasons and the new steps.
 *
 * A deviation is never a skipped test: its steps say what ringq does instead. Everything that is not
 * listed here is expected exactly as it was recorded, oddities included.
 */
import { commandDeviations } from "./deviations-commands.ts";
import { jobDeviations } from "./deviations-jobs.ts";
import { protocolDeviations } from "./deviations-protocol.ts";
import { settingDeviations } from "./deviations-settings.ts";
import { loadTranscripts, type Transcript } from "./format.ts";
import type { Deviation } from "./steps.ts";

/** All of them. */
export const deviations: Deviation[] = [
  ...protocolDeviations,
  ...jobDeviations,
  ...settingDeviations,
  ...commandDeviations,
];

/** Recorded oddities that stay as they are, because clients compare texts or read the number. */
export const kept: string[] = [
  "double space and no equality in error texts",
  "jobs-out counts only fetched jobs",
];

/** The recordings with the deviations put in their place. */
export function expectedScenarios(): Transcript[] {
  return loadTranscripts().map(({ file, scenarios }) => ({
    file,
    scenarios: scenarios.map((scenario) => {
      const deviation = deviations.find(
        (candidate) => candidate.file === file && candidate.scenario === scenario.name,
      );
      return deviation === undefined ? scenario : { ...scenario, steps: deviation.steps };
    }),
  }));
}
