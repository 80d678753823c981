/**
 * What a server that starts now, on this machine, does with a log: found out by its loader, and not done.
 *
 * So whoever asks hears what the server will say. Jobs are not kept, and whether the memory would be large
 * enough for them is not asked.
 */
import { TrialReplay } from "../../journal/trial-replay.ts";
import { systemErrorText } from "../system-error.ts";
import { LogFolder } from "./log-folder.ts";
import { LogLoadError } from "./log-load-error.ts";
import { LogLoader } from "./log-loader.ts";
import { manifestToLoad, TAIL_MAY_BE_MISSING } from "./log-start.ts";
import { lookingDisk } from "./looking-disk.ts";

/** Who starts, and where. */
export interface TrialParts {
  /** Of the log; absolute. */
  readonly folder: string;
  readonly nodeId: string;
  /** Ids that the node had before it was reset. */
  readonly formerIds: readonly string[];
  /** Of the machine now. */
  readonly bootId: string;
}

/** Something that the server would say of it. */
export interface TrialWarning {
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What would happen. */
export interface TrialStart {
  /** Why it does not start, and where in the log that is; "": it does. */
  readonly refusal: string;
  /** It goes on without what comes behind some place. With aof-load-truncated no it does not start. */
  readonly isCut: boolean;
  readonly warnings: readonly TrialWarning[];
}

/** Tries a start. Throws the system's error when the folder cannot be read. */
export function tryStart(parts: TrialParts): TrialStart {
  const warnings: TrialWarning[] = [];
  const warning = (message: string, data: Readonly<Record<string, unknown>> = {}): void => {
    warnings.push({ message, data });
  };
  try {
    const folder = new LogFolder(lookingDisk, parts.folder);
    const loader = loaderOf(folder, parts, { warning });
    if (loader === undefined) return { refusal: "", isCut: false, warnings };
    try {
      while (!loader.step());
    } catch (error) {
      // A server that runs may have begun it since the files were listed.
      if (!folder.segments().includes(loader.missedNumber)) throw error;
    } finally {
      loader.stop();
    }
    if (loader.mayHaveLostTail) warning(TAIL_MAY_BE_MISSING);
    return { refusal: "", isCut: loader.isCut, warnings };
  } catch (error) {
    const refusal = error instanceof LogLoadError ? error.reason : systemErrorText(error);
    return { refusal, isCut: false, warnings };
  }
}

/** Undefined: nothing in the folder counts. */
function loaderOf(
  folder: LogFolder,
  { nodeId, formerIds, bootId }: TrialParts,
  log: { warning(message: string, data?: Readonly<Record<string, unknown>>): void },
): LogLoader | undefined {
  const manifest = manifestToLoad(folder);
  if (manifest === undefined || manifest.state === "new") return undefined;
  return new LogLoader({
    folder,
    firstSegment: manifest.firstSegment,
    replay: new TrialReplay(),
    nodeId,
    formerIds,
    bootId,
    acceptsTorn: true,
    isStale: manifest.state === "off",
    log,
  });
}
