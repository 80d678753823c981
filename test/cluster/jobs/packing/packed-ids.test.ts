/** Packed ids: any number of them, by handle or by words, and only whole ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { IdPacker, IdUnpacker } from "../../../../src/cluster/jobs/packing/packed-ids.ts";
import { fc } from "../../../support/fast-check.ts";
import { anyJobId } from "../../wire/sample-messages.ts";
import { plainJob, Sender, unpackAll } from "../support/packing.ts";

const unpacker = new IdUnpacker();
const shown = (): Int32Array => Int32Array.from(unpacker.id);

test("ids come back in their order, whether their job is still there or not", () => {
  const sender = new Sender();
  const packer = new IdPacker(sender);
  fc.assert(
    fc.property(fc.array(fc.tuple(anyJobId, fc.boolean()), { maxLength: 60 }), (ids) => {
      for (const [id, isGone] of ids) {
        if (isGone) packer.addWords(id);
        else packer.add(sender.add(plainJob({ id })));
      }
      assert.equal(packer.count, ids.length);
      const buffer = packer.take();
      assert.equal(buffer.length, 24 * ids.length);
      const expected = ids.map(([id]) => id);
      assert.deepEqual(unpackAll(unpacker, buffer, shown), expected);
      assert.equal(unpacker.count, ids.length);
      assert.equal(unpacker.isDamaged, false);
    }),
  );
});

test("of a part of an id nothing is shown, not even the whole ones before it", () => {
  const packer = new IdPacker(new Sender());
  packer.addWords(Int32Array.of(1, 2, 3, 4, 5, 6));
  packer.addWords(Int32Array.of(-1, -2, -3, -4, -5, -6));
  const buffer = packer.take();
  for (let cut = 0; cut <= buffer.length; cut++) {
    const isWhole = cut % 24 === 0;
    assert.equal(unpacker.start(buffer.subarray(0, cut)), isWhole);
    assert.equal(unpacker.isDamaged, !isWhole);
    assert.equal(unpacker.count, isWhole ? cut / 24 : 0);
    assert.equal(unpacker.next(), isWhole && cut > 0);
  }
});
