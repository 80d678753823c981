/** Packed lists of holders: id, epoch and nodes arrive as the keeper has them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ListPacker, ListUnpacker } from "../../../../src/cluster/jobs/packing/packed-lists.ts";
import { fc } from "../../../support/fast-check.ts";
import {
  anyJob,
  asReceived,
  checkDamage,
  plainJob,
  receiverNodes,
  Sender,
  unpackAll,
} from "../support/packing.ts";

interface PlainList {
  id: Int32Array;
  epoch: number;
  holders: readonly number[];
}

const unpacker = new ListUnpacker(receiverNodes());

function shown(): PlainList {
  assert.ok(unpacker.epoch >= 0 && unpacker.epoch <= 4095);
  for (const index of unpacker.holders) assert.ok(index >= 0 && index <= 3);
  const { epoch, holders } = unpacker;
  return { id: Int32Array.from(unpacker.id), epoch, holders };
}

test("lists come back without borrowers and without nodes the receiver does not know", () => {
  const sender = new Sender();
  const packer = new ListPacker(sender);
  fc.assert(
    fc.property(fc.array(anyJob, { maxLength: 30 }), (jobs) => {
      for (const job of jobs) packer.add(sender.add(job));
      const expected = jobs.map(({ id, epoch, holders }) => ({
        id,
        epoch,
        holders: asReceived(holders),
      }));
      assert.deepEqual(unpackAll(unpacker, packer.take(), shown), expected);
      assert.equal(unpacker.isDamaged, false);
    }),
  );
});

test("the keeper comes first, also when it is the only holder", () => {
  const sender = new Sender();
  const packer = new ListPacker(sender);
  for (const holders of [[], [0, 3, 1]]) packer.add(sender.add(plainJob({ holders })));
  const lists = unpackAll(unpacker, packer.take(), shown).map(({ holders }) => holders);
  assert.deepEqual(lists, [asReceived([0]), asReceived([0, 3, 1])]);
});

test("damaged lists throw nothing and show nothing out of range", () => {
  const sender = new Sender();
  const packer = new ListPacker(sender);
  for (const epoch of [0, 127, 128, 4095]) {
    packer.add(sender.add(plainJob({ epoch, holders: [0, 1, 2] })));
  }
  checkDamage(unpacker, packer.take(), shown);
});
