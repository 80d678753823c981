/**
 * The files of a log as they lie in their folder: which count, which are missing, what is in each.
 *
 * Segments are read one after the other, in pieces, and nothing of them is kept but what was found.
 * The server does the same checks on its way (io/log/log-loader.ts) and stops at the first that fails; here
 * all are made.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { crc32 } from "node:zlib";
import { FileSource } from "../io/log/file-source.ts";
import { segmentName } from "../io/log/log-folder.ts";
import { decodeManifest, MANIFEST_NAME, type Manifest } from "../io/log/manifest.ts";
import { systemErrorText } from "../io/system-error.ts";
import type { SegmentHeader } from "../journal/log-format.ts";
import { checkSegment, type SegmentCheck } from "../journal/segment-check.ts";

const SEGMENT_FILE = /^segment-(\d{10})\.rql$/;

/** One segment of a log. */
export interface SegmentPicture {
  readonly path: string;
  /** By its name. */
  readonly number: number;
  readonly check: SegmentCheck;
}

/** Numbers of segments [first, end) that should be there. */
export interface LogGap {
  readonly first: number;
  readonly end: number;
}

/** A whole log. */
export interface LogPicture {
  readonly folder: string;
  /** Undefined when it cannot be used; then `manifestProblem` says why. */
  readonly manifest: Manifest | undefined;
  readonly manifestProblem: string | undefined;
  /** Those in front that are of the time before the node was reset, and say nothing of it any more. */
  readonly former: readonly SegmentPicture[];
  /** Those that count, in order. */
  readonly segments: readonly SegmentPicture[];
  /** Files of segments that count no more. */
  readonly outdated: number;
  /** Files behind them in which there is nothing of a log: a server starts without them. */
  readonly leftover: readonly SegmentPicture[];
  /** What is missing among those that count, in order. */
  readonly gaps: readonly LogGap[];
}

/** Whether a folder holds segments or a manifest. */
export function isLogFolder(folder: string): boolean {
  return existsSync(join(folder, MANIFEST_NAME)) || segmentNumbers(folder).length > 0;
}

/** The number of a segment by its name; 0: it is no segment's name. */
export function numberOf(path: string): number {
  return Number(SEGMENT_FILE.exec(basename(path))?.[1] ?? 0);
}

/**
 * Reads all segments that count. Throws an Error that names what cannot be read, or the system's.
 * @param formerIds of the node
 */
export function readLog(folder: string, formerIds: readonly string[]): LogPicture {
  const numbers = segmentNumbers(folder);
  const { manifest, problem } = readManifest(folder);
  const first = manifest?.firstSegment ?? numbers[0] ?? 1;
  const counting = numbers.filter((number) => number >= first);
  const pictures = counting.map((number) => readSegment(join(folder, segmentName(number))));
  const count = countWithout(pictures);
  const isOwn = ({ check }: SegmentPicture): boolean =>
    !formerIds.includes(check.header?.nodeId ?? "");
  const own = pictures.findIndex(isOwn);
  const formerCount = own < 0 ? pictures.length : own;
  const segments = pictures.slice(formerCount, count);
  // What was on the disk must be there still; a server that runs may have begun it since the files were listed.
  const told = Math.max(0, ...segments.map(({ check }) => check.synced.segment));
  const isNew = !numbers.includes(told) && segmentNumbers(folder).includes(told);
  return {
    folder,
    manifest,
    manifestProblem: problem,
    former: pictures.slice(0, formerCount),
    segments,
    leftover: pictures.slice(count),
    outdated: numbers.length - counting.length,
    gaps: gapsIn(first, counting.slice(0, count), isNew ? 0 : told),
  };
}

/**
 * How many there are without the leftover ones. As a server does it (io/log/log-loader.ts): the log breaks off
 * where a segment is missing or has no header yet, if nothing whole follows.
 */
function countWithout(pictures: readonly SegmentPicture[]): number {
  const isEmpty = ({ check }: SegmentPicture): boolean =>
    check.header === undefined && check.blocks === 0;
  const from = pictures.findLastIndex((picture) => !isEmpty(picture)) + 1;
  for (let i = Math.max(1, from); i < pictures.length; i++) {
    const { number, check } = pictures[i] as SegmentPicture;
    if (check.isUnwritten || number !== (pictures[i - 1] as SegmentPicture).number + 1) return i;
  }
  return pictures.length;
}

/** @param last the last one that must be there; it may be among the numbers */
function gapsIn(first: number, numbers: readonly number[], last: number): LogGap[] {
  const gaps: LogGap[] = [];
  let due = first;
  for (const number of numbers) {
    if (number > due) gaps.push({ first: due, end: number });
    due = number + 1;
  }
  if (last >= due) gaps.push({ first: due, end: last + 1 });
  return gaps;
}

/** Reads one segment. Throws an Error that names it. */
export function readSegment(path: string): SegmentPicture {
  try {
    const source = new FileSource(path);
    try {
      return { path, number: numberOf(path), check: checkSegment(crc32, source) };
    } finally {
      source.close();
    }
  } catch (cause) {
    throw new Error(`cannot read ${basename(path)}: ${systemErrorText(cause)}`, { cause });
  }
}

/** Why a segment does not belong where it is, by its name and the others; "": it does. */
export function misplacement(picture: SegmentPicture, others: readonly SegmentPicture[]): string {
  const { header } = picture.check;
  if (header === undefined) return "";
  if (picture.number !== 0 && header.segment !== picture.number) {
    return `it is segment ${header.segment} by another name`;
  }
  const nodeId = firstHeader(others)?.nodeId ?? header.nodeId;
  return header.nodeId === nodeId ? "" : `it is of node ${header.nodeId}, not of ${nodeId}`;
}

/** So many bytes are missing at the end of a segment, as the next one tells; 0: none. */
export function missingBytes(picture: SegmentPicture, others: readonly SegmentPicture[]): number {
  const next = others.find(({ number }) => number === picture.number + 1);
  const { torn, bytes: fileBytes, roomBytes } = picture.check;
  const bytes = torn?.offset ?? fileBytes - roomBytes;
  return Math.max(0, (next?.check.header?.bytesBefore ?? 0) - bytes);
}

/** A header that can be read, the oldest one. */
export function firstHeader(segments: readonly SegmentPicture[]): SegmentHeader | undefined {
  return segments.find(({ check }) => check.header !== undefined)?.check.header;
}

/** The same, the newest one. */
export function lastHeader(segments: readonly SegmentPicture[]): SegmentHeader | undefined {
  return segments.findLast(({ check }) => check.header !== undefined)?.check.header;
}

/** Which segments count: another text when a server is about to delete some. */
export function stateOf(folder: string): string {
  return JSON.stringify(readManifest(folder));
}

/** Numbers of the segments in a folder, in order. */
export function segmentNumbers(folder: string): number[] {
  const numbers = readdirSync(folder)
    .map(numberOf)
    .filter((number) => number > 0);
  return numbers.sort((a, b) => a - b);
}

function readManifest(folder: string): {
  manifest?: Manifest | undefined;
  problem?: string | undefined;
} {
  const path = join(folder, MANIFEST_NAME);
  if (!existsSync(path)) return { problem: "it is missing" };
  try {
    return { manifest: decodeManifest(readFileSync(path)) };
  } catch (error) {
    return { problem: systemErrorText(error) };
  }
}
