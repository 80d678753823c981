/**
 * A node's word that it has no copy is under way to a new keeper, and the former one, which has not heard of that one,
 * gives the node a copy.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;
const REPAIRED_MS = 5000;
const FORMER = 0;

interface Denied {
  readonly fabric: Fabric;
  readonly id: string;
  /** Has taken the job over, and counts on the third node. */
  readonly keeper: number;
  /** Has had a copy, told the keeper that it has none, and has one again. */
  readonly third: number;
}

function deniedTooEarly(): Denied {
  const fabric = new Fabric(4, { repairDelayMs: SOON_MS });
  const former = fabric.node(FORMER);
  const { id } = former.add({ replicate: 3, retry: 600 });
  fabric.run(SOON_MS);
  const keeper = former.listOf(id)[1] ?? -1;
  const third =
    fabric.nodes.find(({ number }) => !former.listOf(id).includes(number))?.number ?? -1;
  const isCopied = () => fabric.node(third).roleOf(id) === "copy";
  // For a while there are four copies. The next keeper does not hear that one is gone again.
  fabric.cut(FORMER, keeper);
  former.setLive(keeper, false);
  fabric.until(isCopied, REPAIRED_MS);
  fabric.join(FORMER, keeper);
  fabric.until(() => fabric.node(keeper).listOf(id).includes(third), SOON_MS);
  fabric.silence(FORMER, keeper);
  fabric.silence(keeper, FORMER);
  fabric.silence(third, keeper);
  former.setLive(keeper, true);
  fabric.until(() => !isCopied(), REPAIRED_MS);
  fabric.run(SOON_MS);
  fabric.node(keeper).setLive(FORMER, false);
  fabric.until(() => fabric.sent.includes(`${third}>${keeper} gone`), REPAIRED_MS);
  fabric.cut(FORMER, keeper);
  former.setLive(keeper, false);
  fabric.until(isCopied, REPAIRED_MS);
  fabric.run(SOON_MS);
  fabric.join(FORMER, keeper);
  return { fabric, id, keeper, third };
}

test("a copy that its node has denied too early is known to the keeper as soon as the former one gives up", () => {
  const { fabric, id, keeper, third } = deniedTooEarly();
  assert.match(fabric.whereabouts(id), /own.*own/);
  fabric.endSilence(keeper, FORMER);
  fabric.until(() => fabric.node(FORMER).roleOf(id) === "copy", SOON_MS);
  assert.ok(fabric.node(FORMER).listOf(id).includes(third));
  for (const number of [FORMER, third]) {
    fabric.endSilence(number, keeper);
    fabric.run(SOON_MS);
  }
  fabric.heal();
  fabric.run(REPAIRED_MS);
  const holders = fabric.running.filter((node) => node.roleOf(id) !== "");
  const keepers = holders.map((node) => node.listOf(id)[0]);
  assert.deepEqual(new Set(keepers), new Set([keeper]), fabric.whereabouts(id));
});

test("a keeper that pushes its job to a client at a holder, who keeps it from then on, names no copies", () => {
  const fabric = new Fabric(4);
  const former = fabric.node(FORMER);
  const { id } = former.add({ replicate: 3, retry: 600 });
  fabric.run(SOON_MS);
  const holder = fabric.node(former.listOf(id)[1] ?? -1);
  fabric.sent.length = 0;
  holder.take();
  fabric.run(SOON_MS);
  assert.equal(holder.roleOf(id), "own active");
  assert.equal(former.roleOf(id), "copy");
  assert.equal(fabric.count("holders"), 0);
});

test("a keeper that gives up names no copy at who has borrowed the job", () => {
  const fabric = new Fabric(4);
  const former = fabric.node(FORMER);
  const { id } = former.add({ replicate: 3, retry: 600 });
  fabric.run(SOON_MS);
  const list = former.listOf(id);
  const borrower = fabric.nodes.find(({ number }) => !list.includes(number));
  borrower?.take();
  fabric.run(SOON_MS);
  assert.equal(former.roleOf(id), "own lent");
  const keeper = fabric.node(list[1] ?? -1);
  keeper.jobs.takeOver(keeper.find(id));
  keeper.turn();
  fabric.run(SOON_MS);
  assert.equal(former.roleOf(id), "copy");
});
