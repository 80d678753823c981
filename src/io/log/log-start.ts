/**
 * What a start finds of the log, and brings back from it.
 *
 * The log is read when it is on, or when it was written for this very start (aof-enqueue-jobs-once).
 * Clients may ask how far it is; so it is done in steps, and everybody else waits for the last one.
 */
import type { Job } from "../../core/job.ts";
import { LOG_BEGIN, type LogPosition } from "../../journal/log-position.ts";
import type { FormerPass, Replay } from "../../journal/replay.ts";
import type { Logger } from "../logger.ts";
import type { LogFolder, SegmentSize } from "./log-folder.ts";
import { LogLoadError } from "./log-load-error.ts";
import { LogLoader } from "./log-loader.ts";
import type { Manifest } from "./manifest.ts";

const PROGRESS_MS = 1000;
/** Nobody knows how much was written before the machine stopped. */
export const TAIL_MAY_BE_MISSING =
  "the machine stopped: the last jobs before that may be missing (see appendfsync)";
const HALF_REPAIRED = "a repair of it did not come to its end, and has to be done again";

/** What loading needs. */
export interface LogStartParts {
  readonly folder: LogFolder;
  readonly makeReplay: () => Replay;
  readonly nodeId: string;
  /** Ids that the node had before it was reset: what they have logged is over. */
  readonly formerIds: readonly string[];
  readonly bootId: string;
  readonly acceptsTorn: boolean;
  readonly log: Pick<Logger, "notice" | "warning">;
}

/** What came of it. */
export interface LoadedLog {
  /** Segments that count; none: there was no log. */
  readonly sizes: readonly SegmentSize[];
  readonly manifest: Manifest | undefined;
  /** The incarnation in which the memory began whose log it is; 0: there was none. */
  readonly incarnation: number;
  /** Everything before was on the disk for sure. */
  readonly synced: LogPosition;
  /** Jobs that the log tells otherwise than they are now. */
  readonly differing: readonly Job[];
  /** A rewrite pass that was begun, and may not have been finished. */
  readonly pass: FormerPass | undefined;
  /** Something may be missing that others were told. */
  readonly mayHaveLost: boolean;
}

/** What was not loaded. */
export const nothingLoaded: LoadedLog = {
  sizes: [],
  manifest: undefined,
  incarnation: 0,
  synced: LOG_BEGIN,
  differing: [],
  pass: undefined,
  mayHaveLost: false,
};

/**
 * Whether the memory that others know goes on with what was loaded, and nothing is missing in it that
 * they were told. `incarnation` is the one in which it began, as the nodes file knows it.
 */
export function isMemoryKept(loaded: LoadedLog, incarnation: number): boolean {
  const isThere = loaded.sizes.length > 0 && !loaded.mayHaveLost;
  return isThere && loaded.incarnation === incarnation;
}

/** Tells the cluster what has become of the memory that others know; where nothing was loaded, nothing. */
export function resumeMemory(
  cluster: { resume(memory: "kept" | "empty"): void },
  loaded: LoadedLog,
  incarnation: number,
): void {
  if (loaded.sizes.length === 0) return;
  cluster.resume(isMemoryKept(loaded, incarnation) ? "kept" : "empty");
}

/** The manifest of a log that a start may load, undefined: there is none. Throws an Error with the reason. */
export function manifestToLoad(folder: LogFolder): Manifest | undefined {
  const manifest = folder.manifest();
  if (manifest === undefined && folder.segments().length > 0) {
    throw new LogLoadError(folder.path, undefined, "there are segments and no manifest");
  }
  if (manifest?.state === "repairing") {
    throw new LogLoadError(folder.path, undefined, HALF_REPAIRED);
  }
  return manifest;
}

/** One start. */
export class LogStart {
  /** Set while it loads. */
  loader: LogLoader | undefined;
  readonly #parts: LogStartParts;

  constructor(parts: LogStartParts) {
    this.#parts = parts;
  }

  /** Loads the log, if there is one. Rejects with a LogLoadError when it cannot be used. */
  async load(): Promise<LoadedLog> {
    const { folder } = this.#parts;
    if (!folder.exists()) return nothingLoaded;
    const manifest = manifestToLoad(folder);
    if (manifest === undefined || manifest.state === "new") return { ...nothingLoaded, manifest };
    const replay = this.#parts.makeReplay();
    const { firstSegment } = manifest;
    const isStale = manifest.state === "off";
    this.loader = new LogLoader({ ...this.#parts, replay, firstSegment, isStale });
    try {
      await this.#run(this.loader);
      return this.#finish(this.loader, replay, manifest);
    } finally {
      this.loader.stop();
      this.loader = undefined;
    }
  }

  async #run(loader: LogLoader): Promise<void> {
    let toldAtMs = performance.now();
    while (!loader.step()) {
      await new Promise((done) => setImmediate(done));
      if (performance.now() - toldAtMs < PROGRESS_MS) continue;
      toldAtMs = performance.now();
      const { totalBytes, loadedBytes } = loader;
      const percent = Math.floor((loadedBytes / totalBytes) * 100);
      this.#parts.log.notice("loading the log", { totalBytes, loadedBytes, percent });
    }
  }

  #finish(loader: LogLoader, replay: Replay, manifest: Manifest): LoadedLog {
    const { log, bootId } = this.#parts;
    const isStale = manifest.state === "off";
    const { differing, pass, ...counts } = replay.finish(bootId, isStale);
    const { mayHaveLostTail, sizes, totalBytes: bytes, incarnation, synced } = loader;
    log.notice("log loaded", { ...counts, bytes, segments: sizes.length });
    if (isStale) {
      log.warning("the server has run without its log since: it is loaded as it was then");
    }
    if (mayHaveLostTail) log.warning(TAIL_MAY_BE_MISSING);
    if (counts.withheld > 0) {
      log.warning("jobs with RETRY 0 are not queued again, they may have been delivered before", {
        jobs: counts.withheld,
      });
    }
    const mayHaveLost = mayHaveLostTail || isStale;
    return { sizes, manifest, incarnation, synced, differing, pass, mayHaveLost };
  }
}
