/**
 * Deviations in what COMMAND says of commands: some take more words here.
 *
 * The recording lists dozens of commands, so its steps are taken as they are and only the numbers of
 * words changed that differ.
 */
import { loadTranscripts, type Step } from "./format.ts";
import type { Deviation } from "./steps.ts";

const file = "08-server.json";
const scenario = "command";
/** QLEN and QSTAT take CLUSTER behind the queue. */
const ARITIES: Readonly<Record<string, number>> = { qlen: -2, qstat: -2 };

/** COMMAND INFO. */
export const commandDeviations: Deviation[] = [
  {
    file,
    scenario,
    reason: "QLEN and QSTAT may be asked about all nodes, so their arity is a minimum.",
    steps: recordedSteps().map(withArities),
  },
];

function recordedSteps(): Step[] {
  const transcript = loadTranscripts().find((candidate) => candidate.file === file);
  return transcript?.scenarios.find(({ name }) => name === scenario)?.steps ?? [];
}

/** The step with other numbers behind the names above. */
function withArities(step: Step): Step {
  const text = JSON.stringify(step);
  const changed = text.replace(
    /(\{"t":"\$","v":"(\w+)"\},\{"t":":","v":)-?\d+/g,
    (all, before: string, name: string) => (name in ARITIES ? `${before}${ARITIES[name]}` : all),
  );
  return JSON.parse(changed) as Step;
}
