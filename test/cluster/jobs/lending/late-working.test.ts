/** WORKING by the client that has a lent job, heard by the keeper when the lease is over there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;
const RETRY_MS = 30_000;

test("WORKING that is heard when the job is on its way to the same node once more counts (cluster seed 1223128)", () => {
  const fabric = new Fabric(3);
  const [borrower, keeper, other] = [fabric.node(0), fabric.node(1), fabric.node(2)];
  borrower.take();
  fabric.run(SOON_MS);
  const { id } = keeper.add({ retry: RETRY_MS / 1000 });
  fabric.run(RETRY_MS - SOON_MS);
  borrower.take("q", 1, 0);
  fabric.run(SOON_MS / 2);
  fabric.silence(0, 1);
  borrower.jobs.postpone(borrower.find(id));
  fabric.until(() => fabric.count("push") === 2, SOON_MS);
  fabric.endSilence(0, 1);
  other.take();
  fabric.run(RETRY_MS - SOON_MS);
  assert.deepEqual([borrower.delivered, other.delivered], [[id], []]);
  fabric.run(2 * SOON_MS);
  assert.deepEqual(other.delivered, [id]);
});
