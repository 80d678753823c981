/**
 * Two nodes keep a job for a moment: one hears from a third that it has no copy, and the other gives it one. What the
 * third has said may arrive behind what others say of that copy, and where it has been in the list for long.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

const BYTES_MAX = 1_000_000_000;

interface Dispute {
  readonly fabric: Fabric;
  readonly id: string;
  /** Stays keeper. */
  readonly winner: FabricNode;
  readonly loser: FabricNode;
  /** What it says does not arrive at the winner. */
  readonly third: FabricNode;
}

/** The loser may have asked for the third's copy before there was a winner, who has heard of that. */
function dispute(isOneTurn: boolean, isAsked: boolean): Dispute {
  const fabric = new Fabric(3, { maxMemoryBytes: BYTES_MAX, delayMsMax: 1 });
  const loser = fabric.node(0);
  const { id } = loser.add({ replicate: 2, retry: 300 });
  fabric.run(50);
  const winner = fabric.node(loser.listOf(id)[1] as number);
  const third = fabric.node(3 - winner.number);
  const of = { fabric, id, winner, loser, third };
  // What is not live for it, it does not take copies from.
  winner.setLive(third.number, false);
  fabric.silence(0, third.number);
  if (isAsked) ask(of, loser);
  fabric.silence(winner.number, 0);
  fabric.silence(0, winner.number);
  fabric.silence(third.number, winner.number);
  third.isStill = isOneTurn;
  winner.jobs.takeOver(winner.find(id));
  winner.turn();
  fabric.run(3);
  if (!isAsked) ask(of, loser);
  return of;
}

/** A keeper asks the third for a copy. */
function ask({ fabric, id, third }: Dispute, keeper: FabricNode): void {
  keeper.setLive(third.number, true);
  keeper.jobs.makeCopies(keeper.find(id), 1);
  keeper.turn();
  fabric.run(3);
}

const denials: Readonly<Record<string, (of: Dispute) => void>> = {
  "has been refused": (of) => {
    of.third.broker.memory.maxBytes = 1;
    ask(of, of.winner);
    of.third.broker.memory.maxBytes = BYTES_MAX;
  },
  "has been dropped": (of) => {
    ask(of, of.winner);
    of.winner.jobs.dropCopies(of.winner.find(of.id), [of.winner.indexOf(of.third.number)], false);
    of.winner.turn();
    of.fabric.run(3);
  },
  "has been deleted": (of) => {
    ask(of, of.winner);
    of.third.jobs.delete(of.third.find(of.id));
    of.third.turn();
    of.fabric.run(3);
  },
  "was never there": () => {},
};

for (const [what, deny] of Object.entries(denials)) {
  for (const isOneTurn of [false, true]) {
    const when = isOneTurn ? "in the turn" : "after the turn";

    test(`a keeper hears of a copy that comes ${when} in which it is told that it ${what}`, () => {
      const of = dispute(isOneTurn, what === "was never there");
      const { fabric, id, winner, loser, third } = of;
      deny(of);
      assert.equal(third.roleOf(id), "");
      fabric.endSilence(0, third.number);
      fabric.until(() => third.roleOf(id) === "copy", 10);
      fabric.silence(0, third.number);
      winner.jobs.showTo(winner.find(id), winner.indexOf(third.number));
      winner.turn();
      fabric.until(() => third.listOf(id)[0] === winner.number, 10);
      fabric.endSilence(winner.number, 0);
      fabric.endSilence(0, winner.number);
      fabric.until(() => loser.roleOf(id) === "copy", 10);
      fabric.run(10);
      third.isStill = false;
      // All of it comes in one frame.
      winner.isStill = true;
      fabric.endSilence(third.number, winner.number);
      fabric.run(10);
      winner.isStill = false;
      fabric.run(10);
      fabric.heal();
      fabric.run(10_000);
      winner.ack(id);
      fabric.run(5000);
      assert.equal(fabric.whereabouts(id), "");
    });
  }
}

test("of all who were told that a copy has been deleted it is the keeper who hears of another one", () => {
  const fabric = new Fabric(5);
  const keeper = fabric.node(0);
  const { id } = keeper.add({ replicate: 4, retry: 300 });
  fabric.run(50);
  const [rival = keeper, deleting = keeper] = fabric.nodes.filter(
    (node) => node !== keeper && node.roleOf(id) === "copy",
  );
  // It makes no other copy.
  fabric.silence(deleting.number, 0);
  deleting.jobs.delete(deleting.find(id));
  deleting.turn();
  fabric.run(10);
  for (const { number } of fabric.nodes) fabric.silence(rival.number, number);
  fabric.endSilence(rival.number, deleting.number);
  for (const { number } of fabric.nodes) rival.setLive(number, number === deleting.number);
  fabric.sent.length = 0;
  rival.jobs.takeOver(rival.find(id));
  rival.turn();
  fabric.until(() => deleting.roleOf(id) === "copy", 100);
  assert.ok(fabric.sent.includes(`${deleting.number}>0 holders`));
});
