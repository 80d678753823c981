/** The hash of a list of nodes: the same on all nodes, and zero for none only. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { listHash } from "../../../../src/cluster/jobs/packing/packed-nodes.ts";
import { LOAN } from "../../../../src/core/holder-sets.ts";
import { fc } from "../../../support/fast-check.ts";
import { asReceived, nodesAt, receiverNodes } from "../support/packing.ts";

const sender = nodesAt([0, 1, 2, 3, 4]);
const anyList = fc.shuffledSubarray([0, 1, 2, 3]);

test("nodes that number the members differently have the same hash for a list in any order", () => {
  fc.assert(
    fc.property(anyList, (list) => {
      const there = asReceived(list).reverse();
      assert.equal(listHash(sender, list), listHash(receiverNodes(), there));
    }),
  );
});

test("other nodes, another hash: unsigned, and not zero unless the list is empty", () => {
  const hashes = new Set<number>();
  for (let members = 0; members < 32; members++) {
    const list = [0, 1, 2, 3, 4].filter((index) => (members & (1 << index)) !== 0);
    const hash = listHash(sender, list);
    assert.ok(Number.isInteger(hash) && hash >= 0 && hash <= 0xffffffff);
    assert.equal(hash === 0, list.length === 0);
    hashes.add(hash);
  }
  assert.equal(hashes.size, 32);
});

test("a borrower counts as the node it is, and a hash of zero becomes one", () => {
  assert.equal(listHash(sender, [0, 1, 2 + LOAN]), listHash(sender, [0, 1, 2]));
  assert.equal(listHash(sender, [1, 1]), 1);
  assert.equal(listHash(sender, [77]), 1);
});
