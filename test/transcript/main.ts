/**
 * Plays the transcripts against any server: `node dist/test/transcript/main.js HOST PORT [FILTER]`.
 *
 * FILTER selects scenarios whose name contains it; `--recorded` plays them as they were recorded,
 * without ringq's deviations, as one would against the reference. The server is emptied again and
 * again and its settings are changed: never point this at one that holds anything.
 */
import { expectedScenarios } from "./deviations.ts";
import { loadTranscripts } from "./format.ts";
import { describeFailure, playScenario } from "./play.ts";

const usage = "usage: main.js HOST PORT [FILTER] [--recorded]";

async function main(args: string[]): Promise<number> {
  const asRecorded = args.includes("--recorded");
  const [host, port, filter = ""] = args.filter((arg) => arg !== "--recorded");
  if (host === undefined || !(Number(port) > 0)) {
    console.error(usage);
    return 2;
  }
  const address = { host, port: Number(port) };
  const transcripts = asRecorded ? loadTranscripts() : expectedScenarios();
  let passed = 0;
  let failed = 0;
  for (const { file, scenarios } of transcripts) {
    for (const scenario of scenarios.filter(({ name }) => name.includes(filter))) {
      for (const result of await playScenario(address, scenario)) {
        if (result.failure === undefined) passed++;
        else {
          failed++;
          console.log(`FAIL ${file} / ${scenario.name} / ${describeFailure(result)}`);
        }
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
