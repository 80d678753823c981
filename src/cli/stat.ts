/**
 * `ringq stat`: one line of figures every second, as vmstat does.
 *
 * Rates are what counters of the server grew by since the line before; the first line has none. After a lost
 * connection it goes on when the server is back, and says so.
 */
import { Connection } from "../client/connection.ts";
import { ConnectionError } from "../client/connection-error.ts";
import { type InfoFields, readInfo } from "../client/info.ts";
import type { Target } from "../client/target.ts";
import { countText, rateText, sizeText } from "./figures.ts";
import { type RoundsArguments, runRounds, withRounds } from "./rounds.ts";
import { subcommand } from "./subcommand.ts";
import { complain, isTerminal, paint, printLine, rows } from "./terminal.ts";

/** One column: its title, its width, and its text from this look and the one before. */
interface StatColumn {
  readonly title: string;
  readonly width: number;
  readonly text: (now: InfoFields, before: InfoFields | undefined, seconds: number) => string;
}

/** Titles are repeated so that one always sees them; in a pipe they come once. */
const REPEAT_ROWS_MAX = 25;

const count = (title: string, width: number, name: string): StatColumn => ({
  title,
  width,
  text: (now) => countText(now.number(name)),
});
const rate = (title: string, name: string): StatColumn => ({
  title,
  width: 9,
  text: (now, before, seconds) =>
    before === undefined ? "-" : rateText((now.number(name) - before.number(name)) / seconds),
});

const statColumns: readonly StatColumn[] = [
  count("queued", 11, "jobs_queued"),
  count("active", 10, "jobs_active"),
  count("queues", 8, "registered_queues"),
  rate("added/s", "total_jobs_added"),
  rate("given/s", "total_jobs_delivered"),
  rate("acked/s", "total_jobs_acknowledged"),
  rate("again/s", "total_jobs_redelivered"),
  rate("cmds/s", "total_commands_processed"),
  { title: "memory", width: 8, text: (now) => sizeText(now.number("used_memory")) },
  count("clients", 7, "connected_clients"),
  count("blocked", 7, "blocked_clients"),
];

/** The subcommand. */
export const stat = subcommand<RoundsArguments>({
  command: "stat",
  describe: "One line of figures every second",
  builder: (parser) => withRounds(parser),
  run: async (target, given) => {
    const watch = new Watch(await Connection.open(target), target);
    try {
      await runRounds(given, (round) => watch.show(round));
    } finally {
      watch.close();
    }
    return 0;
  },
});

/** What was seen last. */
class Watch {
  readonly #target: Target;
  #connection: Connection;
  #before: InfoFields | undefined;
  #beforeMs = 0;
  #lines = 0;

  constructor(connection: Connection, target: Target) {
    this.#connection = connection;
    this.#target = target;
  }

  async show(round: number): Promise<void> {
    const now = await this.#look(round);
    if (now === undefined) return;
    const nowMs = performance.now();
    const before = this.#before?.text("run_id") === now.text("run_id") ? this.#before : undefined;
    const seconds = (nowMs - this.#beforeMs) / 1000;
    const every = isTerminal() ? Math.min(REPEAT_ROWS_MAX, Math.max(2, rows() - 1)) : Infinity;
    if (this.#lines === 0 || this.#lines % every === 0) {
      printLine(paint("bold", lineOf(statColumns.map(({ title }) => title))));
    }
    printLine(lineOf(statColumns.map(({ text }) => text(now, before, seconds))));
    this.#lines++;
    this.#before = now;
    this.#beforeMs = nowMs;
  }

  close(): void {
    this.#connection.close();
  }

  /** Undefined: not now; it was said why. The first look must succeed. */
  async #look(round: number): Promise<InfoFields | undefined> {
    try {
      if (!this.#connection.isOpen) this.#connection = await Connection.open(this.#target);
      return await readInfo(this.#connection);
    } catch (error) {
      if (round === 0 || !(error instanceof ConnectionError)) throw error;
      complain(error.message);
      return undefined;
    }
  }
}

function lineOf(cells: readonly string[]): string {
  return cells.map((cell, at) => cell.padStart(statColumns[at]?.width ?? 0)).join(" ");
}
