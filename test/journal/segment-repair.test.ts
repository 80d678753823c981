/**
 * Segments made anew from damaged ones: everything whole is kept, nothing is left to complain about, and the
 * replay takes them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { readSegmentHeader } from "../../src/journal/log-format.ts";
import { SegmentBytes } from "../../src/journal/segment-bytes.ts";
import { checkSegment } from "../../src/journal/segment-check.ts";
import { repairSegment } from "../../src/journal/segment-repair.ts";
import { SegmentWalk } from "../../src/journal/segment-walk.ts";
import { fc } from "../support/fast-check.ts";
import { BytesSource } from "./byte-sources.ts";
import { type Content, flipped, segment, segmentHeader } from "./segments.ts";

const header = segmentHeader();

function repaired(bytes: Buffer, isDoubtful = false): Buffer {
  const pieces: Buffer[] = [];
  const source = new BytesSource(bytes);
  // A piece is valid until the next one.
  for (const piece of repairSegment(crc32, source, { header, isDoubtful })) {
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

/** Replays a segment; whether it ends in good order. */
function isClosed(bytes: Buffer): boolean {
  const source = new SegmentBytes(crc32, new BytesSource(bytes));
  source.mark = header.mark;
  const walk = new SegmentWalk(source);
  for (let step = walk.next(); step !== "end"; step = walk.next()) assert.equal(step, "block");
  return walk.isClosed;
}

test("what is whole stays as it is", () => {
  const { bytes } = segment(header, ["gone"], ["node 1", "list 1"], ["closed"]);
  assert.deepEqual(repaired(bytes), bytes);
});

test("a block that is lost is left out, and nodes told in it are told as nobody's", () => {
  const { bytes, starts } = segment(header, ["gone"], ["node 1", "node 2"], ["list 2"], ["node 3"]);
  const damaged = flipped(bytes, starts[1] ?? 0);
  const mended = repaired(damaged);
  const check = checkSegment(crc32, new BytesSource(mended));
  assert.deepEqual([check.damages, check.torn], [[], undefined]);
  assert.deepEqual(Object.fromEntries(check.records), { gone: 1, node: 3, changed: 1 });
  isClosed(mended);
  assert.deepEqual(repaired(mended), mended, "there is nothing more to repair");
});

test("a doubtful one no longer says that it was closed in good order, nor by which boot", () => {
  const { bytes } = segment(header, ["gone"], ["closed"]);
  assert.ok(isClosed(bytes));
  const doubtful = repaired(bytes, true);
  assert.ok(!isClosed(doubtful));
  const { bootId, policy, nodeId } = readSegmentHeader(crc32, doubtful);
  assert.deepEqual([bootId, policy, nodeId], ["0".repeat(32), "no", header.nodeId]);
});

test("after any damage the rest is a log that the replay takes", () => {
  const content = fc.constantFrom<Content>("gone", "closed", "list 0");
  const blocks = fc.array(fc.array(content, { maxLength: 3 }), { maxLength: 8 });
  fc.assert(
    fc.property(
      blocks,
      fc.array(fc.nat(2000)),
      fc.nat(40),
      fc.boolean(),
      (some, flips, cut, doubt) => {
        // Every other block tells a node, which the next one names.
        const all = some.map((contents, i): Content[] => {
          const told = (i >> 1) + 1;
          return i % 2 === 0 ? [`node ${told}`, ...contents] : [`list ${told}`, ...contents];
        });
        const { bytes } = segment(header, ...all);
        let damaged = bytes.subarray(0, Math.max(80, bytes.length - cut));
        for (const at of flips) if (at + 80 < damaged.length) damaged = flipped(damaged, at + 80);
        const mended = repaired(damaged, doubt);
        const check = checkSegment(crc32, new BytesSource(mended));
        assert.deepEqual([check.damages, check.torn], [[], undefined]);
        isClosed(mended);
      },
    ),
  );
});
