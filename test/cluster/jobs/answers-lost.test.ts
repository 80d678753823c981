/** What a node has said and its transport has dropped: those who waited for it do not wait for ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JOB_ID_CHARS, JOB_ID_WORDS, parseJobId } from "../../../src/core/job-id.ts";
import { Fabric } from "./support/fabric.ts";

const SOON_MS = 50;
const LONG_RETRY = 300;

/** Node 1 says what it has to say, and all of it is dropped. */
function loseWordsOf1(fabric: Fabric, say: () => void): void {
  fabric.silence(1, 0);
  say();
  fabric.run(SOON_MS);
  fabric.breakStream(1, 0);
  fabric.heal();
}

test("a leaving node offers its jobs again when it was not told that they were kept", () => {
  const fabric = new Fabric(2);
  const ids = [0, LONG_RETRY].map((retry) => fabric.node(0).add({ retry }).id);
  loseWordsOf1(fabric, () => fabric.node(0).setLeaving(true));
  fabric.run(2000);
  assert.equal(fabric.node(0).broker.jobs.count, 0);
  for (const id of ids) assert.equal(fabric.whereabouts(id), "1 own queued");
});

test("an acknowledgement that was not confirmed is told again", () => {
  const fabric = new Fabric(2);
  const { id } = fabric.node(0).add({ replicate: 2, retry: LONG_RETRY });
  fabric.run(SOON_MS);
  loseWordsOf1(fabric, () => fabric.node(0).ack(id));
  fabric.run(2000);
  assert.equal(fabric.records, 0);
});

test("of a job that moved, nothing is left when its arrival was not heard of", () => {
  const fabric = new Fabric(2);
  fabric.node(1).take();
  fabric.run(SOON_MS);
  let id = "";
  loseWordsOf1(fabric, () => {
    ({ id } = fabric.node(0).add({ retry: 0 }));
  });
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
  assert.equal(fabric.node(0).roleOf(id), "");
});

test("a lent job is in its queue again when it may have been given back in vain", () => {
  const fabric = new Fabric(2);
  fabric.node(1).take("q", 1, 200);
  fabric.run(SOON_MS);
  // It arrives when the client is gone.
  fabric.silence(0, 1);
  const { id } = fabric.node(0).add({ retry: LONG_RETRY });
  fabric.run(500);
  assert.equal(fabric.whereabouts(id), "0 own lent");
  loseWordsOf1(fabric, () => fabric.endSilence(0, 1));
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued");
});

test("a copy that was deleted is made again though nobody was told of it", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 3, retry: LONG_RETRY });
  fabric.run(SOON_MS);
  loseWordsOf1(fabric, () => {
    const node = fabric.node(1);
    const words = new Int32Array(JOB_ID_WORDS);
    parseJobId(Buffer.from(id, "latin1"), 0, JOB_ID_CHARS, words);
    node.jobs.delete(node.broker.find(words));
    node.turn();
  });
  fabric.run(2000);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy, 2 copy");
});

test("a node that has forgotten all its jobs holds new copies though nobody was told of it", () => {
  const fabric = new Fabric(2);
  const kept = fabric.node(0).add({ replicate: 2, retry: LONG_RETRY });
  const held = fabric.node(1).add({ replicate: 2, retry: LONG_RETRY });
  fabric.run(SOON_MS);
  loseWordsOf1(fabric, () => {
    fabric.node(1).jobs.flush();
    fabric.node(1).turn();
  });
  fabric.run(5000);
  assert.equal(fabric.whereabouts(kept.id), "0 own queued, 1 copy");
  assert.equal(fabric.whereabouts(held.id), "0 own queued, 1 copy");
});
