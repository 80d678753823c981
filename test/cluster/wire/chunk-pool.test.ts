/** Buffers of chunks: what was lent comes back once, and nothing else does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkPool } from "../../../src/cluster/wire/chunk-pool.ts";

const BYTES = 64 * 1024;

test("a buffer that was lent is used again, whole", () => {
  const pool = new ChunkPool();
  const buffer = Buffer.allocUnsafeSlow(BYTES);
  assert.equal(pool.take(), undefined);
  assert.ok(pool.lend(buffer));
  pool.give(buffer.subarray(0, 5000));
  const again = pool.take();
  assert.equal(again?.buffer, buffer.buffer);
  assert.equal(again?.length, BYTES);
});

test("nothing comes back twice, and nothing that was not lent", () => {
  const pool = new ChunkPool();
  const buffer = Buffer.allocUnsafeSlow(BYTES);
  pool.lend(buffer);
  pool.give(buffer);
  pool.give(buffer);
  pool.give(Buffer.allocUnsafeSlow(BYTES));
  assert.notEqual(pool.take(), undefined);
  assert.equal(pool.take(), undefined);
});

test("small and very large buffers are not lent, and no more than sixteen are kept", () => {
  const pool = new ChunkPool();
  assert.equal(pool.lend(Buffer.allocUnsafeSlow(1024)), false);
  assert.equal(pool.lend(Buffer.allocUnsafeSlow(1024 * 1024)), false);
  const buffers = Array.from({ length: 20 }, () => Buffer.allocUnsafeSlow(BYTES));
  for (const buffer of buffers) pool.lend(buffer);
  for (const buffer of buffers) pool.give(buffer);
  for (let i = 0; i < 16; i++) assert.notEqual(pool.take(), undefined);
  assert.equal(pool.take(), undefined);
});
