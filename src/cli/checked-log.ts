/**
 * A log of ringq under the eyes of `ringq check-log`: a folder of segments, or a single one.
 *
 * All that is wrong is told, in the words and with the offsets that the server uses. What a server makes of it is
 * not judged again here: a start is tried (io/log/trial-start.ts), and its answer is the verdict.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { LOG_FOLDER } from "../io/log/log-folder.ts";
import { type TrialStart, tryStart } from "../io/log/trial-start.ts";
import type { SegmentHeader } from "../journal/log-format.ts";
import type { SegmentCheck } from "../journal/segment-check.ts";
import { humanSize } from "../util/bytes.ts";
import type { Checker, CheckRequest } from "./check-log.ts";
import { type LogOwner, readLogOwner } from "./log-owner.ts";
import {
  isLogFolder,
  type LogGap,
  type LogPicture,
  lastHeader,
  misplacement,
  missingBytes,
  readLog,
  readSegment,
  type SegmentPicture,
  stateOf,
} from "./log-picture.ts";
import { obstacleTo, repairLog, repairSingleSegment } from "./repaired-log.ts";
import { lookSteadily } from "./steady-look.ts";

const NEVER_BEGUN = "it was made and never begun";
const FORMER = "of the time before the node was reset: it does not count";
const CHANGING =
  "a server rewrites it faster than it can be read: what is told as missing may have been deleted by that";
const A_SERVER_NOW = "a server that starts on this machine now";

type Print = (line: string) => void;

/** The log that belongs to a data directory, or is the folder itself; undefined: there is none. */
export function logFolderOf(path: string): string | undefined {
  const below = join(path, LOG_FOLDER);
  const hasFolder = existsSync(below) && statSync(below).isDirectory();
  return [below, path].find((folder) => (folder === path || hasFolder) && isLogFolder(folder));
}

/** Checks a folder. */
export const checkFolder: Checker = (path, request, print) => {
  const folder = logFolderOf(path) ?? path;
  const { found, isSteady } = lookSteadily(
    () => stateOf(folder),
    () => lookAt(folder, request),
  );
  const { log, trial } = found;
  tellLog(log, print);
  if (!isSteady) print(`${folder}: ${CHANGING}`);
  const isSound = isWhole(log);
  if (request.repair && !isSound)
    return repairLog(log, print) && startsAfter(folder, request, print);
  return judge(log, isSound, trial, print);
};

/** What is in a log, and what becomes of it. */
function lookAt(folder: string, request: CheckRequest): { log: LogPicture; trial: TrialStart } {
  const owner = readLogOwner(request.nodesFile);
  const log = readLog(folder, owner.formerIds);
  return { log, trial: tryToStart(log, owner, request) };
}

function tellLog(log: LogPicture, print: Print): void {
  const { folder, former, segments, leftover, gaps, manifest, manifestProblem, outdated } = log;
  if (manifest !== undefined) {
    print(`${folder}: begins with segment ${manifest.firstSegment}, state ${manifest.state}`);
  }
  if (manifestProblem !== undefined)
    print(`${folder}: cannot use the manifest: ${manifestProblem}`);
  if (manifest?.state === "repairing") print(`${folder}: a repair of it did not come to its end`);
  if (outdated > 0)
    print(`${folder}: ${outdated} segments before the first that counts are not read`);
  for (const gap of gaps) print(`${folder}: ${gapText(gap)} missing`);
  if (former.length + segments.length === 0) print(`${folder}: there is no segment`);
  for (const { path } of former) print(`${path}: ${FORMER}`);
  for (const segment of segments) tellSegment(segment, segments, print);
  for (const { path, check } of leftover) {
    print(`${path}: ${check.isBlank ? NEVER_BEGUN : "nothing of a log is in it"}`);
  }
}

/** Checks one file. */
export const checkSingleSegment: Checker = (path, { repair }, print) => {
  const segment = readSegment(path);
  tellSegment(segment, [segment], print);
  if (isSegmentWhole(segment, [segment])) return true;
  return repair && repairSingleSegment(segment, print);
};

function isWhole(log: LogPicture): boolean {
  const { former, segments, leftover, gaps, manifest, manifestProblem } = log;
  if (manifestProblem !== undefined || manifest?.state === "repairing") return false;
  if (gaps.length > 0 || leftover.length > 0) return false;
  if (former.length + segments.length === 0) return false;
  return segments.every((segment) => isSegmentWhole(segment, segments));
}

function isSegmentWhole(segment: SegmentPicture, all: readonly SegmentPicture[]): boolean {
  const { damages, torn } = segment.check;
  if (damages.length > 0 || torn !== undefined) return false;
  return misplacement(segment, all) === "" && missingBytes(segment, all) === 0;
}

/** What a server that starts on this machine now does with the log. */
function tryToStart(
  { folder, segments }: LogPicture,
  owner: LogOwner,
  { bootId }: CheckRequest,
): TrialStart {
  const nodeId = owner.nodeId || lastHeader(segments)?.nodeId || "";
  const trial = tryStart({ folder, nodeId, formerIds: owner.formerIds, bootId });
  return owner.problem === "" ? trial : { ...trial, refusal: owner.problem };
}

/** Prints what that means; true: all is well. */
function judge(log: LogPicture, isSound: boolean, trial: TrialStart, print: Print): boolean {
  const { folder } = log;
  const { refusal, isCut, warnings } = trial;
  for (const { message, data } of warnings) {
    const details = Object.entries(data).map(([name, value]) => `${name} ${value}`);
    const where = details.length === 0 ? "" : ` (${details.join(", ")})`;
    print(`${folder}: ${A_SERVER_NOW} says: ${message}${where}`);
  }
  const hint = isSound || obstacleTo(log) !== "" ? "" : " (--repair keeps what is whole)";
  if (refusal !== "") print(`${folder}: a server does not start with it: ${refusal}${hint}`);
  else if (isCut) print(`${folder}: ${A_SERVER_NOW} goes on without its end${hint}`);
  else print(`${folder}: ${isSound ? "ok" : `${A_SERVER_NOW} loses nothing of it`}`);
  return isSound && refusal === "" && !isCut;
}

/** After a repair; the nodes file it has not mended. */
function startsAfter(folder: string, request: CheckRequest, print: Print): boolean {
  const { refusal } = lookAt(folder, request).trial;
  if (refusal !== "") print(`${folder}: a server still does not start with it: ${refusal}`);
  return refusal === "";
}

function gapText({ first, end }: LogGap): string {
  return end === first + 1 ? `segment ${first} is` : `segments ${first} to ${end - 1} are`;
}

function tellSegment(segment: SegmentPicture, all: readonly SegmentPicture[], print: Print): void {
  const { path, check } = segment;
  const { header, blocks, bytes, damages, torn, roomBytes } = check;
  print(`${path}: ${header === undefined ? "no header" : describe(header)}`);
  print(`  ${humanSize(bytes)}, ${blocks} blocks${recordsOf(check)}`);
  const misplaced = misplacement(segment, all);
  if (misplaced !== "") print(`  ${misplaced}`);
  if (check.isBlank) {
    print(`  ${NEVER_BEGUN}`);
    return;
  }
  for (const { offset, end, reason } of damages) {
    print(`  damaged at byte ${offset}, ${end - offset} bytes: ${reason}`);
  }
  if (torn !== undefined) {
    const { offset, end, reason } = torn;
    print(`  torn end at byte ${offset}, ${end - offset} bytes: ${reason}`);
  }
  if (roomBytes > 0) print(`  zeros at byte ${bytes - roomBytes} are room for more`);
  const missing = missingBytes(segment, all);
  if (missing > 0) print(`  the end is missing: ${missing} bytes, as the next segment tells`);
  if (isSegmentWhole(segment, all)) print("  ok");
}

function describe(header: SegmentHeader): string {
  const { nodeId, incarnation, segment, policy, createdWallMs } = header;
  const created = new Date(createdWallMs).toISOString();
  return `segment ${segment}, version 1, node ${nodeId}, incarnation ${incarnation}, begun ${created}, fsync ${policy}`;
}

function recordsOf({ records }: SegmentCheck): string {
  if (records.size === 0) return "";
  return `: ${[...records].map(([kind, count]) => `${count} ${kind}`).join(", ")}`;
}
