/**
 * `ringq check-log [--repair] [PATH...]`: what is in a log, what is damaged, and a mended copy of it.
 *
 * A PATH is a data directory or the folder of its log, a single segment, or an append-only file of Disque.
 * Looking changes nothing and is allowed while a server runs, whose last segment may end in the middle of
 * a block then. Repairing takes the lock of the data directory.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { CommandModule } from "yargs";
import { Config, defaultState } from "../config/config.ts";
import { bootId } from "../io/boot-id.ts";
import { DataLockedError, lockDataFolder } from "../io/data-lock.ts";
import { LOG_FOLDER } from "../io/log/log-folder.ts";
import { systemErrorText } from "../io/system-error.ts";
import { SEGMENT_MAGIC } from "../journal/log-format.ts";
import { checkAof } from "./checked-aof.ts";
import { checkFolder, checkSingleSegment, logFolderOf } from "./checked-log.ts";
import { EXIT_NOT_WELL, EXIT_OK, EXIT_TROUBLE } from "./exit-codes.ts";

/** What the command was given. */
interface CheckLogArguments {
  readonly paths: string[];
  readonly repair: boolean;
  readonly "nodes-file": string;
}

/** What is asked of a checker. */
export interface CheckRequest {
  readonly repair: boolean;
  /** Which names the node whose log it is; absolute. */
  readonly nodesFile: string;
  /** Of the machine now. */
  readonly bootId: string;
}

/** What looking at one path came to: prints as it goes, true: everything is whole, at the end at least. */
export type Checker = (
  path: string,
  request: CheckRequest,
  print: (line: string) => void,
) => boolean;

/** The subcommand. */
export const checkLog: CommandModule<object, CheckLogArguments> = {
  command: "check-log [paths..]",
  describe: "Check a log, or an append-only file of Disque, and repair it",
  builder: (parser) =>
    parser
      .positional("paths", {
        describe: "Data directories, folders of logs, segments, or append-only files of Disque",
        type: "string",
        array: true,
        default: ["."],
      })
      .option("repair", {
        describe: "Keep what is whole; the damaged file stays beside it, as FILE.damaged",
        type: "boolean",
        default: false,
      })
      .option("nodes-file", {
        describe: "The nodes file, from the data directory on (cluster-config-file)",
        type: "string",
        default: new Config(defaultState()).settings["cluster-config-file"],
      }),
  handler: async ({ paths, ...given }) => {
    let exitCode = EXIT_OK;
    for (const path of paths) exitCode = Math.max(exitCode, await checkPath(resolve(path), given));
    process.exitCode = exitCode;
  },
};

async function checkPath(
  path: string,
  { repair, "nodes-file": nodesName }: Omit<CheckLogArguments, "paths">,
): Promise<number> {
  try {
    const { checker, dataFolder } = recognise(path);
    const nodesFile = resolve(dataFolder, nodesName);
    const lock = repair ? await lockDataFolder(dataFolder, { onWait: complain }) : undefined;
    try {
      return checker(path, { repair, nodesFile, bootId: bootId() }, print)
        ? EXIT_OK
        : EXIT_NOT_WELL;
    } finally {
      lock?.release();
    }
  } catch (error) {
    const hint =
      error instanceof DataLockedError ? "; a log can be repaired when no server uses it" : "";
    complain(`${path}: ${systemErrorText(error)}${hint}`);
    return EXIT_TROUBLE;
  }
}

/** What kind of log lies there, and which folder a server with it would lock. */
function recognise(path: string): { checker: Checker; dataFolder: string } {
  if (statSync(path).isDirectory()) {
    const folder = logFolderOf(path);
    if (folder === undefined) throw new Error("there is no log in this folder");
    const isInside = folder === path && basename(path) === LOG_FOLDER;
    return { checker: checkFolder, dataFolder: isInside ? dirname(path) : path };
  }
  const folder = dirname(path);
  const isSegment = path.endsWith(".rql") || beginsWith(path, SEGMENT_MAGIC);
  if (!isSegment) return { checker: checkAof, dataFolder: folder };
  const dataFolder = basename(folder) === LOG_FOLDER ? dirname(folder) : folder;
  return { checker: checkSingleSegment, dataFolder };
}

function beginsWith(path: string, start: Buffer): boolean {
  const found = Buffer.alloc(start.length);
  const file = openSync(path, "r");
  try {
    return readSync(file, found) === start.length && found.equals(start);
  } finally {
    closeSync(file);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}
