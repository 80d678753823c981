/**
 * `ringq tail QUEUE`: the newest jobs of a queue on all nodes, without taking them.
 *
 * With `-f` it goes on with those that come, looking every second; a job that comes and is taken between two
 * looks is not seen. Nothing changes by looking: no lease, no counter.
 */
import type { Argv } from "yargs";
import { Cluster } from "../client/cluster.ts";
import { bytesOf, checked, listOf, textOf } from "../client/reply.ts";
import { quoted } from "./formats/quoted.ts";
import { numberOption } from "./number-option.ts";
import { type RoundsArguments, runRounds, withRounds } from "./rounds.ts";
import { subcommand } from "./subcommand.ts";
import { cutTo } from "./table.ts";
import { columns, isTerminal, paint, printLine } from "./terminal.ts";

/** Newest jobs looked at in a round of `-f`, at least. */
const LOOK_COUNT = 1000;
/** Ids that are remembered as shown; older ones are out of sight by then. */
const SHOWN_MAX = 100_000;

interface TailArguments extends RoundsArguments {
  readonly queue: string;
  readonly lines: number;
  readonly follow?: boolean | undefined;
  readonly json?: boolean | undefined;
}

interface SeenJob {
  readonly id: string;
  readonly body: Buffer;
}

/** The subcommand. */
export const tail = subcommand<TailArguments>({
  command: "tail <queue>",
  describe: "The newest jobs of a queue, without taking them",
  builder: (parser) =>
    withRounds(parser as Argv)
      .positional("queue", { type: "string", describe: "The queue", demandOption: true })
      .options({
        lines: numberOption("-n", {
          describe: "Jobs to begin with",
          alias: "n",
          default: 10,
          min: 0,
          max: 1_000_000,
          isWhole: true,
        }),
        follow: { type: "boolean", alias: "f", describe: "Go on with those that come" },
        json: { type: "boolean", describe: "One line of JSON for each job" },
      }) as never,
  run: async (target, given) => {
    const cluster = await Cluster.open(target);
    const shown = new Set<string>();
    try {
      const isFollowing = given.follow === true;
      const first = await newest(cluster, given.queue, isFollowing ? LOOK_COUNT : given.lines);
      for (const { id } of first) shown.add(id);
      const start = given.lines === 0 ? [] : first.slice(-given.lines);
      for (const job of start) print(job, given.json === true);
      if (!isFollowing) return 0;
      await runRounds(given, async (round) => {
        if (round === 0) return;
        await cluster.refresh();
        for (const job of await newest(cluster, given.queue, LOOK_COUNT)) {
          if (!shown.has(job.id)) print(job, given.json === true);
          remember(shown, job.id);
        }
      });
    } finally {
      cluster.close();
    }
    return 0;
  },
});

/** The newest jobs of all nodes, oldest first, as far as nodes let compare; each once. */
async function newest(cluster: Cluster, queue: string, count: number): Promise<SeenJob[]> {
  const pages = await Promise.all(
    cluster.connections.map((connection) => connection.call("QPEEK", queue, -count)),
  );
  const seen = new Map<string, SeenJob>();
  for (const page of pages) {
    for (const job of listOf(checked(page)).reverse()) {
      const [, id, body] = listOf(job);
      seen.set(textOf(id), { id: textOf(id), body: bytesOf(body) });
    }
  }
  return [...seen.values()];
}

function remember(shown: Set<string>, id: string): void {
  shown.add(id);
  if (shown.size <= SHOWN_MAX) return;
  for (const oldest of shown) {
    shown.delete(oldest);
    break;
  }
}

function print({ id, body }: SeenJob, isJson: boolean): void {
  if (isJson) {
    printLine(JSON.stringify({ id, body: body.toString("utf8") }));
    return;
  }
  const room = Math.max(10, columns() - id.length - 2);
  const text = isTerminal() ? cutTo(quoted(body), room) : quoted(body);
  printLine(`${paint("dim", id)}  ${text}`);
}
