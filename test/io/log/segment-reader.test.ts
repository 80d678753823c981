/** What lies behind a damage in a segment, however long both are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SegmentReader } from "../../../src/io/log/segment-reader.ts";
import { SEGMENT_HEADER_BYTES } from "../../../src/journal/log-format.ts";
import { FakeDisk } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const PATH = "/data/log/segment-0000000001.rql";
const HEADER_BYTES = SEGMENT_HEADER_BYTES;
const WINDOW_BYTES = 1024 * 1024;

/** Opens a segment with these bytes behind its header. */
function read(disk: FakeDisk, bytes: Buffer): SegmentReader {
  disk.damage(PATH, Buffer.concat([disk.bytes(PATH).subarray(0, HEADER_BYTES), bytes]));
  const reader = new SegmentReader(disk, PATH);
  reader.header();
  return reader;
}

function isBlockBehind(disk: FakeDisk, ...pieces: Buffer[]): boolean {
  const reader = read(disk, Buffer.concat(pieces));
  return reader.syncedFrom(reader.position + 1) !== undefined;
}

test("an intact block behind bad bytes is found at every place, in pieces of any size", async () => {
  const scene = await LogScene.start(new FakeDisk());
  scene.add("x".repeat(2.5 * WINDOW_BYTES));
  scene.rest();
  const block = Buffer.from(scene.disk.bytes(PATH).subarray(HEADER_BYTES));
  const disk = scene.disk.afterKill();
  const broken = Buffer.from(block);
  broken[broken.length - 1] = 0;
  for (const badBytes of [
    1,
    2,
    100,
    WINDOW_BYTES - 4,
    WINDOW_BYTES - 2,
    WINDOW_BYTES,
    WINDOW_BYTES + 1,
  ]) {
    const bad = Buffer.alloc(badBytes, 1);
    assert.equal(isBlockBehind(disk, bad, block), true, `${badBytes}`);
    assert.equal(isBlockBehind(disk, bad, broken), false, `${badBytes}`);
    assert.equal(isBlockBehind(disk, bad, block.subarray(0, -1)), false);
  }
});

test("a search behind a damage takes no more memory for a longer file", async () => {
  const { disk } = await LogScene.start(new FakeDisk());
  const reader = read(disk, Buffer.alloc(8 * WINDOW_BYTES, 1));
  let mostBytes = 0;
  const readFile = disk.read.bind(disk);
  disk.read = (file, target, ...rest) => {
    mostBytes = Math.max(mostBytes, target.length);
    return readFile(file, target, ...rest);
  };
  assert.equal(reader.syncedFrom(HEADER_BYTES), undefined);
  assert.equal(reader.isBlank(), false);
  assert.ok(mostBytes <= WINDOW_BYTES);
});
