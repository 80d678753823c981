/** A job that came for clients who ask again and again waits for them, and is not sent round. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;
/** A lodger has left by then. */
const STAY_MS = 2100;

/** Jobs that may be delivered once move; of those with copies everywhere only the keeper changes. */
const kinds = [
  { name: "that may be delivered once", asked: { retry: 0 } },
  { name: "with a copy on every node", asked: { replicate: 3 } },
];

for (const { name, asked } of kinds) {
  test(`a job ${name} goes to one of those who ask in turns, and stays a while`, () => {
    const fabric = new Fabric(3);
    for (const number of [0, 2]) fabric.node(number).take("q", 10, 0);
    fabric.run(SOON_MS);
    const { id } = fabric.node(1).add(asked);
    fabric.run(1500);
    assert.equal(fabric.count("push"), 1);
    for (const number of [0, 2, 1]) fabric.node(number).take("q", 10, 0);
    fabric.run(SOON_MS);
    const delivered = fabric.nodes.flatMap((node) => node.delivered);
    assert.deepEqual(delivered, [id]);
  });

  test(`a job ${name} that nobody takes here goes to who waits elsewhere`, () => {
    const fabric = new Fabric(3);
    fabric.node(0).take("q", 1, 0);
    fabric.run(SOON_MS);
    const { id } = fabric.node(1).add(asked);
    fabric.run(SOON_MS);
    assert.equal(fabric.node(0).roleOf(id), "own queued");
    fabric.node(2).take();
    fabric.run(STAY_MS);
    assert.deepEqual(fabric.node(2).delivered, [id]);
  });
}

test("a job of this node goes to who waits elsewhere although one that came earlier stays", () => {
  const fabric = new Fabric(3);
  fabric.node(0).take("q", 1, 0);
  fabric.run(SOON_MS);
  const lodger = fabric.node(1).add();
  fabric.run(SOON_MS);
  const own = fabric.node(0).add();
  fabric.node(2).take();
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.node(2).delivered, [own.id]);
  assert.equal(fabric.whereabouts(lodger.id), "0 borrowed queued, 1 own lent");
});

test("a job that has come round is not forgotten when its first move is heard of late", () => {
  const fabric = new Fabric(3);
  const ask = (number: number) => fabric.node(number).take("q", 1, 0);
  ask(1);
  fabric.run(SOON_MS);
  fabric.silence(1, 0);
  const { id } = fabric.node(0).add({ retry: 0 });
  fabric.run(1000);
  assert.equal(fabric.whereabouts(id), "0 own lent, 1 own queued");
  fabric.run(900);
  ask(2);
  fabric.run(1900);
  assert.equal(fabric.whereabouts(id), "0 own lent, 2 own queued");
  ask(0);
  fabric.run(1000);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  fabric.heal();
  fabric.run(SOON_MS);
  assert.equal(fabric.whereabouts(id), "0 own queued");
  ask(0);
  assert.deepEqual(fabric.node(0).delivered, [id]);
});

test("lending wants no turn right behind another one", () => {
  const fabric = new Fabric(3);
  const look = () => {
    for (const { jobs } of fabric.nodes) assert.ok(jobs.lending.nextWakeAtMs > fabric.nowMs);
  };
  for (let i = 0; i < 60; i++) {
    const node = fabric.node(i % 3);
    if (i % 4 === 0) node.take("q", 2, i % 8 === 0 ? 0 : 500);
    else node.add({ retry: i % 2 });
    look();
    fabric.run(7);
    look();
  }
});
