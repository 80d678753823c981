/**
 * `npm run bench`: measures ringq, and redis-server beside it, on this machine.
 *
 * Absolute figures depend on the machine and on what else it does; the ratios are what to look at,
 * and CPU per job where the generator is the limit. Suites are listed below, one file each.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "./compare/contender.ts";
import { redis } from "./compare/redis.ts";
import { ownServerPath, ringq } from "./compare/ringq.ts";
import { add } from "./load/add.ts";
import { fullCycle } from "./load/full-cycle.ts";
import { pause } from "./load/pause.ts";
import { churn } from "./memory/churn.ts";
import { resident } from "./memory/resident.ts";
import { type Options, parseOptions } from "./options.ts";
import { profileText } from "./profile.ts";
import {
  jsonLine,
  runRecord,
  type SuiteResult,
  type WorkloadResult,
  workloadTable,
} from "./report.ts";
import { runRounds } from "./rounds.ts";
import { isPinning } from "./spawn.ts";
import type { Suite } from "./suite.ts";

const suites: readonly Suite[] = [add, fullCycle, resident, churn, pause];

function contendersOf(options: Options): Contender[] {
  const contenders: Contender[] = [];
  if (options.hasOurs) contenders.push(ringq("ringq", ownServerPath, options.profile));
  if (options.base) contenders.push(ringq("base", options.base));
  if (options.hasRedis) contenders.push(redis());
  return contenders;
}

async function runSuite(
  suite: Suite,
  contenders: readonly Contender[],
  options: Options,
): Promise<SuiteResult> {
  const rounds = Math.min(options.settings.rounds, suite.roundsMax);
  console.log(`\n## ${suite.name}: ${suite.summary}; medians of ${rounds} rounds\n`);
  const workloads: WorkloadResult[] = [];
  for (const workload of suite.workloads(options.settings)) {
    const label = `${suite.name}-${workloads.length + 1}`;
    const measured = await runRounds(workload, contenders, rounds, label);
    const result = { title: workload.title, rounds: measured };
    workloads.push(result);
    console.log(`${workloadTable(suite, result)}\n`);
    if (options.profile) printProfiles(options.profile, label);
  }
  return { suite, workloads };
}

function printProfiles(folder: string, label: string): void {
  const files = readdirSync(folder).filter((name) => name.startsWith(label));
  for (const file of files) console.log(`${file}\n${profileText(join(folder, file), 20)}\n`);
}

const options = parseOptions(
  process.argv.slice(2),
  suites.map(({ name }) => name),
);
if (options.profile) mkdirSync(options.profile, { recursive: true });
for (const path of [options.hasOurs ? ownServerPath : undefined, options.base]) {
  if (path && !existsSync(path)) throw new Error(`there is no server at ${path}`);
}
console.log(
  isPinning()
    ? "Servers run on core 0, load generators on core 1."
    : "Server and load generators share the cores: taskset or a second core is missing.",
);
const contenders = contendersOf(options);
const results: SuiteResult[] = [];
for (const suite of suites) {
  if (options.suites.includes(suite.name)) {
    results.push(await runSuite(suite, contenders, options));
  }
}
console.log(jsonLine(runRecord(options.settings, results, false)));
if (options.json) {
  appendFileSync(options.json, `${jsonLine(runRecord(options.settings, results, true))}\n`);
}
