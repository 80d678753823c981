/**
 * A leaving node gives a job away of which it has asked for a copy, and no answer comes from anybody for a while. Who
 * is not about to lose the job asks for copies, wherever it is.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("no node is asked for a copy that the next keeper would not know of", () => {
  const fabric = new Fabric(6);
  const leaving = fabric.node(0);
  for (const other of fabric.nodes.slice(1)) fabric.silence(other.number, 0);
  const { id } = leaving.add({ replicate: 2, retry: 300, isAsync: true });
  leaving.setLeaving(true);
  fabric.run(500);
  const [heir = leaving] = fabric.nodes.filter((node) => node.roleOf(id) === "own queued");
  fabric.heal();
  fabric.run(10_000);
  assert.equal(leaving.roleOf(id), "");
  heir.ack(id);
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "");
});

/** Nodes with a copy, the keeper included. */
function holdersOf({ running }: Fabric, id: string): number {
  return running.filter((node) => /^(own|copy)/.test(node.roleOf(id))).length;
}

test("a lent job gets the copies that it lacks", () => {
  const fabric = new Fabric(4, { repairDelayMs: 300 });
  const keeper = fabric.node(0);
  const { id } = keeper.add({ replicate: 2, retry: 300 });
  fabric.run(50);
  const holder = keeper.listOf(id)[1] as number;
  const [borrower] = fabric.nodes.slice(1).filter(({ number }) => number !== holder);
  borrower?.take();
  fabric.run(50);
  assert.equal(keeper.roleOf(id), "own lent");
  fabric.crash(holder);
  fabric.setLive(holder, false);
  fabric.run(2000);
  assert.equal(keeper.roleOf(id), "own lent");
  assert.equal(holdersOf(fabric, id), 2, fabric.whereabouts(id));
});

for (const role of ["own queued", "own lent"]) {
  test(`so does one that was called back (${role}), though nobody can tell whether it has arrived where it was sent`, () => {
    const fabric = new Fabric(5, { repairDelayMs: 300 });
    const node = fabric.node(0);
    const { id } = node.add({ replicate: 2, retry: 300 });
    fabric.run(50);
    node.setLeaving(true);
    fabric.until(() => node.jobs.headedFor(node.find(id)) >= 0, 500);
    // Of all who have a copy, or may have one, nothing more is heard.
    const others = node.listOf(id).filter((number) => number !== 0);
    for (const other of others) fabric.silence(other, 0);
    node.setLeaving(false);
    node.jobs.requeue(node.find(id), "client");
    node.turn();
    for (const other of others) fabric.crash(other);
    for (const other of others) fabric.setLive(other, false);
    if (role === "own lent") fabric.running.at(-1)?.take();
    fabric.run(2000);
    assert.equal(node.roleOf(id), role);
    assert.equal(holdersOf(fabric, id), 2, fabric.whereabouts(id));
  });
}
