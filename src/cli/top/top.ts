/**
 * `ringq top`: all queues of the cluster, looked at every second, the most important first.
 *
 * On a terminal it fills the screen, and keys change what is shown; elsewhere it prints one picture after
 * the other.
 */
import type { Cluster } from "../../client/cluster.ts";
import { ConnectionError } from "../../client/connection-error.ts";
import { type RoundsArguments, runRounds, withRounds } from "../rounds.ts";
import { Screen } from "../screen.ts";
import { subcommand } from "../subcommand.ts";
import { paint, printLine, rows } from "../terminal.ts";
import { nodeLines, queueLines, SORT_KEYS, type SortKey, sorted, summaryLine } from "./frame.ts";
import { type Look, lookAt, openForLooks } from "./observation.ts";
import { withOldest } from "./oldest.ts";
import { queueRows } from "./queue-rows.ts";

/** Queues in a picture that nobody looks at. */
const ROWS_PLAIN_MAX = 1000;
const KEYS = "q quits, s sorts by the next column, n shows nodes apart";

interface TopArguments extends RoundsArguments {
  readonly sort: SortKey;
  readonly nodes?: boolean | undefined;
}

/** The subcommand. */
export const top = subcommand<TopArguments>({
  command: "top",
  describe: `Live table of all queues of the cluster; ${KEYS}`,
  builder: (parser) =>
    withRounds(parser).options({
      sort: { choices: SORT_KEYS, default: "depth", describe: "What to sort queues by" },
      nodes: { type: "boolean", describe: "One row for each queue on each node" },
    }) as never,
  run: async (target, given) => {
    const cluster = await openForLooks(target);
    const view = new View(cluster, given);
    try {
      await view.run(given);
    } finally {
      cluster.close();
    }
    return 0;
  },
});

class View {
  readonly #cluster: Cluster;
  readonly #screen = Screen.ifTerminal();
  #sort: SortKey;
  #isByNode: boolean;
  #before: Look | undefined;
  #now: Look | undefined;

  constructor(cluster: Cluster, { sort, nodes }: TopArguments) {
    this.#cluster = cluster;
    this.#sort = sort;
    this.#isByNode = nodes === true;
  }

  async run(given: TopArguments): Promise<void> {
    if (this.#screen === undefined) {
      // One look more than pictures: without one before there are no rates.
      const isFirst = (round: number): boolean => round === 0;
      const rounds = given.rounds === 0 ? 0 : given.rounds + 1;
      await runRounds({ ...given, rounds }, async (round) => {
        await this.#look();
        if (!isFirst(round)) printLine(`${(await this.#frame(ROWS_PLAIN_MAX)).join("\n")}\n`);
      });
      return;
    }
    const screen = this.#screen;
    screen.open((key) => this.#onKey(key));
    try {
      await runRounds(given, async () => {
        await this.#look();
        await this.#draw();
      });
    } finally {
      screen.close();
    }
  }

  async #look(): Promise<void> {
    try {
      const look = await lookAt(this.#cluster);
      this.#before = this.#now;
      this.#now = look;
    } catch (error) {
      // Nobody answers any more; the next round tries again.
      if (!(error instanceof ConnectionError) || this.#now === undefined) throw error;
      this.#now = silenced(this.#now, error.message);
    }
  }

  async #draw(): Promise<void> {
    this.#screen?.show(await this.#frame(rows()));
  }

  async #frame(rowsMax: number): Promise<string[]> {
    const now = this.#now;
    if (now === undefined) return [];
    const title = `${paint("bold", "ringq top")}  ${summaryLine(now, this.#sort)}`;
    const nodes = nodeLines(now, this.#before);
    // Title, two empty lines, the titles of the queues, and the last line, where the cursor is.
    const room = Math.max(1, rowsMax - nodes.length - 5);
    const rowsShown = sorted(queueRows(now, this.#before, this.#isByNode), this.#sort);
    const queues = queueLines(await withOldest(rowsShown.slice(0, room), now), this.#isByNode);
    return [title, "", ...nodes, "", ...queues];
  }

  #onKey(key: string): void {
    if (key === "s") {
      const next = (SORT_KEYS.indexOf(this.#sort) + 1) % SORT_KEYS.length;
      this.#sort = SORT_KEYS[next] ?? "depth";
    } else if (key === "n") this.#isByNode = !this.#isByNode;
    else return;
    void this.#draw().catch(() => undefined);
  }
}

function silenced(look: Look, problem: string): Look {
  return {
    ...look,
    nodes: look.nodes.map((node) => ({ ...node, connection: undefined, info: undefined, problem })),
  };
}
