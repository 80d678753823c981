/**
 * `ringq import [FILE]`: adds the jobs of an export.
 *
 * Everything is read and checked before the first job is added, so a damaged file changes nothing; standard
 * input is kept in a temporary file meanwhile. Lines the server refuses, or did not answer, go to the
 * file of `--rejects`, which can be imported later.
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { isMember, readClusterNodes } from "../client/cluster-nodes.ts";
import { Connection } from "../client/connection.ts";
import { ConnectionError } from "../client/connection-error.ts";
import { ErrorReply } from "../client/reply.ts";
import type { Target } from "../client/target.ts";
import { systemErrorText } from "../io/system-error.ts";
import { EXIT_SERVER, FailedError, InputError } from "./cli-error.ts";
import type { ConnectionArguments } from "./connection-options.ts";
import { countText } from "./figures.ts";
import { type JobLine, parseJobLine } from "./job-lines.ts";
import { Progress } from "./progress.ts";
import { subcommand } from "./subcommand.ts";
import { complain, printLine } from "./terminal.ts";

/** ADDJOBs without an answer at a time; half of what the server allows. */
const IN_FLIGHT_MAX = 512;
const ADD_TIMEOUT_MS = 10_000;
/** Refusals that are shown; the rest is counted. */
const REFUSALS_SHOWN = 10;

interface ImportArguments extends ConnectionArguments {
  readonly file?: string | undefined;
  readonly rejects?: string | undefined;
}

/** The subcommand. */
export const importJobs = subcommand<ImportArguments>({
  command: "import [file]",
  describe: "Add the jobs of an export; with no file, of standard input",
  builder: (parser) =>
    parser
      .positional("file", { type: "string", describe: "The export; - means standard input" })
      .option("rejects", {
        type: "string",
        requiresArg: true,
        describe: "File for lines that were refused or not answered",
      }) as never,
  run: async (target, { file, rejects }) => {
    const isInput = file === undefined || file === "-";
    const folder = isInput ? mkdtempSync(join(tmpdir(), "ringq-import-")) : undefined;
    try {
      const path = folder === undefined ? (file as string) : await keepInput(folder);
      const total = await checkLines(path, isInput ? "standard input" : path);
      return await importFrom(path, total, target, rejects);
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
  },
});

async function keepInput(folder: string): Promise<string> {
  const path = join(folder, "jobs.jsonl");
  await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
  return path;
}

/** How many jobs there are. Throws InputError at the first line that is none. */
async function checkLines(path: string, name: string): Promise<number> {
  let jobs = 0;
  for await (const { number, job } of jobLines(path)) {
    if (typeof job === "string")
      throw new InputError(`${name}, line ${number}: ${job}; nothing was imported`);
    jobs++;
  }
  return jobs;
}

/** The lines that are not empty. Throws InputError when the file cannot be read. */
async function* jobLines(
  path: string,
): AsyncGenerator<{ number: number; text: string; job: JobLine | string }> {
  const input = createReadStream(path);
  const opened = new Promise<void>((resolve, reject) => {
    input.once("open", () => resolve());
    input.once("error", (error) => {
      reject(new InputError(`cannot read ${path}: ${systemErrorText(error)}`));
    });
  });
  await opened;
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (text.trim() !== "") yield { number, text, job: parseJobLine(text) };
  }
}

async function importFrom(
  path: string,
  total: number,
  target: Target,
  rejects: string | undefined,
): Promise<number> {
  const task = await ImportTask.open(target);
  const progress = new Progress();
  try {
    for await (const { number, text, job } of jobLines(path)) {
      if (typeof job === "string") throw new FailedError(`${path} has changed while it was read`);
      await task.add(number, text, job);
      progress.show(task.added / total, `${countText(task.added)} of ${countText(total)} jobs`);
    }
    await task.settle();
  } finally {
    progress.end();
    task.close();
  }
  if (rejects !== undefined && task.refused.length > 0) {
    writeFileSync(rejects, `${task.refused.join("\n")}\n`, { mode: 0o600 });
  }
  printLine(`${countText(task.added)} of ${countText(total)} jobs imported`);
  if (task.refused.length === 0) return 0;
  const where = rejects === undefined ? "" : `; they are in ${rejects}`;
  complain(`${countText(task.refused.length)} jobs were refused or not answered${where}`);
  return EXIT_SERVER;
}

/** Adds jobs, many at a time. */
class ImportTask {
  added = 0;
  /** Their lines. */
  readonly refused: string[] = [];
  readonly #connection: Connection;
  readonly #nodes: number;
  #inFlight = 0;
  #wake: () => void = () => undefined;

  private constructor(connection: Connection, nodes: number) {
    this.#connection = connection;
    this.#nodes = nodes;
  }

  static async open(target: Target): Promise<ImportTask> {
    const connection = await Connection.open(target);
    const nodes = (await readClusterNodes(connection)).filter(isMember);
    return new ImportTask(connection, nodes.length);
  }

  /** Sends a job as soon as not too many are under way. */
  async add(number: number, text: string, job: JobLine): Promise<void> {
    while (this.#inFlight >= IN_FLIGHT_MAX) await this.#change();
    this.#inFlight++;
    void this.#send(number, text, job);
  }

  /** Resolves when everything is answered. */
  async settle(): Promise<void> {
    while (this.#inFlight > 0) await this.#change();
  }

  close(): void {
    this.#connection.close();
  }

  async #send(number: number, text: string, job: JobLine): Promise<void> {
    const refusal = await this.#connection.call(...this.#words(job)).then(
      (reply) => (reply instanceof ErrorReply ? reply.message : undefined),
      (error: unknown) => (error instanceof ConnectionError ? error.message : String(error)),
    );
    if (refusal === undefined) this.added++;
    else {
      this.refused.push(text);
      if (this.refused.length <= REFUSALS_SHOWN) complain(`line ${number}: ${refusal}`);
      else if (this.refused.length === REFUSALS_SHOWN + 1) complain("... more are only counted");
    }
    this.#inFlight--;
    this.#wake();
  }

  #words({ queue, body, ttl, retry, delay, replicate }: JobLine) {
    // A smaller cluster than the one they come from has fewer copies to give.
    const copies = Math.min(replicate, this.#nodes);
    return [
      "ADDJOB",
      queue,
      body,
      ADD_TIMEOUT_MS,
      ...(copies > 0 ? ["REPLICATE", copies] : []),
      ...(delay > 0 ? ["DELAY", delay] : []),
      ...(retry >= 0 ? ["RETRY", retry] : []),
      "TTL",
      ttl,
    ];
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
