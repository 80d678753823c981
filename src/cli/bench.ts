/**
 * `ringq bench`: how many jobs a second go in, and how many go in, out and are acknowledged.
 *
 * The load generator is the one the project measures itself with. It works in this process, on a queue of
 * its own that is emptied in the end; generator and server share the machine unless they are on two, so
 * compare only what was measured alike.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "../client/connection.ts";
import { cycle } from "../client/load/cycle.ts";
import { drain } from "../client/load/drain.ts";
import { fill } from "../client/load/fill.ts";
import { LoadWatch } from "../client/load/load-watch.ts";
import type { DrainPlan, LoadResult } from "../client/load/plan.ts";
import type { Target } from "../client/target.ts";
import { FailedError } from "./cli-error.ts";
import type { ConnectionArguments } from "./connection-options.ts";
import { countText, microsText } from "./figures.ts";
import { numberOption } from "./number-option.ts";
import { Progress } from "./progress.ts";
import { Interrupt } from "./rounds.ts";
import { subcommand } from "./subcommand.ts";
import { type TableColumn, tableLines } from "./table.ts";
import { complain, printLine } from "./terminal.ts";

const WARM_UP_SECONDS = 0.5;
const RETURN_MS = 300;
const REDRAW_EVERY_MS = 100;
/** What cannot be taken out again in the end does not stay for long. */
const TTL_SECONDS = 900;
const DRAIN_CONNECTIONS = 4;
const DRAIN_COUNT = 100;
/** Exit code after Ctrl-C, as shells have it. */
const EXIT_INTERRUPTED = 130;

interface BenchArguments extends ConnectionArguments {
  readonly jobs: number;
  readonly seconds: number;
  readonly clients: number;
  readonly pipeline: number;
  readonly count: number;
  readonly body: number;
  readonly replicate?: number | undefined;
}

const whole = (name: string, describe: string, standard: number, max: number, min = 1) =>
  numberOption(`--${name}`, { describe, default: standard, min, max, isWhole: true });

/** The subcommand. */
export const bench = subcommand<BenchArguments>({
  command: "bench",
  describe: "Measure how fast jobs go in, and through",
  builder: (parser) =>
    parser.options({
      jobs: whole("jobs", "Jobs to add first, as fast as possible", 100_000, 100_000_000),
      seconds: numberOption("--seconds", {
        describe: "How long jobs then go in and out at the same time",
        default: 5,
        min: 0.1,
        max: 86_400,
        isWhole: false,
      }),
      clients: whole("clients", "Producers, and as many consumers", 10, 10_000),
      pipeline: whole("pipeline", "Requests in flight of each", 16, 10_000),
      count: whole("count", "Jobs a consumer takes at a time", 10, 4096),
      body: whole("body", "Bytes of a job", 100, 64 << 20, 0),
      replicate: numberOption("--replicate", {
        describe: "Copies of every job; as the server likes unless given",
        min: 1,
        max: 65_535,
        isWhole: true,
      }),
    }) as never,
  run: async (target, given) => {
    // It must be there, and let us in, before anything is measured.
    (await Connection.open(target)).close();
    const queue = `ringq-bench-${randomBytes(8).toString("hex")}`;
    const interrupt = new Interrupt();
    try {
      return await measure(target, given, queue, interrupt);
    } finally {
      interrupt.release();
    }
  },
});

async function measure(
  target: Target,
  given: BenchArguments,
  queue: string,
  interrupt: Interrupt,
): Promise<number> {
  const { jobs, seconds, clients, pipeline, count, body, replicate } = given;
  // Without a limit for replies: a consumer waits for jobs as long as there are none.
  const { replyTimeoutMs: _limit, ...patient } = target;
  const copies = replicate === undefined ? [] : ["REPLICATE", `${replicate}`];
  const addOptions = ["TTL", `${TTL_SECONDS}`, ...copies];
  const server = { dialect: "disque", port: 0, target: patient, serverPids: [], queue } as const;
  const common = { ...server, addOptions, bodyBytes: body, connections: clients, pipeline, count };
  const rows: string[][] = [];
  try {
    const add = new LoadWatch();
    const added = await watched(
      fill({ ...common, kind: "fill", jobs }, add),
      add,
      interrupt,
      (done) => ({
        share: done / jobs,
        text: `adding: ${countText(done)} of ${countText(jobs)} jobs`,
      }),
    );
    rows.push(rowOf("added", added));
    const startMs = performance.now();
    const through = new LoadWatch();
    const plan = { ...common, kind: "cycle", warmUpSeconds: WARM_UP_SECONDS, seconds } as const;
    const cycled = await watched(cycle(plan, through), through, interrupt, (done) => ({
      share: (performance.now() - startMs) / 1000 / (seconds + WARM_UP_SECONDS),
      text: `adding, taking, acknowledging: ${countText(done)} jobs`,
    }));
    rows.push(rowOf("added, taken, acknowledged", cycled));
  } catch (error) {
    if (!interrupt.isPressed)
      throw new FailedError(error instanceof Error ? error.message : String(error));
  } finally {
    await empty({ ...common, kind: "drain", connections: DRAIN_CONNECTIONS, count: DRAIN_COUNT });
  }
  const title = `${clients} clients, pipeline ${pipeline}, COUNT ${count}, ${body} bytes a job`;
  printLine(`${title}; latencies of a write of ${pipeline} ADDJOB`);
  for (const line of tableLines(columns, rows)) printLine(line);
  return interrupt.isPressed ? EXIT_INTERRUPTED : 0;
}

const columns: readonly TableColumn[] = [
  { title: "JOBS", align: "left" },
  ...["JOBS/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms"].map(
    (title): TableColumn => ({ title, align: "right" }),
  ),
];

function rowOf(name: string, { operations, seconds, latencies }: LoadResult): string[] {
  const { p50, p99, p999, max } = latencies.batch ?? { p50: NaN, p99: NaN, p999: NaN, max: NaN };
  return [name, countText(operations / seconds), ...[p50, p99, p999, max].map(microsText)];
}

/** The load's result, with its progress shown; Ctrl-C ends it. */
async function watched(
  load: Promise<LoadResult>,
  watch: LoadWatch,
  interrupt: Interrupt,
  describe: (done: number) => { share: number; text: string },
): Promise<LoadResult> {
  const progress = new Progress();
  const onPress = (): void => watch.stop();
  interrupt.signal.addEventListener("abort", onPress, { once: true });
  const timer = setInterval(() => {
    const { share, text } = describe(watch.done);
    progress.show(share, text);
  }, REDRAW_EVERY_MS);
  try {
    return await load;
  } finally {
    clearInterval(timer);
    interrupt.signal.removeEventListener("abort", onPress);
    progress.end();
  }
}

/** Takes what is left. What is out with a consumer that was cut off goes with its TTL. */
async function empty(plan: DrainPlan): Promise<void> {
  // Jobs that were on their way to consumers are back by then.
  await sleep(RETURN_MS);
  try {
    await drain(plan);
  } catch {
    complain(`queue ${plan.queue} could not be emptied; its jobs expire within ${TTL_SECONDS} s`);
  }
}
