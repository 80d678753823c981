/**
 * `npm run bench`: measures ringq, and redis-server beside it, on this machine.
 *
 * Absolute figures depend on the machine and on what else it does; the ratios are what to look at,
 * and CPU per job where the generator is the limit. Suites are listed below, one file each.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cluster } from "./cluster/cluster.ts";
import type { Contender } from "./compare/contender.ts";
import { redis } from "./compare/redis.ts";
import { type Build, ownServerPath, ringq } from "./compare/ringq.ts";
import { http } from "./http/http.ts";
import { add } from "./load/add.ts";
import { fullCycle } from "./load/full-cycle.ts";
import { pause } from "./load/pause.ts";
import { log } from "./log/log.ts";
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

const suites: readonly Suite[] = [add, fullCycle, resident, churn, pause, log, cluster, http];

function contendersOf(options: Options, ours: Build): Contender[] {
  const contenders: Contender[] = [];
  if (options.hasOurs) contenders.push(ringq("ringq", ours));
  if (options.base) contenders.push(ringq("base", { mainPath: options.base }));
  if (options.hasRedis) contenders.push(redis());
  return contenders;
}

async function runSuite(
  suite: Suite,
  contenders: readonly Contender[],
  options: Options,
  ours: Build,
): Promise<SuiteResult> {
  const suiteRounds = Math.min(options.settings.rounds, suite.roundsMax);
  console.log(`\n## ${suite.name}: ${suite.summary}; medians of ${suiteRounds} rounds\n`);
  const workloads: WorkloadResult[] = [];
  for (const [i, workload] of suite.workloads(options.settings, ours).entries()) {
    if (!workload.title.includes(options.workload)) continue;
    const label = `${suite.name}-${i + 1}`;
    const rounds = Math.min(suiteRounds, workload.roundsMax ?? suiteRounds);
    const measured = await runRounds(workload, workload.contenders ?? contenders, rounds, label);
    const { title, columns = suite.columns, goals = [] } = workload;
    const result = { title, columns, goals, rounds: measured };
    workloads.push(result);
    console.log(`${workloadTable(result)}\n`);
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
const ours: Build = { mainPath: ownServerPath, profileFolder: options.profile };
const contenders = contendersOf(options, ours);
const results: SuiteResult[] = [];
for (const suite of suites) {
  if (options.suites.includes(suite.name)) {
    results.push(await runSuite(suite, contenders, options, ours));
  }
}
console.log(jsonLine(runRecord(options.settings, results, false)));
if (options.json) {
  appendFileSync(options.json, `${jsonLine(runRecord(options.settings, results, true))}\n`);
}
