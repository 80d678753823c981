/**
 * `npm run sim`: lives many lives, or one again.
 *
 *   npm run sim -- --seeds 1000 [--from 5000]   so many seeds, one after the other
 *   npm run sim -- --minutes 2 [--from 5000]    as many as fit
 *   npm run sim -- --seed 42                    one seed, again
 *
 * Lives of one node; with `--log` of one with a log, with `--cluster` of clusters, with `--both` half of the time each. `--steps 1000`
 * makes lives longer, `--without "stalls,flushes"` switches things off, `--on` goes on after a failure.
 * When a life fails, everything that is needed to repeat it is printed, with what does not matter left
 * out.
 */
import { parseArgs } from "node:util";
import { cluster, type Kind, type KindReport, nodeWithLog, oneNode } from "./kinds.ts";

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
    cluster: { type: "boolean" },
    log: { type: "boolean" },
    both: { type: "boolean" },
    on: { type: "boolean" },
  },
});

function integer(text: string | undefined, absent: number): number {
  const value = text === undefined ? absent : Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`not a whole number: ${text}`);
  return value;
}

const without = new Set((values.without ?? "").split(",").map((name) => name.trim()));

/** Lives of one kind, and what they were like in sum. */
class Run {
  readonly #kind: Kind;
  readonly #steps: number;
  readonly #marks = new Map<string, number>();
  readonly #failed: { readonly seed: number; readonly failure: Error }[] = [];
  #seeds = 0;
  #turns = 0;
  #simulatedMs = 0;

  constructor(kind: Kind) {
    this.#kind = kind;
    this.#steps = integer(values.steps, kind.stepsDefault);
  }

  /** One seed after the other until there are enough or one fails; false when one has failed. */
  async liveMany(from: number, seedsMax: number, secondsMax: number): Promise<boolean> {
    const startMs = performance.now();
    const seconds = (): number => (performance.now() - startMs) / 1000;
    for (let seed = from; seed < from + seedsMax && seconds() < secondsMax; seed++) {
      const report = await this.#kind.live(seed, this.#steps, without);
      this.#count(report);
      if (report.failure === undefined) continue;
      this.#failed.push({ seed, failure: report.failure });
      if (!values.on) break;
    }
    this.#reportTotals(seconds());
    const [first] = this.#failed;
    if (first === undefined) return true;
    if (this.#failed.length === 1) await this.#reportFailure(first.seed, first.failure);
    else this.#reportFailures();
    return false;
  }

  #count({ turns, simulatedMs, marks }: KindReport): void {
    this.#seeds++;
    this.#turns += turns;
    this.#simulatedMs += simulatedMs;
    for (const [mark, times] of marks) this.#marks.set(mark, (this.#marks.get(mark) ?? 0) + times);
  }

  #reportTotals(seconds: number): void {
    const byCount = [...this.#marks].sort((a, b) => b[1] - a[1]);
    console.log(byCount.map(([mark, times]) => `${times} ${mark}`).join(", "));
    const missing = this.#kind.switches.filter((name) => !this.#marks.has(name));
    if (missing.length > 0) console.log(`never happened: ${missing.join(", ")}`);
    const perSecond = (total: number): string => (total / seconds).toFixed(1);
    console.log(
      `${this.#kind.name}: ${this.#seeds} seeds in ${seconds.toFixed(1)} s (${perSecond(this.#seeds)}/s), ` +
        `${(this.#simulatedMs / HOUR_MS).toFixed(1)} simulated hours, ` +
        `${this.#turns} turns (${perSecond(this.#turns)}/s)`,
    );
  }

  /** One line for each failure, without making them smaller. */
  #reportFailures(): void {
    for (const { seed, failure } of this.#failed) {
      console.log(`seed ${seed}: ${failure.message.split("\n")[0]}`);
    }
  }

  async #reportFailure(seed: number, failure: Error): Promise<void> {
    const omitted = await this.#needless(seed, sortOf(failure));
    const report = await this.#kind.retell(seed, this.#steps, omitted);
    console.log(report.lines.join("\n"));
    console.log(`\nseed ${seed} failed in turn ${report.turns}\n${report.configuration}`);
    console.log(report.failure?.stack);
    const left = [...omitted].filter((name) => name !== "").join(",");
    const flag = left === "" ? "" : ` --without "${left}"`;
    const { flag: kindFlag } = this.#kind;
    console.log(`\nnpm run sim --${kindFlag} --seed ${seed} --steps ${this.#steps}${flag}`);
  }

  /** What the seed fails in the same way without, one after the other. */
  async #needless(seed: number, sort: string): Promise<Set<string>> {
    const omitted = new Set(without);
    for (const name of this.#kind.switches) {
      const candidate = new Set(omitted).add(name);
      const { failure } = await this.#kind.live(seed, this.#steps, candidate);
      if (failure !== undefined && sortOf(failure) === sort) omitted.add(name);
    }
    return omitted;
  }
}

/** Which promise was broken: what comes before the facts of this life. */
function sortOf(failure: Error): string {
  return failure.message.split(":", 1)[0] as string;
}

const single = values.log ? nodeWithLog : oneNode;
const kinds = values.both ? [oneNode, cluster] : [values.cluster ? cluster : single];
const isTimed = values.minutes !== undefined;
const secondsMax = isTimed ? (Number(values.minutes) * 60) / kinds.length : Infinity;
const seedsMax = isTimed ? Infinity : integer(values.seeds, SEEDS_DEFAULT);
for (const kind of kinds) {
  const run = new Run(kind);
  const isWell =
    values.seed === undefined
      ? await run.liveMany(integer(values.from, 0), seedsMax, secondsMax)
      : await run.liveMany(integer(values.seed, 0), 1, Infinity);
  if (!isWell) process.exitCode = 1;
}
