/** Pushes that cross something: acknowledgements, flushes, other pushes, clients that are gone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

const SOON_MS = 30;
/** What came for who asks without waiting stays for him so long. */
const LODGING_MS = 2000;

test("who was sent a job that is acknowledged already is sent the next one (cluster seed 30278)", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add({ delay: 1 });
  fabric.silence(0, 1);
  fabric.node(0).ack(id);
  fabric.run(1000 + SOON_MS);
  assert.equal(fabric.node(1).roleOf(id), "own lent");
  fabric.endSilence(0, 1);
  fabric.run(SOON_MS);
  const next = fabric.node(1).add();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [next.id]);
});

test("WORKING follows a job over two pushes by which others became its keeper (cluster seed 50207)", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 3 });
  fabric.run(SOON_MS);
  fabric.node(1).take("q", 1, 0);
  fabric.until(() => fabric.node(0).roleOf(id) === "own lent", 100);
  fabric.silence(1, 0);
  fabric.run(LODGING_MS + SOON_MS);
  fabric.silence(0, 1);
  fabric.node(0).jobs.postpone(fabric.node(0).find(id));
  fabric.node(0).turn();
  fabric.node(2).take("q", 1, 0);
  fabric.until(() => fabric.node(1).roleOf(id) === "own lent", 100);
  fabric.silence(2, 1);
  fabric.silence(2, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(2).roleOf(id), "own queued");
  fabric.endSilence(0, 1);
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  fabric.endSilence(2, 1);
  fabric.endSilence(2, 0);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(2).roleOf(id), "own active", fabric.whereabouts(id));
});

test("WORKING holds although a job comes back as it was sent: to one who has a copy (cluster seed 896045)", () => {
  const fabric = new Fabric(2);
  const [first, second] = [fabric.node(0), fabric.node(1)];
  first.take("q", 1, 0);
  second.take("q", 1, 5);
  fabric.run(SOON_MS);
  const { id } = first.add({ replicate: 2, retry: 5 });
  fabric.until(() => first.roleOf(id) === "own lent", 100);
  first.jobs.postpone(first.find(id));
  first.turn();
  for (const node of [first, second]) node.isStill = true;
  for (const node of [second, first]) {
    fabric.run(SOON_MS);
    node.isStill = false;
    node.turn();
  }
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 copy, 1 own active");
  assert.ok(second.broker.jobs.dueAtMs(second.find(id)) >= fabric.nowMs + 4900);
});

test("a job delivered at most once that is on its way to a node that is flushed arrives (cluster seed 51278)", () => {
  const fabric = new Fabric(2);
  fabric.node(1).take("q", 1, 900);
  fabric.run(SOON_MS);
  fabric.silence(0, 1);
  const { id } = fabric.node(0).add({ retry: 0 });
  fabric.node(1).jobs.flush();
  fabric.node(1).turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent");
  fabric.endSilence(0, 1);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(0).roleOf(id), "", fabric.whereabouts(id));
  assert.ok(fabric.node(1).delivered.includes(id) || fabric.node(1).roleOf(id) === "own queued");
});

test("a job that is pushed to a node that is flushed meanwhile is queued again", () => {
  const fabric = new Fabric(2);
  fabric.node(1).take("q", 1, 900);
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add();
  fabric.run(SOON_MS - 10);
  fabric.node(1).jobs.flush();
  fabric.node(1).turn();
  fabric.run(SOON_MS);
  const dueInMs = fabric.node(0).broker.jobs.dueAtMs(fabric.node(0).find(id)) - fabric.nowMs;
  assert.equal(fabric.whereabouts(id), "0 own active");
  assert.ok(dueInMs > 0 && dueInMs <= 30_000, `${dueInMs}`);
});

test("an answer to a push that came behind a flush is none to a later push (cluster seed 832850)", () => {
  const fabric = new Fabric(2);
  // More than one push is granted.
  for (let client = 0; client < 3; client++) fabric.node(1).take("q", 1, 900);
  fabric.run(SOON_MS);
  fabric.silence(1, 0);
  fabric.node(1).jobs.flush();
  fabric.node(1).turn();
  const { id } = fabric.node(0).add();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent");
  fabric.node(1).take();
  fabric.endSilence(1, 0);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(1).delivered, [id]);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 borrowed active");
});

test("what was borrowed and stands in its queue goes back before a flush is told", () => {
  const fabric = new Fabric(2);
  fabric.node(1).take("q", 1, 0);
  fabric.run(SOON_MS);
  const { id } = fabric.node(0).add();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 borrowed queued");
  fabric.sent.length = 0;
  fabric.node(1).jobs.flush();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  assert.deepEqual(fabric.sent.slice(0, 2), ["1>0 returned", "1>0 flushed"]);
});

test("a borrowed job whose client is gone goes back at once: its keeper may queue it at any time (cluster seed 2355)", () => {
  const fabric = new Fabric(2);
  fabric.node(0).take();
  fabric.run(SOON_MS);
  const { id } = fabric.node(1).add({ retry: 30 });
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(0).delivered, [id]);
  const { lifecycle } = fabric.node(0).broker;
  lifecycle.takeBack(fabric.node(0).find(id), true);
  fabric.node(0).turn();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "1 own queued");
});

/** Two nodes that take themselves for the only keeper of a job, as if they had forgotten each other, just before it is due. */
function twoKeepers(
  epochs: readonly number[],
  retry: number,
): { fabric: Fabric; id: string; keepers: FabricNode[] } {
  const fabric = new Fabric(2);
  const keepers = [fabric.node(0), fabric.node(1)];
  // Who waited is gone when the job is due, and the other node has not heard so yet. More than one push is granted.
  for (const node of keepers) for (let client = 0; client < 3; client++) node.take("q", 1, 900);
  const { id } = fabric.node(0).add({ replicate: 2, delay: 1, retry });
  fabric.run(950);
  assert.equal(fabric.whereabouts(id), "0 own active, 1 copy");
  const dueAtMs = fabric.node(0).broker.jobs.dueAtMs(fabric.node(0).find(id));
  for (const [at, node] of keepers.entries()) {
    node.broker.roles.setList(node.find(id), []);
    node.broker.jobs.setEpoch(node.find(id), epochs[at] ?? 0);
  }
  const second = fabric.node(1);
  second.broker.roles.keep(second.find(id), dueAtMs, false);
  second.turn();
  return { fabric, id, keepers };
}

function bothHaveLent(keepers: readonly FabricNode[], id: string): boolean {
  return keepers.every((node) => node.roleOf(id) === "own lent");
}

/** They agree who keeps it, and at no moment both hand it out. */
function agree(fabric: Fabric, keepers: readonly FabricNode[], id: string): void {
  for (let ms = 0; ms < SOON_MS; ms++) {
    fabric.run(1);
    const roles = keepers.map((node) => node.roleOf(id));
    assert.notDeepEqual(roles, ["own queued", "own queued"]);
  }
  assert.deepEqual(keepers.map((node) => node.roleOf(id)).sort(), ["copy", "own queued"]);
}

const bothEpochs: readonly (readonly [number, number])[] = [
  [0, 0],
  [2, 0],
  [0, 2],
];

for (const epochs of bothEpochs) {
  const names = `keepers of epochs ${epochs.join(" and ")}`;

  test(`two ${names} that lend a job to each other do not leave it lent to nobody (cluster seed 30223)`, () => {
    const { fabric, id, keepers } = twoKeepers(epochs, 30);
    fabric.until(() => bothHaveLent(keepers, id), 100);
    agree(fabric, keepers, id);
  });

  test(`nor do ${names} that push it twice before they hear of each other (cluster seed 943005)`, () => {
    const { fabric, id, keepers } = twoKeepers(epochs, 1);
    fabric.silence(0, 1);
    fabric.silence(1, 0);
    fabric.until(() => fabric.count("push") === 4 && bothHaveLent(keepers, id), 1500);
    fabric.endSilence(0, 1);
    fabric.endSilence(1, 0);
    agree(fabric, keepers, id);
  });
}
