/**
 * The start of a node with a log: what is on the disk comes back to memory, before anybody is served.
 *
 *   our log -> the memory goes on or is new -> the first segment of this process -> files to be imported
 *
 * Clients may ask meanwhile how far it is; the bus is not open yet. It is also where the recipe for planned
 * restarts of a server that keeps no log ends (aof-enqueue-jobs-once).
 */
import { resolve } from "node:path";
import type { CommandHost } from "../../commands/command-host.ts";
import type { Config } from "../../config/config.ts";
import type { Host } from "../../core/host.ts";
import { Replay } from "../../journal/replay.ts";
import { systemErrorCode, systemErrorText } from "../system-error.ts";
import { importReferenceAofs } from "./import-aof.ts";
import type { LogFolder } from "./log-folder.ts";
import { type LoadedLog, LogStart, nothingLoaded } from "./log-start.ts";
import { syncAlone, writeAlone } from "./lone-sync.ts";
import type { NodeLog } from "./node-log.ts";

/** What loading needs. */
export interface LoadLogParts {
  readonly nodeLog: NodeLog;
  readonly config: Config;
  /** No turn reads its clocks meanwhile, unless a client asks. */
  readonly host: Host & CommandHost & { refresh(): void };
  /** Absolute paths of the reference's files to be imported. */
  readonly imports: readonly string[];
  /** Ids that the node had before it was reset. */
  readonly formerIds: readonly string[];
  /** The jobs are there; called before anything is written. */
  readonly loaded: (log: LoadedLog) => void;
}

/** Loads what there is. Rejects with an Error in words: the server must not start then. */
export async function loadLog(parts: LoadLogParts): Promise<void> {
  const { nodeLog, config } = parts;
  const { folder, broker } = nodeLog.parts;
  const { settings } = config;
  const isWanted = settings.appendonly || settings["aof-enqueue-jobs-once"];
  const start = new LogStart({
    ...nodeLog.parts,
    makeReplay: () => new Replay(nodeLog.parts),
    nodeId: broker.nodeId,
    formerIds: parts.formerIds,
    acceptsTorn: settings["aof-load-truncated"],
  });
  nodeLog.loading = progressOf(start, parts.host.wallMs);
  try {
    const loaded = isWanted ? await start.load() : nothingLoaded;
    parts.host.refresh();
    parts.loaded(loaded);
    if (settings.appendonly) nodeLog.begin(loaded);
    else leaveBehind(folder);
    await importFiles(parts, isWanted);
    if (settings["aof-enqueue-jobs-once"]) forgetOnce(parts, loaded);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    const reason = systemErrorText(error);
    throw new Error(`cannot use the log in ${folder.path}: ${reason}`, { cause: error });
  } finally {
    nodeLog.loading = undefined;
  }
  parts.host.refresh();
}

/** How far a start is, in words. */
export function progressText(loading: NodeLog["loading"]): string {
  if (loading === undefined || loading.totalBytes === 0) return "Starting";
  return `Loading the log: ${Math.floor((100 * loading.loadedBytes) / loading.totalBytes)} %`;
}

/**
 * The server goes on without its log, which will not tell how the story went on: a later start must not
 * take it for current. Throws, and nobody is served, when that cannot be noted.
 */
function leaveBehind(folder: LogFolder): void {
  if (!folder.exists()) return;
  const manifest = folder.manifest();
  if (manifest?.state === "on") folder.setManifest({ ...manifest, state: "off" });
}

function progressOf(start: LogStart, startedWallMs: number): NodeLog["loading"] {
  return {
    startedWallMs,
    get totalBytes() {
      return start.loader?.totalBytes ?? 0;
    },
    get loadedBytes() {
      return start.loader?.loadedBytes ?? 0;
    },
  };
}

function importFiles(parts: LoadLogParts, isWanted: boolean): Promise<void> {
  const { nodeLog, config, host, imports } = parts;
  const { broker, log, folder } = nodeLog.parts;
  const { settings } = config;
  return importReferenceAofs({
    broker,
    host,
    log,
    folder: folder.path,
    asked: imports,
    found: isWanted ? resolve(settings.appendfilename) : "",
    loadsTruncated: settings["aof-load-truncated"],
    enqueuesJobs: settings["aof-enqueue-jobs-once"],
    isLogged: nodeLog.isOn,
    persist: () => writeAlone(nodeLog),
    sync: () => syncAlone(nodeLog),
  });
}

/** It was for this start: also in the file, where it would otherwise be found at the next one. */
function forgetOnce({ nodeLog, config, host }: LoadLogParts, { manifest }: LoadedLog): void {
  const { log } = nodeLog.parts;
  if (manifest === undefined && !config.settings.appendonly) {
    log.warning("aof-enqueue-jobs-once is set, and there is no log to load");
  }
  config.set([["aof-enqueue-jobs-once", "no"]]);
  if (host.facts.configFile === "") return;
  const found = host.readConfigFile();
  const reason = "error" in found ? found.error : host.writeConfigFile(config.rewrite(found.text));
  if (reason !== undefined) {
    log.warning("aof-enqueue-jobs-once was not switched off in the configuration file", { reason });
  }
}
