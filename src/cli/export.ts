/**
 * `ringq export`: all jobs of the cluster as lines of JSON, for a backup or to move them.
 *
 * Every node is gone through, and a job that several have is written once. It is no snapshot: what is added,
 * taken or moved meanwhile may be missing, so a backup that must be complete needs producers and consumers
 * to be paused. Nothing is changed.
 */
import { once } from "node:events";
import { createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import type { Writable } from "node:stream";
import { Cluster } from "../client/cluster.ts";
import { nodeAddress } from "../client/cluster-nodes.ts";
import type { Connection } from "../client/connection.ts";
import { ConnectionError, ServerError } from "../client/connection-error.ts";
import { pairsOf, textOf } from "../client/reply.ts";
import { scanPages } from "../client/scans.ts";
import { systemErrorText } from "../io/system-error.ts";
import { EXIT_SERVER, FailedError, InputError } from "./cli-error.ts";
import type { ConnectionArguments } from "./connection-options.ts";
import { countText } from "./figures.ts";
import { exportedLine } from "./job-lines.ts";
import { Progress } from "./progress.ts";
import { serverTimeMs } from "./queue-figures.ts";
import { subcommand } from "./subcommand.ts";
import { complain } from "./terminal.ts";

/** Acknowledged jobs are remembered for a while; they are none any more. */
const STATES = ["wait-repl", "active", "queued"].flatMap((state) => ["STATE", state]);

interface ExportArguments extends ConnectionArguments {
  readonly queue?: string | undefined;
  readonly output?: string | undefined;
}

/** The subcommand. */
export const exportJobs = subcommand<ExportArguments>({
  command: "export",
  describe: "All jobs of the cluster as lines of JSON; nothing is changed",
  builder: (parser) =>
    parser.options({
      queue: { type: "string", requiresArg: true, describe: "Only jobs of this queue" },
      output: {
        type: "string",
        alias: "o",
        requiresArg: true,
        describe: "File to write, which must not exist; standard output unless given",
      },
    }) as never,
  run: async (target, { queue, output }) => {
    if (output !== undefined && existsSync(output))
      throw new InputError(`${output} exists already`);
    const cluster = await Cluster.open(target);
    const partial = `${output}.partial`;
    try {
      if (output === undefined) return await exportTo(process.stdout, cluster, queue);
      const file = createWriteStream(partial, { mode: 0o600 });
      const failed = once(file, "error").then(([error]) => {
        throw new FailedError(`cannot write ${partial}: ${systemErrorText(error)}`);
      });
      const exitCode = await Promise.race([exportTo(file, cluster, queue), failed]);
      await Promise.race([new Promise<void>((resolve) => file.end(resolve)), failed]);
      renameSync(partial, output);
      return exitCode;
    } catch (error) {
      // Half an export must not be taken for a whole one.
      if (output !== undefined) rmSync(partial, { force: true });
      throw error;
    } finally {
      cluster.close();
    }
  },
});

/**
 * Writes all lines. Resolves with 1 when a node could not be asked, or not to its end, which is said; rejects with
 * the reason when that is so of all.
 */
export async function exportTo(
  out: Writable,
  cluster: Cluster,
  queue: string | undefined,
): Promise<number> {
  let asked = 0;
  let failure: unknown;
  const task = new ExportTask(out, cluster.members.length > 1);
  const progress = new Progress();
  for (const { node, connection, problem } of cluster.members) {
    try {
      if (connection === undefined) throw new ConnectionError(problem);
      await task.node(connection, queue, () =>
        progress.show(undefined, `${countText(task.written)} jobs`),
      );
      asked++;
    } catch (error) {
      if (!(error instanceof ConnectionError || error instanceof ServerError)) throw error;
      complain(`${nodeAddress(node)} was left out: ${error.message}`);
      failure = error;
    }
  }
  progress.end();
  if (asked === 0) throw failure;
  const leftOut =
    task.skipped > 0 ? `, ${countText(task.skipped)} left out: at most once, and handed out` : "";
  complain(`${countText(task.written)} jobs exported${leftOut}`);
  return failure === undefined ? 0 : EXIT_SERVER;
}

class ExportTask {
  written = 0;
  skipped = 0;
  readonly #out: Writable;
  /** Ids of other nodes' jobs; a single node has each job once. */
  readonly #seen: Set<string> | undefined;

  constructor(out: Writable, isCluster: boolean) {
    this.#out = out;
    this.#seen = isCluster ? new Set() : undefined;
  }

  async node(connection: Connection, queue: string | undefined, onPage: () => void): Promise<void> {
    const nowMs = await serverTimeMs(connection);
    const only = queue === undefined ? [] : ["QUEUE", queue];
    const options = [...only, ...STATES, "REPLY", "all"];
    for await (const page of scanPages(connection, "JSCAN", ...options)) {
      for (const each of page) {
        const job = pairsOf(each);
        const id = textOf(job.get("id"));
        if (this.#seen?.has(id)) continue;
        this.#seen?.add(id);
        const line = exportedLine(job, nowMs);
        if (line === undefined) this.skipped++;
        else await this.#write(line);
      }
      onPage();
    }
  }

  async #write(line: string): Promise<void> {
    this.written++;
    if (!this.#out.write(`${line}\n`)) await once(this.#out, "drain");
  }
}
