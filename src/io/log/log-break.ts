/**
 * What lies behind the place where the log breaks off, and what that says of the place.
 *
 * Every header and every block tells how much of the log was on the disk when it was written. If one behind
 * the break says that about the place of the break, what is missing there was safe once, and something has
 * damaged the log. If none does, a machine that stopped may have written later blocks before earlier
 * ones: nothing was promised of them that needs them.
 */
import { LogError } from "../../journal/log-error.ts";
import { furtherOf, LOG_BEGIN, type LogPosition } from "../../journal/log-position.ts";
import type { LogFolder } from "./log-folder.ts";
import { SegmentReader } from "./segment-reader.ts";

/** What is found behind a break. */
export interface Behind {
  /** Something intact: blocks, or the header of another segment. */
  readonly isThere: boolean;
  /** Everything before was on the disk, it says. */
  readonly synced: LogPosition;
}

/**
 * Looks behind a break.
 * @param broken the segment in which it is, read up to there; undefined: the file is not there, or unreadable
 * @param later numbers of the segments behind
 */
export function lookBehind(
  folder: LogFolder,
  broken: SegmentReader | undefined,
  later: readonly number[],
): Behind {
  const found = [
    broken?.syncedFrom(broken.position + 1),
    ...later.map((number) => syncedIn(folder, number)),
  ];
  const told = found.filter((position) => position !== undefined);
  return { isThere: told.length > 0, synced: told.reduce(furtherOf, LOG_BEGIN) };
}

/** Bytes of the segment before this one, as its header tells; 0: it does not. */
export function bytesToldBy(folder: LogFolder, number: number): number {
  return inSegment(folder, number, (reader) => {
    try {
      return reader.header().bytesBefore;
    } catch (error) {
      if (error instanceof LogError) return 0;
      throw error;
    }
  });
}

function syncedIn(folder: LogFolder, number: number): LogPosition | undefined {
  return inSegment(folder, number, (reader) => {
    try {
      reader.header();
    } catch (error) {
      if (error instanceof LogError) return reader.syncedWithoutHeader();
      throw error;
    }
    return furtherOf(reader.synced, reader.syncedFrom(reader.position) ?? LOG_BEGIN);
  });
}

function inSegment<T>(folder: LogFolder, number: number, look: (reader: SegmentReader) => T): T {
  const reader = new SegmentReader(folder.disk, folder.pathOf(number));
  try {
    return look(reader);
  } finally {
    reader.close();
  }
}
