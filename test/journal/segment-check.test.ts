/**
 * Looking through segments of our log: every flipped bit is noticed, and costs one block.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { SEGMENT_HEADER_BYTES } from "../../src/journal/log-format.ts";
import { checkSegment, type SegmentCheck } from "../../src/journal/segment-check.ts";
import { fc } from "../support/fast-check.ts";
import { BytesSource } from "./byte-sources.ts";
import { block, type Content, flipped, segment, segmentHeader } from "./segments.ts";

const header = segmentHeader();

function checked(segmentBytes: Buffer): SegmentCheck {
  return checkSegment(crc32, new BytesSource(segmentBytes));
}
const contents: Content[][] = [["gone"], ["node 1", "list 1"], ["gone", "gone"], ["closed"]];
const { bytes, starts } = segment(header, ...contents);

test("a whole segment is told with all that is in it", () => {
  const check = checked(bytes);
  assert.deepEqual(check.header, header);
  assert.equal(check.blocks, 4);
  assert.deepEqual([...check.records].sort(), [
    ["changed", 1],
    ["closed", 1],
    ["gone", 3],
    ["node", 1],
  ]);
  assert.deepEqual([check.damages, check.torn], [[], undefined]);
});

test("a flipped bit anywhere in a block costs that block and no other", () => {
  for (const [i, start] of starts.entries()) {
    const end = starts[i + 1] ?? bytes.length;
    for (let at = start; at < end; at++) {
      const check = checked(flipped(bytes, at, at % 8));
      assert.equal(check.blocks, 3, `byte ${at}`);
      const piece = check.torn ?? check.damages[0];
      assert.deepEqual([piece?.offset, piece?.end], [start, end]);
      assert.equal(check.torn !== undefined, i === 3, "only the last one may be a torn end");
    }
  }
});

test("a node that was told in a lost block is missed where it is named", () => {
  const { bytes: named, starts: at } = segment(header, ["node 1"], ["list 1"], ["node 2"]);
  const { damages, blocks } = checked(flipped(named, at[0] ?? 0));
  assert.equal(blocks, 2);
  assert.deepEqual(
    damages.map(({ offset, reason }) => [offset, reason]),
    [
      [at[0], "no intact block"],
      [at[1], "1 nodes not told before"],
    ],
  );
});

test("a damaged header hides no block", () => {
  for (let at = 0; at < SEGMENT_HEADER_BYTES; at++) {
    const check = checked(flipped(bytes, at));
    assert.equal(check.header, undefined);
    assert.equal(check.blocks, 4, `byte ${at}`);
    assert.equal(check.mark, header.mark);
    assert.equal(check.damages.length, 1);
  }
});

test("an end that is cut off or full of zeros is torn from the last whole block on", () => {
  for (let length = SEGMENT_HEADER_BYTES + 1; length < bytes.length; length++) {
    const whole = starts.filter((start) => start < length);
    const isBoundary = starts.includes(length);
    const cut = checked(bytes.subarray(0, length));
    assert.equal(cut.blocks, isBoundary ? whole.length : whole.length - 1);
    assert.equal(cut.torn?.offset, isBoundary ? undefined : whole.at(-1));
  }
  const everysec = segment({ ...header, policy: "everysec" }, ...contents).bytes;
  const { torn } = checked(Buffer.concat([everysec, Buffer.alloc(5000)]));
  assert.deepEqual(torn, {
    offset: bytes.length,
    end: bytes.length + 5000,
    reason: "nothing but zeros",
  });
});

test("zeros behind the last block are room in a segment of `always`, if they are few", () => {
  const always = segment({ ...header, policy: "always" }, ...contents).bytes;
  const few = checked(Buffer.concat([always, Buffer.alloc(5000)]));
  assert.deepEqual([few.torn, few.roomBytes], [undefined, 5000]);
  const many = checked(Buffer.concat([always, Buffer.alloc(300_000)]));
  assert.deepEqual([many.torn?.offset, many.roomBytes], [always.length, 0]);
});

test("a file that was made and never begun is told from a damaged one", () => {
  assert.ok(checked(Buffer.alloc(0)).isBlank);
  assert.ok(checked(bytes.subarray(0, 79)).isBlank);
  assert.ok(checked(Buffer.alloc(70_000)).isBlank);
  assert.ok(!checked(bytes.subarray(0, SEGMENT_HEADER_BYTES)).isBlank);
  assert.ok(!checked(Buffer.alloc(70_000, 1)).isBlank);
});

const last = block(header, "gone", "closed");

test("a segment is never in memory as a whole, but for the records of one block", () => {
  const many = Array.from({ length: 70_000 }, () => last);
  const hole = Buffer.alloc(3_000_000, 1);
  const source = new BytesSource(Buffer.concat([segment(header).bytes, ...many, hole, last]));
  assert.ok(source.size > 6_000_000);
  const check = checkSegment(crc32, source);
  assert.deepEqual([check.blocks, check.damages.length], [70_001, 1]);
  assert.ok(source.largestRead <= 1 << 20, `${source.largestRead} bytes at once`);
  assert.ok(source.readBytes < 3 * source.size, "no byte is read again and again");
});

test("any bytes are looked through", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(1000)), (tail, flips) => {
      let garbage: Buffer = Buffer.concat([bytes, tail, bytes.subarray(SEGMENT_HEADER_BYTES)]);
      for (const at of flips) if (at < garbage.length) garbage = flipped(garbage, at);
      const { damages, torn, blocks } = checked(garbage);
      assert.ok(blocks > 0 || damages.length > 0 || torn !== undefined);
    }),
  );
});
