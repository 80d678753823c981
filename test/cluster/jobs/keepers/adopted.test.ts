/** Borrowed jobs whose lenders are not heard of, or have forgotten them: what was over stays over. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;
const AUDIT_MS = 1200;
const REPAIR_DELAY_MS = 200;
/** Copies that are too many are gone after so long, also when those who may have none were waited for. */
const TRIMMED_MS = 5000;

/** A job of node 0 that a client of the returned borrower has, which is no holder. */
function withLoan(replicate: number): { fabric: Fabric; id: string; borrower: number } {
  const fabric = new Fabric(4, { repairDelayMs: REPAIR_DELAY_MS });
  const { id } = fabric.node(0).add({ replicate, retry: 60 });
  fabric.run(SOON_MS);
  const holders = fabric.node(0).listOf(id);
  const borrower = [1, 2, 3].find((number) => !holders.includes(number)) ?? 3;
  fabric.node(borrower).take();
  fabric.run(SOON_MS);
  assert.equal(fabric.node(borrower).roleOf(id), "borrowed active");
  return { fabric, id, borrower };
}

/** The lender starts again; who takes over can send nothing large to the borrower. */
function restartLender(fabric: Fabric, id: string, borrower: number): number {
  const [, holder = 0] = fabric.node(0).listOf(id);
  fabric.congested.add(`${holder}>${borrower}`);
  fabric.restart(0);
  fabric.node(holder).turn();
  assert.equal(fabric.node(holder).roleOf(id), "own queued");
  return holder;
}

/** The borrower hears nobody, and nobody hears it. */
function isolate(fabric: Fabric, borrower: number): void {
  const others = [0, 1, 2, 3].filter((number) => number !== borrower);
  fabric.split([borrower], others);
  for (const other of others) fabric.node(borrower).setLive(other, false);
  fabric.setLive(borrower, false);
}

/** Node 0 makes a copy for a holder that is dead for longer than it waits. */
function replace(fabric: Fabric, holder: number): void {
  const others = [0, 1, 2, 3].filter((number) => number !== holder);
  fabric.split([holder], others);
  fabric.setLive(holder, false);
  fabric.run(5 * REPAIR_DELAY_MS);
}

describe("a job that its borrower adopted", () => {
  test("is forgotten when its holders have collected its acknowledgement meanwhile", () => {
    const { fabric, id, borrower } = withLoan(2);
    const [, holder = 0] = fabric.node(0).listOf(id);
    isolate(fabric, borrower);
    assert.equal(fabric.node(borrower).roleOf(id), "own active");
    // Whoever lent it takes it back, gives it to a client of his own, and is done with it.
    fabric.node(0).jobs.requeue(fabric.node(0).find(id), "client");
    fabric.node(0).take();
    fabric.node(0).ack(id);
    fabric.run(2000);
    assert.equal(fabric.node(holder).roleOf(id), "");
    fabric.heal();
    fabric.run(2000);
    assert.equal(fabric.whereabouts(id), "");
  });

  test("stays when its holders have lost their memory", () => {
    const { fabric, id, borrower } = withLoan(2);
    const [, holder = 0] = fabric.node(0).listOf(id);
    isolate(fabric, borrower);
    fabric.restart(0);
    fabric.restart(holder);
    fabric.heal();
    fabric.run(2000);
    assert.equal(fabric.node(borrower).roleOf(id), "own active");
  });

  test("has its acknowledgement from holders that still know of it", () => {
    const { fabric, id, borrower } = withLoan(2);
    const [, holder = 0] = fabric.node(0).listOf(id);
    fabric.cut(0, holder);
    isolate(fabric, borrower);
    fabric.node(0).ack(id);
    fabric.run(2000);
    assert.match(fabric.node(0).roleOf(id), /tombstone/);
    fabric.join(0, borrower);
    fabric.node(borrower).setLive(0, true);
    fabric.run(SOON_MS);
    fabric.heal();
    fabric.run(4000);
    assert.equal(fabric.whereabouts(id), "");
  });

  test("is its keeper's again when there is one", () => {
    const { fabric, id, borrower } = withLoan(2);
    isolate(fabric, borrower);
    fabric.run(2000);
    fabric.heal();
    fabric.run(5000);
    const roles = fabric.running.map((node) => node.roleOf(id));
    assert.equal(roles.filter((role) => role.startsWith("own")).length, 1, `${roles}`);
  });
});

test("a job that its borrower adopted has no copy too many when its lender turns out to live", () => {
  const { fabric, id, borrower } = withLoan(1);
  fabric.node(borrower).setLive(0, false);
  fabric.node(borrower).turn();
  fabric.node(borrower).setLive(0, true);
  assert.equal(fabric.whereabouts(id), `0 own lent, ${borrower} own active`);
  fabric.run(TRIMMED_MS);
  assert.equal(fabric.whereabouts(id), `${borrower} own active`);
});

test("a job that its borrower adopted gets the copies that it lacks when a holder has said that it follows", () => {
  const fabric = new Fabric(5, { repairDelayMs: REPAIR_DELAY_MS });
  const { id } = fabric.node(0).add({ replicate: 3, retry: 60 });
  fabric.run(SOON_MS);
  const [, holder = 0, other = 0] = fabric.node(0).listOf(id);
  const [borrower = 0, last = 0] = [1, 2, 3, 4].filter((n) => n !== holder && n !== other);
  fabric.node(borrower).take();
  fabric.run(SOON_MS);
  // Two of them are dead, of which the borrower hears first.
  for (const dead of [0, other]) fabric.crash(dead);
  for (const { number } of fabric.nodes) fabric.node(borrower).setLive(number, number === last);
  fabric.node(borrower).setLive(holder, true);
  fabric.run(SOON_MS);
  assert.equal(fabric.node(holder).roleOf(id), "copy");
  assert.equal(fabric.node(borrower).roleOf(id), "own active");
  for (const dead of [0, other]) fabric.setLive(dead, false);
  fabric.run(TRIMMED_MS);
  assert.match(fabric.node(last).roleOf(id), /^copy/);
});

test("a job that its borrower adopted keeps its copies while others may be about to say that they have none", () => {
  const { fabric, id, borrower } = withLoan(2);
  isolate(fabric, borrower);
  fabric.node(0).jobs.delete(fabric.node(0).find(id));
  fabric.node(0).turn();
  fabric.run(5 * REPAIR_DELAY_MS);
  const copies = () => fabric.nodes.filter((node) => /^(own|copy)/.test(node.roleOf(id))).length;
  assert.equal(copies(), 3, fabric.whereabouts(id));
  const { broker } = fabric.node(borrower);
  broker.jobs.setEpoch(fabric.node(borrower).find(id), 9);
  fabric.silence(0, borrower);
  for (const other of [0, 1, 2, 3]) if (other !== borrower) fabric.join(borrower, other);
  for (const { number } of fabric.nodes) fabric.setLive(number, true);
  fabric.run(2000);
  assert.equal(copies(), 3, fabric.whereabouts(id));
  fabric.endSilence(0, borrower);
  fabric.run(TRIMMED_MS);
  assert.equal(copies(), 2, fabric.whereabouts(id));
});

describe("a borrowed job whose lender has started again", () => {
  test("is forgotten when the next keeper has had it acknowledged", () => {
    const { fabric, id, borrower } = withLoan(2);
    const holder = restartLender(fabric, id, borrower);
    fabric.node(holder).take();
    assert.deepEqual(fabric.node(holder).delivered, [id]);
    fabric.node(holder).ack(id);
    fabric.run(AUDIT_MS);
    assert.equal(fabric.node(borrower).roleOf(id), "");
    fabric.run(2000);
    assert.equal(fabric.whereabouts(id), "");
  });

  test("is asked back by the next keeper, who has queued it", () => {
    const { fabric, id, borrower } = withLoan(2);
    const holder = restartLender(fabric, id, borrower);
    fabric.run(AUDIT_MS);
    assert.equal(fabric.node(borrower).roleOf(id), "");
    assert.equal(fabric.node(holder).roleOf(id), "own queued");
  });

  test("stays with its client while the loan stands", () => {
    const { fabric, id, borrower } = withLoan(1);
    const other = [1, 2, 3].find((number) => number !== borrower) ?? 1;
    fabric.restart(other);
    fabric.run(AUDIT_MS);
    assert.equal(fabric.node(borrower).roleOf(id), "borrowed active");
    assert.equal(fabric.node(0).roleOf(id), "own lent");
  });

  test("is known to be with a holder that came later, which takes it over alone", () => {
    const { fabric, id, borrower } = withLoan(2);
    const [, holder = 0] = fabric.node(0).listOf(id);
    const other = [1, 2, 3].find((number) => number !== holder && number !== borrower) ?? 3;
    replace(fabric, holder);
    assert.equal(fabric.node(other).roleOf(id), "copy");
    fabric.crash(0);
    fabric.setLive(0, false);
    fabric.run(SOON_MS);
    assert.match(fabric.node(other).roleOf(id), /^own/);
    assert.doesNotMatch(fabric.node(borrower).roleOf(id), /^own/);
  });
});
