/**
 * `ringq latency`: how long the server takes to answer a PING, over the network between.
 *
 * A PING every few milliseconds, one at a time; every round shows what its own PINGs took, and the last
 * line all of them. On a terminal the present round is one line that is written anew.
 */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { Connection } from "../client/connection.ts";
import { countText, microsText } from "./figures.ts";
import { numberOption } from "./number-option.ts";
import { Interrupt, type RoundsArguments, withRounds } from "./rounds.ts";
import { subcommand } from "./subcommand.ts";
import { canRedraw, paint, printLine } from "./terminal.ts";

const PING_EVERY_MS = 10;
const REDRAW_EVERY_MS = 200;
const WIDTH = 10;
const TITLES = ["pings", "min ms", "mean ms", "p50 ms", "p99 ms", "p99.9 ms", "max ms"];

interface LatencyArguments extends RoundsArguments {
  readonly every: number;
}

/** The subcommand. */
export const latency = subcommand<LatencyArguments>({
  command: "latency",
  describe: "Round trip times of PING in milliseconds",
  builder: (parser) =>
    withRounds(parser, 5).option(
      "every",
      numberOption("--every", {
        describe: "Milliseconds between PINGs",
        default: PING_EVERY_MS,
        min: 1,
        max: 60_000,
        isWhole: false,
      }),
    ) as never,
  run: async (target, given) => {
    const connection = await Connection.open(target);
    const interrupt = new Interrupt();
    const all = createHistogram();
    try {
      await connection.ask("PING");
      printLine(paint("bold", TITLES.map((title) => title.padStart(WIDTH)).join(" ")));
      for (let round = 0; given.rounds === 0 || round < given.rounds; round++) {
        all.add(await measure(connection, given, interrupt));
        if (interrupt.isPressed) break;
      }
    } finally {
      interrupt.release();
      connection.close();
    }
    if (given.rounds !== 1) printLine(`${lineOf(all)}  in all`);
    return 0;
  },
});

/** One round. */
async function measure(
  connection: Connection,
  { interval, every }: LatencyArguments,
  interrupt: Interrupt,
): Promise<RecordableHistogram> {
  const histogram = createHistogram();
  const startMs = performance.now();
  let drawnMs = startMs;
  while (!interrupt.isPressed && performance.now() - startMs < interval * 1000) {
    const sentMs = performance.now();
    await connection.ask("PING");
    const nowMs = performance.now();
    histogram.record(Math.max(1, Math.round((nowMs - sentMs) * 1e6)));
    if (canRedraw() && nowMs - drawnMs >= REDRAW_EVERY_MS) {
      process.stdout.write(`\r${lineOf(histogram)}\x1b[K`);
      drawnMs = nowMs;
    }
    await interrupt.sleep(every);
  }
  process.stdout.write(
    `${canRedraw() ? "\r" : ""}${lineOf(histogram)}${canRedraw() ? "\x1b[K" : ""}\n`,
  );
  return histogram;
}

function lineOf(histogram: RecordableHistogram): string {
  const { min, mean, max } = histogram;
  const nanos = [min, mean, ...[50, 99, 99.9].map((p) => histogram.percentile(p)), max];
  const isEmpty = histogram.count === 0;
  const cells = nanos.map((each) => microsText(isEmpty ? Number.NaN : each / 1000));
  return [countText(histogram.count), ...cells].map((cell) => cell.padStart(WIDTH)).join(" ");
}
