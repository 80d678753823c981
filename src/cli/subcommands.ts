/**
 * The table of subcommands: names, what they are for, and where they are.
 *
 * Each is loaded when it is asked for: a single command for the server should not wait until all tools are
 * there. Help, README and the choice between ours and the server's commands read the table.
 */
import type { CommandModule } from "yargs";
import { nearest } from "../config/suggest.ts";

/** One row. */
export interface SubcommandRow {
  readonly name: string;
  /** Its arguments in one line, for the overview. */
  readonly usage: string;
  readonly summary: string;
  /** Second words that make it ours; with any other the server's command of that name is meant. */
  readonly actions?: readonly string[];
  readonly load: () => Promise<CommandModule>;
}

/** Actions of `ringq cluster`. */
export const CLUSTER_ACTIONS = ["create", "check", "forget", "drain"] as const;

/** All subcommands, in the order of the help. */
export const subcommandRows: readonly SubcommandRow[] = [
  {
    name: "stat",
    usage: "stat [-i SEC] [-r N]",
    summary: "One line of figures every second",
    load: async () => (await import("./stat.ts")).stat,
  },
  {
    name: "top",
    usage: "top [-i SEC] [-r N] [--sort KEY] [--nodes]",
    summary: "Live table of all queues of the cluster",
    load: async () => (await import("./top/top.ts")).top,
  },
  {
    name: "queues",
    usage: "queues [--limit N] [--json]",
    summary: "Which queues are biggest, have the oldest jobs, or are stuck",
    load: async () => (await import("./queues.ts")).queues,
  },
  {
    name: "tail",
    usage: "tail QUEUE [-n N] [-f]",
    summary: "The newest jobs of a queue, without taking them; -f goes on",
    load: async () => (await import("./tail.ts")).tail,
  },
  {
    name: "latency",
    usage: "latency [-i SEC] [-r N]",
    summary: "Round trip times of PING",
    actions: [],
    load: async () => (await import("./latency.ts")).latency,
  },
  {
    name: "monitor",
    usage: "monitor",
    summary: "Every command of every client",
    actions: [],
    load: async () => (await import("./monitor-command.ts")).monitor,
  },
  {
    name: "bench",
    usage: "bench [--jobs N] [--seconds N] ...",
    summary: "Measure how fast jobs go in, and through",
    load: async () => (await import("./bench.ts")).bench,
  },
  {
    name: "cluster",
    usage: "cluster create HOST:PORT... | check | forget NODE | drain NODE",
    summary: "Join nodes, look whether all is well, remove a node",
    actions: CLUSTER_ACTIONS,
    load: async () => (await import("./cluster/cluster-command.ts")).cluster,
  },
  {
    name: "check-log",
    usage: "check-log [PATH...] [--repair]",
    summary: "What is in a log on this machine, what is damaged, and a mended copy",
    load: async () => (await import("./check-log.ts")).checkLog as unknown as CommandModule,
  },
  {
    name: "export",
    usage: "export [--queue NAME] [--output FILE]",
    summary: "All jobs as lines of JSON",
    load: async () => (await import("./export.ts")).exportJobs,
  },
  {
    name: "import",
    usage: "import [FILE]",
    summary: "Add the jobs of an export",
    load: async () => (await import("./import.ts")).importJobs,
  },
];

/**
 * The row of the subcommand these words stand for; undefined: they are a command for the server. Ours are
 * written in lower case.
 */
export function subcommandFor(words: readonly string[]): SubcommandRow | undefined {
  const [first, second] = words;
  const row = subcommandRows.find(({ name }) => name === first);
  if (row?.actions === undefined || second === undefined || second.startsWith("-")) return row;
  return row.actions.includes(second) ? row : undefined;
}

/**
 * The subcommand that a misspelt word was meant for. Commands of servers have no dash, so only words with one
 * can be judged.
 */
export function meantSubcommand(word: string): string | undefined {
  return word.includes("-")
    ? nearest(
        word,
        subcommandRows.map(({ name }) => name),
      )
    : undefined;
}

/** The README's table, in Markdown. */
export function subcommandTable(): string {
  const rows = subcommandRows.map(({ usage, summary }) => {
    return `| \`ringq ${usage.replaceAll("|", "\\|")}\` | ${summary.replaceAll("|", "\\|")} |`;
  });
  return `| Subcommand | What it does |\n|---|---|\n${rows.join("\n")}\n`;
}
