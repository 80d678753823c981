/** Nodes of which one forgot the other, and that are members of one cluster again. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** What is said is repaired and trimmed in this time. */
const SETTLED_MS = 5000;

function separate(fabric: Fabric, a = 0, b = 1): void {
  fabric.node(a).removed(b);
  fabric.node(b).removed(a);
  fabric.run(50);
}

function reunite(fabric: Fabric, a = 0, b = 1): void {
  fabric.node(a).introduced(b);
  fabric.node(b).introduced(a);
}

/** Its keeper and its other holder are keepers both, each with a copy elsewhere. */
function twoKeepers(): { fabric: Fabric; id: string; other: number } {
  const fabric = new Fabric(5);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const other = fabric.node(0).listOf(id)[1] as number;
  separate(fabric, 0, other);
  for (const number of [0, other]) assert.equal(fabric.node(number).roleOf(id), "own queued");
  return { fabric, id, other };
}

function keepersOf(fabric: Fabric, id: string): number {
  return fabric.nodes.filter((node) => node.roleOf(id).startsWith("own")).length;
}

describe("a job of which both became the keeper", () => {
  test("has one keeper when they have met again, and no copy too many in the end", () => {
    const { fabric, id, other } = twoKeepers();
    reunite(fabric, 0, other);
    fabric.run(SETTLED_MS);
    const roles = fabric.nodes.map((node) => node.roleOf(id)).filter((role) => role !== "");
    assert.deepEqual(roles.sort(), ["copy", "own queued"]);
  });

  test("has one keeper, too, when what they said to each other got lost on its way", () => {
    const { fabric, id, other } = twoKeepers();
    const ways = [[0, other] as const, [other, 0] as const];
    for (const [from, to] of ways) fabric.silence(from, to);
    reunite(fabric, 0, other);
    fabric.run(100);
    for (const [from, to] of ways) fabric.breakStream(from, to);
    for (const [from, to] of ways) fabric.endSilence(from, to);
    fabric.run(SETTLED_MS);
    assert.equal(keepersOf(fabric, id), 1);
  });

  test("waits while the other one does not get rid of what it was sent", () => {
    const { fabric, id, other } = twoKeepers();
    fabric.congested.add(`0>${other}`).add(`${other}>0`);
    reunite(fabric, 0, other);
    fabric.run(1000);
    for (const number of [0, other]) assert.equal(fabric.node(number).roleOf(id), "own queued");
    fabric.congested.clear();
    fabric.run(SETTLED_MS);
    assert.equal(keepersOf(fabric, id), 1);
  });

  test("is over for both when it was acknowledged at one after they have met", () => {
    const { fabric, id, other } = twoKeepers();
    reunite(fabric, 0, other);
    fabric.run(50);
    fabric.node(0).ack(id);
    fabric.run(SETTLED_MS);
    assert.equal(fabric.whereabouts(id), "");
  });

  test("goes back to its lender, whose client's node has forgotten it, or stays with that", () => {
    const fabric = new Fabric(2);
    fabric.node(1).take();
    fabric.run(50);
    const { id } = fabric.node(0).add({ replicate: 1, retry: 600 });
    fabric.run(50);
    assert.deepEqual(fabric.node(1).delivered, [id]);
    separate(fabric);
    reunite(fabric);
    fabric.run(SETTLED_MS);
    const roles = [0, 1].map((number) => fabric.node(number).roleOf(id));
    assert.equal(roles.filter((role) => role.startsWith("own")).length, 1);
    assert.equal(roles.filter((role) => role === "").length, 1);
  });
});

test("a node that was never a member before is told of no job", () => {
  const fabric = new Fabric(2);
  separate(fabric);
  fabric.restart(0);
  fabric.node(0).add({ replicate: 1 });
  fabric.sent.length = 0;
  reunite(fabric);
  fabric.run(SETTLED_MS);
  assert.equal(fabric.count("taken"), 0);
});
