/**
 * `npm run sim`: lives many lives, or one again.
 *
 *   npm run sim -- --seeds 1000 [--from 5000]   so many seeds, one after the other
 *   npm run sim -- --minutes 2 [--from 5000]    as many as fit
 *   npm run sim -- --seed 42                    one seed, again
 *
 * `--steps 1000` makes lives longer, `--without "stalls,flushes"` switches habits off. When a life
 * fails, everything that is needed to repeat it is printed, with habits that do not matter left out.
 */
import { parseArgs } from "node:util";
import { describeConfig, HABITS, type SimConfig } from "./config.ts";
import { type LifeOptions, type LifeReport, live, STEPS_DEFAULT } from "./life.ts";

const SEEDS_DEFAULT = 200;
const HOUR_MS = 3_600_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string" },
    minutes: { type: "string" },
    steps: { type: "string" },
    without: { type: "string" },
  },
});

function integer(text: string | undefined, absent: number): number {
  const value = text === undefined ? absent : Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`not a whole number: ${text}`);
  return value;
}

const steps = integer(values.steps, STEPS_DEFAULT);
const without = new Set((values.without ?? "").split(",").map((habit) => habit.trim()));

function lifeOptions(omitted: ReadonlySet<string>): LifeOptions {
  const change = (config: SimConfig): SimConfig => {
    const habits = new Set([...config.habits].filter((habit) => !omitted.has(habit)));
    const maxMemoryBytes = habits.has("little memory") ? config.maxMemoryBytes : 0;
    return { ...config, habits, maxMemoryBytes };
  };
  return { steps, change };
}

/** Habits without which the seed fails just as well, one after the other. */
function needless(seed: number): Set<string> {
  const omitted = new Set(without);
  for (const habit of HABITS) {
    const candidate = new Set(omitted).add(habit);
    if (live(seed, lifeOptions(candidate)).failure !== undefined) omitted.add(habit);
  }
  return omitted;
}

function reportFailure(seed: number): void {
  const omitted = needless(seed);
  const { config, failure, lastLines, turns } = live(seed, lifeOptions(omitted));
  console.log(lastLines.join("\n"));
  console.log(`\nseed ${seed} failed in turn ${turns}\n${describeConfig(config)}`);
  console.log(failure?.stack);
  const left = [...omitted].filter((habit) => habit !== "").join(",");
  const flag = left === "" ? "" : ` --without "${left}"`;
  console.log(`\nnpm run sim -- --seed ${seed} --steps ${steps}${flag}`);
}

/** Sums over all lives. */
const totals = { seeds: 0, turns: 0, events: 0, simulatedMs: 0 };
const marks = new Map<string, number>();

function count(report: LifeReport): void {
  totals.seeds++;
  totals.turns += report.turns;
  totals.events += report.events;
  totals.simulatedMs += report.simulatedMs;
  for (const [mark, times] of report.marks) marks.set(mark, (marks.get(mark) ?? 0) + times);
}

function reportTotals(seconds: number): void {
  const byCount = [...marks].sort((a, b) => b[1] - a[1]);
  console.log(byCount.map(([mark, times]) => `${times} ${mark}`).join(", "));
  const missing = HABITS.filter((habit) => !marks.has(habit));
  if (missing.length > 0) console.log(`never happened: ${missing.join(", ")}`);
  const perSecond = (total: number): string => (total / seconds).toFixed(0);
  const hours = (totals.simulatedMs / HOUR_MS).toFixed(0);
  console.log(
    `${totals.seeds} seeds in ${seconds.toFixed(1)} s (${perSecond(totals.seeds)}/s), ` +
      `${hours} simulated hours, ${totals.turns} turns (${perSecond(totals.turns)}/s), ` +
      `${totals.events} events`,
  );
}

/** Lives one seed after the other; the first one that fails, if any. */
function liveMany(from: number, seedsMax: number, secondsMax: number): number | undefined {
  const startMs = performance.now();
  const seconds = (): number => (performance.now() - startMs) / 1000;
  let failed: number | undefined;
  for (let seed = from; seed < from + seedsMax && seconds() < secondsMax; seed++) {
    const report = live(seed, lifeOptions(without));
    count(report);
    if (report.failure === undefined) continue;
    failed = seed;
    break;
  }
  reportTotals(seconds());
  return failed;
}

const isTimed = values.minutes !== undefined;
const secondsMax = isTimed ? Number(values.minutes) * 60 : Number.POSITIVE_INFINITY;
const seedsMax = isTimed ? Number.POSITIVE_INFINITY : integer(values.seeds, SEEDS_DEFAULT);
const failed =
  values.seed === undefined
    ? liveMany(integer(values.from, 0), seedsMax, secondsMax)
    : liveMany(integer(values.seed, 0), 1, Number.POSITIVE_INFINITY);
if (failed !== undefined) {
  reportFailure(failed);
  process.exitCode = 1;
}
