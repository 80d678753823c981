/** A holder deletes its copy while the job is pushed to it: what is lent there is not taken for a copy. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;
const RETRY_SECONDS = 5;

test("a borrower that is named for a holder says that it has no copy, and gets one when the lease is over", () => {
  const fabric = new Fabric(3);
  const keeper = fabric.node(0);
  const { id } = keeper.add({ replicate: 3, delay: 1, retry: RETRY_SECONDS });
  fabric.run(SOON_MS);
  const [, follower = 0, deleter = 0] = keeper.listOf(id);
  const borrower = fabric.node(deleter);
  borrower.take();
  fabric.run(SOON_MS);
  // The follower does not hear for now that the copy is gone; the keeper does behind its push.
  fabric.silence(deleter, follower);
  fabric.silence(deleter, 0);
  borrower.jobs.delete(borrower.find(id));
  fabric.run(1000);
  assert.equal(borrower.roleOf(id), "borrowed active");
  fabric.silence(0, follower);
  fabric.endSilence(deleter, 0);
  fabric.run(2);
  assert.deepEqual(keeper.listOf(id), [0, follower, deleter]);
  fabric.node(follower).jobs.audit();
  fabric.run(2000);
  fabric.heal();
  fabric.run(RETRY_SECONDS * 1000 + 5000);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy, 2 copy");
});
