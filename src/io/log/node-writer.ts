/**
 * Makes the writing end of a node's log: its journal, told of what the broker does, and the writer of its files.
 *
 * Apart from the log itself, which has enough to do with when there is one.
 */
import { crc32 } from "node:zlib";
import { Journal } from "../../journal/journal.ts";
import type { SegmentSize } from "./log-folder.ts";
import { LogWriter } from "./log-writer.ts";
import type { NodeLogParts } from "./node-log-parts.ts";
import type { Headings } from "./segment-heading.ts";

/** What is written, and who writes it. */
export interface NodeWriter {
  readonly journal: Journal;
  readonly writer: LogWriter;
}

/**
 * Makes them; from now on the broker tells this journal.
 * @param before segments that count already
 * @param rewritten a pass of this writer has ended, and the log begins with this segment
 */
export function makeNodeWriter(
  parts: NodeLogParts,
  headings: Headings,
  before: readonly SegmentSize[],
  rewritten: (writer: LogWriter, firstSegment: number) => void,
): NodeWriter {
  const { folder, settings, broker, host, nodes, log, touch, measured } = parts;
  const { segmentBytes, rewriteBytes, roomBytes } = parts;
  const lastNumber = Math.max(0, ...folder.segments());
  const journal = new Journal({ broker, host, nodes, crc32, rewriteBytes });
  broker.journal = journal;
  const writer = new LogWriter({
    folder,
    journal,
    header: (place) => headings.next(place),
    settings: () => ({
      policy: settings.appendfsync,
      sparesDiskInPass: settings["no-appendfsync-on-rewrite"],
      syncsInPieces: settings["aof-rewrite-incremental-fsync"],
    }),
    clock: host,
    elapsedMicros: () => host.elapsedMicros(),
    log,
    events: {
      touch,
      measured,
      rewritten: (firstSegment) => rewritten(writer, firstSegment),
    },
    before,
    lastNumber,
    segmentBytes,
    roomBytes,
  });
  return { journal, writer };
}
