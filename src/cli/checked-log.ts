/**
 * A log of ringq under the eyes of `ringq check-log`: a folder of segments, or a single one.
 *
 * What is wrong is told in the words and with the offsets that the server uses. A torn end of the last
 * segment is what a crash leaves, and the server cuts it off by itself; anywhere else it is damage.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { LOG_FOLDER } from "../io/log/log-folder.ts";
import type { SegmentHeader } from "../journal/log-format.ts";
import type { SegmentCheck } from "../journal/segment-check.ts";
import { humanSize } from "../util/bytes.ts";
import type { Checker } from "./check-log.ts";
import {
  isLogFolder,
  type LogGap,
  type LogPicture,
  misplacement,
  missingBytes,
  readLog,
  readSegment,
  type SegmentPicture,
} from "./log-picture.ts";
import { repairLog, repairSingleSegment } from "./repaired-log.ts";

const NEVER_BEGUN = "it was made and never begun";

/** The log that belongs to a data directory, or is the folder itself; undefined: there is none. */
export function logFolderOf(path: string): string | undefined {
  const below = join(path, LOG_FOLDER);
  const hasFolder = existsSync(below) && statSync(below).isDirectory();
  return [below, path].find((folder) => (folder === path || hasFolder) && isLogFolder(folder));
}

/** Checks a folder. */
export const checkFolder: Checker = (path, repair, print) => {
  const folder = logFolderOf(path) ?? path;
  const log = readLog(folder);
  const { segments, leftover, gaps, manifest, manifestProblem, outdated } = log;
  if (manifest !== undefined) {
    print(`${folder}: begins with segment ${manifest.firstSegment}, state ${manifest.state}`);
  }
  if (manifestProblem !== undefined)
    print(`${folder}: cannot use the manifest: ${manifestProblem}`);
  if (manifest?.state === "repairing") print(`${folder}: a repair of it did not come to its end`);
  if (outdated > 0)
    print(`${folder}: ${outdated} segments before the first that counts are not read`);
  for (const gap of gaps) print(`${folder}: ${gapText(gap)} missing`);
  if (segments.length === 0) print(`${folder}: there is no segment`);
  for (const segment of segments) tellSegment(segment, segments, print);
  for (const { path, check } of leftover) {
    print(`${path}: ${check.isBlank ? NEVER_BEGUN : "nothing of a log is in it"}`);
  }
  if (isWhole(log)) {
    print(`${folder}: ok`);
    return true;
  }
  if (repair) return repairLog(log, print);
  print(`${folder}: ${verdictOn(log)}`);
  return false;
};

/** Checks one file. */
export const checkSingleSegment: Checker = (path, repair, print) => {
  const segment = readSegment(path);
  tellSegment(segment, [segment], print);
  if (isSegmentWhole(segment, [segment])) return true;
  return repair && repairSingleSegment(segment, print);
};

function isWhole(log: LogPicture): boolean {
  const { segments, leftover, gaps, manifest, manifestProblem } = log;
  if (manifestProblem !== undefined || manifest?.state === "repairing") return false;
  if (gaps.length > 0 || leftover.length > 0 || segments.length === 0) return false;
  return segments.every((segment) => isSegmentWhole(segment, segments));
}

function isSegmentWhole(segment: SegmentPicture, all: readonly SegmentPicture[]): boolean {
  const { damages, torn } = segment.check;
  if (damages.length > 0 || torn !== undefined) return false;
  return misplacement(segment, all) === "" && missingBytes(segment, all) === 0;
}

/** What a server does with a log that is not whole. */
function verdictOn(log: LogPicture): string {
  const last = log.segments.at(-1);
  const isSound = last !== undefined && isWhole(withoutEnd(log, last));
  if (!isSound) return "damaged; a server does not start with it (--repair keeps what is whole)";
  const isTorn = last.check.torn !== undefined || log.leftover.every(({ check }) => check.isBlank);
  return isTorn
    ? "its end was cut off, as by a crash; a server cuts off the rest"
    : "a server starts with it, and sets aside what is no part of it";
}

/** The log as if it ended with the last whole block. */
function withoutEnd(log: LogPicture, last: SegmentPicture): LogPicture {
  const mended = { ...last, check: { ...last.check, torn: undefined } };
  return { ...log, leftover: [], segments: log.segments.slice(0, -1).concat(mended) };
}

function gapText({ first, end }: LogGap): string {
  return end === first + 1 ? `segment ${first} is` : `segments ${first} to ${end - 1} are`;
}

function tellSegment(
  segment: SegmentPicture,
  all: readonly SegmentPicture[],
  print: (line: string) => void,
): void {
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
