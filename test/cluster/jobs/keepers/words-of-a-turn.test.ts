/**
 * What a node says of a job at the end of a turn in which it has heard several things of it: it was busy for
 * a while, and first hears of a list in which it stands without a copy, and then gets that copy.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JOB_ID_WORDS } from "../../../../src/core/job-id.ts";
import { words } from "../../../support/id-words.ts";
import { Fabric } from "../support/fabric.ts";

function packedIds(...all: readonly string[]): Buffer {
  const ids = Buffer.alloc(4 * JOB_ID_WORDS * all.length);
  for (const [at, word] of all.flatMap((id) => [...words(id)]).entries()) {
    ids.writeInt32BE(word, 4 * at);
  }
  return ids;
}

interface Dispute {
  readonly fabric: Fabric;
  readonly id: string;
  /** Stays keeper. */
  readonly winner: number;
  /** Follows the winner by now. */
  readonly loser: number;
  /** The loser has asked it for a copy, which is on its way, and has told the winner; it stands still. */
  readonly third: number;
}

/** Nodes with a copy. */
function holdersOf({ running }: Fabric, id: string): number[] {
  const holders = running.filter((node) => /^(own|copy)/.test(node.roleOf(id)));
  return holders.map(({ number }) => number);
}

/** Two holders become keepers of a dead node's job, and ask for a copy each before they hear of each other. */
function dispute(): Dispute {
  const fabric = new Fabric(6, { repairDelayMs: 300 });
  const { id } = fabric.node(0).add({ replicate: 3, retry: 300 });
  fabric.run(50);
  const [, winner = -1, loser = -1] = fabric.node(0).listOf(id);
  fabric.silence(winner, loser);
  for (const { number } of fabric.nodes) fabric.silence(loser, number);
  fabric.crash(0);
  fabric.setLive(0, false);
  fabric.until(() => holdersOf(fabric, id).length === 3, 500);
  const [copied = -1] = holdersOf(fabric, id).filter((node) => ![winner, loser].includes(node));
  fabric.node(loser).setLive(copied, false);
  fabric.until(() => fabric.node(loser).roleOf(id).startsWith("own"), 1000);
  const [third = -1] = fabric
    .node(loser)
    .listOf(id)
    .filter((node) => ![0, winner, loser].includes(node));
  fabric.node(third).isStill = true;
  fabric.sent.length = 0;
  fabric.endSilence(winner, loser);
  fabric.endSilence(loser, winner);
  return { fabric, id, winner, loser, third };
}

for (const [heard, word] of [
  ["that it is taken for a holder", "taken"],
  ["that it has one too many", "drop"],
] as const) {
  test(`a copy that comes in the turn in which its node hears ${heard} stays known to the keeper`, () => {
    const { fabric, id, winner, loser, third } = dispute();
    fabric.until(() => fabric.sent.includes(`${winner}>${third} ${word}`), 20);
    // It has arrived there.
    fabric.run(4);
    assert.equal(fabric.node(third).roleOf(id), "");
    fabric.endSilence(loser, third);
    const late = fabric.node(third);
    fabric.until(() => late.roleOf(id) === "copy" && late.listOf(id)[0] === winner, 20);
    late.isStill = false;
    fabric.heal();
    fabric.run(10_000);
    const holders = holdersOf(fabric, id);
    assert.equal(holders.length, 3, fabric.whereabouts(id));
    const missing = holders.filter((node) => !fabric.node(winner).listOf(id).includes(node));
    assert.deepEqual(missing, []);
  });
}

test("who is told to drop copies, and gets one in the same turn, says for whom it holds that, and that it has no other", () => {
  const fabric = new Fabric(3);
  fabric.silence(1, 2);
  const { id } = fabric.node(1).add({ replicate: 3 });
  const other = fabric.node(0).add();
  const holder = fabric.node(2);
  holder.isStill = true;
  fabric.sent.length = 0;
  holder.receive(0, { type: "drop", ids: packedIds(id, other.id), isOver: false, isShort: false });
  fabric.endSilence(1, 2);
  fabric.until(() => holder.roleOf(id) === "copy", 20);
  holder.isStill = false;
  fabric.run(50);
  assert.deepEqual(
    fabric.sent.filter((line) => line.startsWith("2>0")),
    ["2>0 holders", "2>0 dropped", "2>0 held"],
  );
});

test("who hears that it is taken for a holder, and is given the job for good in the same turn, is its only keeper", () => {
  const fabric = new Fabric(3);
  const leaving = fabric.node(0);
  let { id } = leaving.add({ replicate: 2 });
  while (leaving.listOf(id)[1] !== 2) ({ id } = leaving.add({ replicate: 2 }));
  fabric.run(50);
  const [heir, rival] = [fabric.node(1), fabric.node(2)];
  fabric.silence(0, 2);
  fabric.silence(2, 0);
  heir.isStill = true;
  const job = rival.find(id);
  rival.broker.roles.setList(job, [...rival.broker.roles.list(job), rival.indexOf(1)]);
  rival.jobs.takeOver(job);
  rival.turn();
  fabric.run(10);
  leaving.setLeaving(true);
  fabric.until(() => heir.roleOf(id).startsWith("own"), 100);
  heir.isStill = false;
  fabric.heal();
  fabric.run(10_000);
  assert.equal(fabric.whereabouts(id), "1 own queued, 2 copy");
});

test("a copy that is made and deleted in one turn is not counted on", () => {
  const fabric = new Fabric(2);
  const [keeper, holder] = [fabric.node(0), fabric.node(1)];
  holder.isStill = true;
  const { id } = keeper.add({ replicate: 2, isAsync: true });
  fabric.until(() => holder.roleOf(id) === "copy", 20);
  holder.jobs.delete(holder.find(id));
  // What it says of that arrives in one turn.
  keeper.isStill = true;
  holder.isStill = false;
  fabric.run(20);
  keeper.isStill = false;
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy");
});
