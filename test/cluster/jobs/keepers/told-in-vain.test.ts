/** Nodes that meet again tell each other what they have over a link that breaks before it has arrived. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SETTLED_MS = 5000;
const NODE_TIMEOUT_MS = 60_000;
/** Whoever thought that all had arrived would have forgotten by then that it was to be told. */
const LONG_MS = 65_000;

/** Two nodes keep a job since one forgot the other; what they say on meeting again arrives nowhere, for so long. */
function toldInVain(silentMs: number): { fabric: Fabric; id: string } {
  const fabric = new Fabric(2, { hasLogs: true, nodeTimeoutMs: NODE_TIMEOUT_MS });
  const [first, second] = [fabric.node(0), fabric.node(1)];
  second.take();
  fabric.run(50);
  const { id } = first.add({ replicate: 1, retry: 600 });
  fabric.run(50);
  first.removed(1);
  second.removed(0);
  fabric.run(50);
  fabric.silence(0, 1);
  fabric.silence(1, 0);
  first.introduced(1);
  second.introduced(0);
  fabric.run(silentMs);
  fabric.cut(0, 1);
  fabric.endSilence(0, 1);
  fabric.endSilence(1, 0);
  assert.equal(fabric.whereabouts(id), "0 own active, 1 own active");
  return { fabric, id };
}

function linkAgain(fabric: Fabric, restarted: readonly number[]): void {
  fabric.join(0, 1);
  for (const number of restarted) {
    const other = fabric.node(1 - number);
    other.jobs.peerReturned(other.indexOf(number));
  }
  fabric.run(SETTLED_MS);
}

for (const restarted of [[0], [1], [0, 1]]) {
  const who = restarted.length === 2 ? "both start" : `node ${restarted} starts`;

  test(`it is said again when ${who} again before there is another link`, () => {
    const { fabric, id } = toldInVain(1000);
    fabric.run(LONG_MS);
    for (const number of restarted) fabric.restart(number, true);
    linkAgain(fabric, restarted);
    assert.match(fabric.whereabouts(id), /^[01] own active$/);
  });

  test(`and when ${who} again after a link that was broken for almost the node timeout`, () => {
    const { fabric, id } = toldInVain(NODE_TIMEOUT_MS - 1000);
    for (const number of restarted) fabric.restart(number, true);
    linkAgain(fabric, restarted);
    assert.match(fabric.whereabouts(id), /^[01] own active$/);
  });
}

for (const number of [0, 1]) {
  test(`what node ${number} acknowledges before there is another link is over on both`, () => {
    const { fabric, id } = toldInVain(1000);
    fabric.run(LONG_MS);
    for (const each of [0, 1]) fabric.restart(each, true);
    assert.ok(fabric.node(number).ack(id));
    fabric.run(SETTLED_MS);
    linkAgain(fabric, [0, 1]);
    assert.equal(fabric.whereabouts(id), "");
  });
}

test("what has waited for another link is not said again, and is not to be told for ever", () => {
  const { fabric, id } = toldInVain(1000);
  fabric.run(LONG_MS);
  fabric.sent.length = 0;
  linkAgain(fabric, []);
  assert.match(fabric.whereabouts(id), /^[01] own active$/);
  assert.equal(fabric.count("telling"), 0);
  for (const { jobs } of fabric.nodes) assert.equal(jobs.untoldIds.length, 1);
  fabric.run(LONG_MS);
  for (const { jobs } of fabric.nodes) assert.equal(jobs.untoldIds.length, 0);
  fabric.restart(0, true);
  fabric.run(SETTLED_MS);
  assert.equal(fabric.count("telling"), 0);
});

test("what comes to be told after all was told is said when the other one is back", () => {
  const fabric = new Fabric(3);
  const [giver, stranger, heir] = [fabric.node(0), fabric.node(1), fabric.node(2)];
  stranger.take();
  fabric.run(50);
  const { id } = giver.add({ replicate: 1, retry: 600 });
  fabric.run(50);
  for (const node of [giver, heir]) {
    node.removed(1);
    stranger.removed(node.number);
  }
  fabric.run(50);
  heir.introduced(1);
  stranger.introduced(2);
  fabric.run(SETTLED_MS);
  assert.ok(heir.jobs.untoldIds.includes(stranger.id));
  fabric.cut(1, 2);
  giver.setLeaving(true);
  fabric.run(SETTLED_MS);
  assert.equal(fabric.whereabouts(id), "1 own active, 2 own active");
  fabric.join(1, 2);
  fabric.run(SETTLED_MS);
  assert.match(fabric.whereabouts(id), /^[12] own active$/);
});
