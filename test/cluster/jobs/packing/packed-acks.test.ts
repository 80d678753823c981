/** Packed acknowledgements and their exceptions: who has another list is noticed and told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AckExceptionKind,
  AckExceptionPacker,
  AckExceptionUnpacker,
  AckPacker,
  AckUnpacker,
} from "../../../../src/cluster/jobs/packing/packed-acks.ts";
import { listHash } from "../../../../src/cluster/jobs/packing/packed-nodes.ts";
import { LOAN } from "../../../../src/core/holder-sets.ts";
import { fc } from "../../../support/fast-check.ts";
import {
  anyHolders,
  anyJob,
  asReceived,
  checkDamage,
  plainJob,
  receiverNodes,
  Sender,
  unpackAll,
} from "../support/packing.ts";

interface PlainAck {
  id: Int32Array;
  listHash: number;
}

interface PlainException {
  batchPosition: number;
  kind: AckExceptionKind;
  holders: readonly number[];
}

const acks = new AckUnpacker();
const exceptions = new AckExceptionUnpacker(receiverNodes());

function shownAck(): PlainAck {
  return { id: Int32Array.from(acks.id), listHash: acks.listHash };
}

function shownException(): PlainException {
  const { batchPosition, kind, holders } = exceptions;
  assert.ok(Number.isSafeInteger(batchPosition) && batchPosition >= 0);
  assert.ok(Object.values(AckExceptionKind).includes(kind));
  for (const index of holders) assert.ok(index >= 0 && index <= 3);
  return { batchPosition, kind, holders };
}

test("acknowledgements come back with the hash of the sender's list", () => {
  const sender = new Sender();
  const packer = new AckPacker(sender);
  fc.assert(
    fc.property(fc.array(anyJob, { maxLength: 30 }), (jobs) => {
      for (const job of jobs) packer.add(sender.add(job));
      const expected = jobs.map(({ id, holders }) => ({
        id,
        // A list of this node alone is stored as the empty one: there is nobody to compare it with.
        listHash: holders.join() === "0" ? 0 : listHash(sender.nodes, holders),
      }));
      assert.deepEqual(unpackAll(acks, packer.take(), shownAck), expected);
      assert.equal(acks.isDamaged, false);
    }),
  );
});

test("exceptions come back with all nodes the receiver knows, borrowers as well", () => {
  const sender = new Sender();
  const packer = new AckExceptionPacker(sender);
  const anyException = fc.tuple(
    fc.oneof(fc.nat(300), fc.maxSafeNat()),
    fc.constantFrom(...Object.values(AckExceptionKind)),
    fc.oneof(fc.constant([]), anyHolders),
  );
  fc.assert(
    fc.property(fc.array(anyException, { maxLength: 30 }), (told) => {
      for (const [position, kind, list] of told) packer.add(position, kind, list);
      const expected = told.map(([batchPosition, kind, list]) => ({
        batchPosition,
        kind,
        holders: asReceived(list.map((element) => element % LOAN)),
      }));
      assert.deepEqual(unpackAll(exceptions, packer.take(), shownException), expected);
      assert.equal(exceptions.isDamaged, false);
    }),
  );
});

test("damaged acknowledgements and exceptions throw nothing and show nothing out of range", () => {
  const sender = new Sender();
  const packer = new AckPacker(sender);
  for (const holders of [[0], [0, 1], [0, 1, 2]]) packer.add(sender.add(plainJob({ holders })));
  checkDamage(acks, packer.take(), shownAck);
  const exceptionPacker = new AckExceptionPacker(sender);
  exceptionPacker.add(0, AckExceptionKind.held, [0, 1, 2]);
  exceptionPacker.add(20_000, AckExceptionKind.unknown, []);
  exceptionPacker.add(20_001, AckExceptionKind.dummy, [1]);
  checkDamage(exceptions, exceptionPacker.take(), shownException);
});
