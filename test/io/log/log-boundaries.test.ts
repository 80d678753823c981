/**
 * A log that is cut off or damaged at the boundary of every record: it goes on from the turn before, or the
 * server does not start.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import {
  BLOCK_HEADER_BYTES,
  blockAt,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from "../../../src/journal/log-format.ts";
import { RecordReader } from "../../../src/journal/record-reader.ts";
import { FakeDisk } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const PATH = "/data/log/segment-0000000001.rql";

/** What was in the log when the file had that length; by length, growing. */
type Known = ReadonlyMap<number, readonly string[]>;

/** A server that was killed after some turns of several records each. */
async function killed(): Promise<{ disk: FakeDisk; bytes: Buffer; known: Known }> {
  const scene = await LogScene.start(new FakeDisk());
  const known = new Map<number, readonly string[]>([[SEGMENT_HEADER_BYTES, []]]);
  const turn = (...moves: string[]): void => {
    for (const move of moves) {
      if (move.startsWith("-")) scene.remove(move.slice(1));
      else scene.add(move);
    }
    scene.rest();
    known.set(scene.disk.bytes(PATH).length, scene.jobs);
  };
  turn("a", "b", "c");
  turn("-b", "d");
  turn("e", "f", "-a");
  turn("g");
  turn("-c", "h", "i");
  return { disk: scene.disk, bytes: Buffer.from(scene.disk.bytes(PATH)), known };
}

/** Where records begin and end, those of blocks included. */
function boundariesOf(bytes: Buffer): number[] {
  const { mark } = readSegmentHeader(crc32, bytes);
  const boundaries: number[] = [];
  const reader = new RecordReader();
  let at = SEGMENT_HEADER_BYTES;
  while (at < bytes.length) {
    const block = blockAt(crc32, mark, bytes, at);
    assert.ok(block, `a block at ${at}`);
    boundaries.push(at);
    reader.begin(bytes.subarray(block.payloadStart, block.end));
    while (reader.next()) boundaries.push(at + BLOCK_HEADER_BYTES + reader.start);
    at = block.end;
  }
  return boundaries;
}

/** What is left of the turns that were whole at this length. */
function jobsAt(known: Known, length: number): readonly string[] {
  return [...known].filter(([whole]) => whole <= length).at(-1)?.[1] ?? [];
}

async function startWith(disk: FakeDisk, bytes: Buffer): Promise<LogScene> {
  const next = disk.afterKill();
  next.damage(PATH, bytes);
  return LogScene.start(next);
}

test("cut off at, before and behind the boundary of every record it is the log of the whole turns before", async () => {
  const { disk, bytes, known } = await killed();
  const boundaries = boundariesOf(bytes);
  assert.ok(boundaries.length >= 5 + 12, `${boundaries.length} boundaries`);
  for (const boundary of [...boundaries, bytes.length]) {
    for (const length of [boundary - 1, boundary, boundary + 1]) {
      if (length < SEGMENT_HEADER_BYTES || length > bytes.length) continue;
      const scene = await startWith(disk, bytes.subarray(0, length));
      assert.deepEqual(scene.jobs, jobsAt(known, length), `cut off at byte ${length}`);
    }
  }
});

test("with every bit flipped at the boundary of every record it is refused, unless that was its last turn", async () => {
  const { disk, bytes, known } = await killed();
  const lastTurn = [...known.keys()].at(-2) ?? 0;
  for (const boundary of boundariesOf(bytes)) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[boundary] = (damaged[boundary] as number) ^ (1 << bit);
      const start = startWith(disk, damaged);
      if (boundary >= lastTurn) {
        assert.deepEqual((await start).jobs, jobsAt(known, lastTurn), `bit ${bit} of ${boundary}`);
      } else {
        await assert.rejects(start, /at byte \d+: bad bytes in the middle of the log/);
      }
    }
  }
});
