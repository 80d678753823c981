/**
 * Repairing a log: what is whole of each damaged segment in its place, the damaged file beside it.
 *
 * Afterwards a server starts with it. It is told by the last segment that something may be missing
 * (segment-repair.ts), unless only the end was torn, which a server would have cut off as well. A segment
 * that is missing is replaced by an empty one; one of which nothing can be read likewise. The manifest says
 * meanwhile that it is being repaired, which keeps a server from starting with half of it.
 */
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { replaceFile } from "../io/atomic-file.ts";
import { FileSource } from "../io/log/file-source.ts";
import { segmentName } from "../io/log/log-folder.ts";
import { encodeManifest, MANIFEST_NAME, type Manifest } from "../io/log/manifest.ts";
import { type SegmentHeader, writeSegmentHeader } from "../journal/log-format.ts";
import { LOG_BEGIN } from "../journal/log-position.ts";
import { repairSegment } from "../journal/segment-repair.ts";
import {
  firstHeader,
  type LogGap,
  type LogPicture,
  lastHeader,
  misplacement,
  missingBytes,
  type SegmentPicture,
  segmentNumbers,
} from "./log-picture.ts";
import { createDurably, replaceDamaged, setAside } from "./repaired-file.ts";

const FILE_MODE = 0o600;
/** More missing segments than that are no gap, but a folder that something else has gone wrong with. */
const MISSING_MAX = 1000;

type Print = (line: string) => void;

/** Repairs a log; false: it could not be done, as was printed. */
export function repairLog(log: LogPicture, print: Print): boolean {
  const { folder, segments, leftover, gaps } = log;
  const known = firstHeader(segments);
  const obstacle = obstacleTo(log);
  if (known === undefined || obstacle !== "") {
    print(`${folder}: cannot be repaired: ${obstacle}`);
    return false;
  }
  const isDoubtful = isMoreThanTorn(log);
  // Cut off half-way, the log may look whole and not be marked yet. With a "new" one no server starts.
  if (isDoubtful && log.manifest?.state !== "new") writeManifest(log, "repairing");
  for (const { path } of leftover) print(`${path}: set aside: ${setAside(path)}`);
  for (const gap of gaps) fillGap(folder, gap, headerBefore(log, gap) ?? known, print);
  const last = segments.at(-1);
  // A segment tells how long the one before it was.
  let isBeforeShorter = false;
  for (const segment of segments) {
    const { check, number } = segment;
    const needsDoubt = isDoubtful && segment === last;
    const isAfterShorter = isBeforeShorter || gaps.some(({ end }) => end === number);
    const isDamaged = check.damages.length > 0 || check.torn !== undefined;
    isBeforeShorter = isDamaged || missingBytes(segment, segments) > 0;
    if (!isDamaged && !needsDoubt && !isAfterShorter) continue;
    repairOne(segment, known, needsDoubt, print);
  }
  if (isDoubtful || log.manifest === undefined) finishManifest(log, print);
  if (isDoubtful) {
    print(`${folder}: what was lost may have been acknowledgements: jobs may be delivered again`);
  }
  print(`${folder}: repaired`);
  return true;
}

/**
 * Repairs a segment that stands alone, or is the last of its folder; false: it could not be done, as was
 * printed. Others behind it tell how long it is, and only the last one can say that something is missing.
 */
export function repairSingleSegment(segment: SegmentPicture, print: Print): boolean {
  const obstacle = singleObstacle(segment);
  const { header, damages } = segment.check;
  if (header === undefined || obstacle !== "") {
    print(`  cannot be repaired alone: ${obstacle}`);
    return false;
  }
  repairOne(segment, header, damages.length > 0, print);
  return true;
}

/** Why it cannot be repaired alone; "": nothing speaks against it. */
function singleObstacle(segment: SegmentPicture): string {
  const { path, number, check } = segment;
  const folder = dirname(path);
  const misplaced = misplacement(segment, [segment]);
  if (misplaced !== "") return misplaced;
  if (number > 0 && segmentNumbers(folder).some((other) => other > number)) {
    return `other segments come behind it: ringq check-log --repair ${folder}`;
  }
  return check.header === undefined ? "its header cannot be read; repair the whole folder" : "";
}

/** Of the last segment before a gap, which may be one of a former id. */
function headerBefore({ former, segments }: LogPicture, gap: LogGap): SegmentHeader | undefined {
  return lastHeader([...former, ...segments].filter(({ number }) => number < gap.first));
}

/** Empty segments in the place of those that are missing. */
function fillGap(folder: string, gap: LogGap, known: SegmentHeader, print: Print): void {
  for (let number = gap.first; number < gap.end; number++) {
    // Of what is before, nothing is known.
    const header = { ...known, segment: number, bytesBefore: 0, synced: LOG_BEGIN };
    createDurably(join(folder, segmentName(number)), writeSegmentHeader(crc32, header), FILE_MODE);
    print(`${segmentName(number)}: an empty one is there now; all that was in it is lost`);
  }
}

/** Why it cannot be repaired; "": nothing speaks against it. */
export function obstacleTo({ segments, gaps }: LogPicture): string {
  if (firstHeader(segments) === undefined) return "no header of any segment can be read";
  const missing = gaps.reduce((sum, { first, end }) => sum + end - first, 0);
  if (missing > MISSING_MAX) return `${missing} segments are missing`;
  const strange = segments.find((segment) => misplacement(segment, segments) !== "");
  return strange === undefined ? "" : `${strange.path}: ${misplacement(strange, segments)}`;
}

/** Something is lost that a server would not have cut off by itself. */
function isMoreThanTorn({ manifest, segments, gaps }: LogPicture): boolean {
  if (manifest?.state === "repairing") return true;
  const isDamaged = segments.some(({ check }) => check.damages.length > 0);
  const endsEarly = segments.slice(0, -1).some(({ check }) => check.torn !== undefined);
  const isCut = segments.some((segment) => missingBytes(segment, segments) > 0);
  return gaps.length > 0 || isDamaged || endsEarly || isCut;
}

/** @param known a header of the same log, for one that cannot be read */
function repairOne(
  segment: SegmentPicture,
  known: SegmentHeader,
  isDoubtful: boolean,
  print: Print,
): void {
  const { path, number, check } = segment;
  const mark = check.mark === 0 ? known.mark : check.mark;
  const header = check.header ?? { ...known, segment: number, mark };
  const source = new FileSource(path);
  let damaged: string;
  try {
    damaged = replaceDamaged(path, (write) => {
      for (const piece of repairSegment(crc32, source, { header, isDoubtful })) write(piece);
    });
  } finally {
    source.close();
  }
  const lost = [...check.damages, ...(check.torn === undefined ? [] : [check.torn])];
  const lostBytes = lost.reduce((sum, { offset, end }) => sum + end - offset, 0);
  const unhurt = isDoubtful ? "marked as incomplete" : "goes on behind what is left";
  const what = lost.length === 0 ? unhurt : `repaired: ${lostBytes} bytes are lost`;
  print(`${path}: ${what}, ${statSync(path).size} are there; as it was: ${damaged}`);
}

/** Nobody knows whether a log was on to its end if its manifest does not say so: "off" makes a server careful. */
function finishManifest(log: LogPicture, print: Print): void {
  const { folder, manifest, manifestProblem } = log;
  const state = manifest?.state ?? "off";
  const firstSegment = writeManifest(log, state === "repairing" ? "off" : state);
  if (manifestProblem === undefined) return;
  const path = join(folder, MANIFEST_NAME);
  print(`${path}: made anew; the log begins with segment ${firstSegment}`);
}

function writeManifest(log: LogPicture, state: Manifest["state"]): number {
  const { folder, manifest, segments } = log;
  const firstSegment = manifest?.firstSegment ?? segments[0]?.number ?? 1;
  replaceFile(join(folder, MANIFEST_NAME), encodeManifest({ firstSegment, state }), FILE_MODE);
  return firstSegment;
}
