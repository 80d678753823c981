/** FASTACK: all who may have the job are told once, and what may come back is remembered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

test("FASTACK of a job that is known removes all copies", () => {
  const fabric = new Fabric(4);
  const { id } = fabric.node(0).add({ replicate: 3 });
  fabric.run(20);
  const holder = fabric.node(0).listOf(id)[1] as number;
  const words = idWords(fabric, 0, id);
  assert.equal(fabric.node(holder).jobs.fastAck(words), true);
  fabric.node(holder).turn();
  fabric.run(50);
  assert.equal(fabric.records, 0);
});

test("FASTACK of a job that is not known here reaches those who have it", () => {
  const fabric = new Fabric(4);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(20);
  const stranger = [1, 2, 3].find((number) => fabric.node(number).roleOf(id) === "") as number;
  assert.equal(fabric.node(stranger).jobs.fastAck(idWords(fabric, 0, id)), false);
  fabric.node(stranger).turn();
  fabric.run(50);
  assert.equal(fabric.records, 0);
});

test("FASTACK is remembered for a holder that is away and starts again with the job", () => {
  for (const isAtHolder of [true, false]) {
    const fabric = new Fabric(4, { hasLogs: true });
    const { id } = fabric.node(0).add({ replicate: 2 });
    fabric.run(20);
    const away = fabric.node(0).listOf(id)[1] as number;
    const asked = fabric.node(isAtHolder ? 0 : (away % 3) + 1);
    const words = idWords(fabric, 0, id);
    fabric.crash(away);
    fabric.run(20);
    assert.equal(asked.jobs.fastAck(words), isAtHolder);
    asked.turn();
    fabric.run(20);
    assert.equal(fabric.node(0).roleOf(id), "tombstone");
    fabric.restart(away, true);
    fabric.run(5000);
    assert.equal(fabric.whereabouts(id), "");
  }
});

test("FASTACK where the job is not known, and nobody is left to hear it, is remembered until its holders are back", () => {
  const fabric = new Fabric(4, { hasLogs: true });
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(20);
  const words = idWords(fabric, 0, id);
  const holders = [0, fabric.node(0).listOf(id)[1] as number];
  const asked = fabric.node((holders[1] as number) === 1 ? 2 : 1);
  for (const holder of holders) fabric.crash(holder);
  fabric.run(20);
  assert.equal(asked.jobs.fastAck(words), false);
  asked.turn();
  fabric.run(1000);
  assert.equal(fabric.whereabouts(id), `${asked.number} dummy`);
  for (const holder of holders) fabric.restart(holder, true);
  fabric.run(5000);
  assert.equal(fabric.whereabouts(id), "");
});

for (const asked of [0, 1]) {
  test(`FASTACK at node ${asked} of a job whose ADDJOB waits leaves nothing on who starts again with it`, () => {
    const fabric = new Fabric(3, { hasLogs: true });
    fabric.node(2).broker.pause(fabric.node(2).queue(), true, false);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(20);
    assert.equal(fabric.whereabouts(added.id), "0 own replicating, 1 copy");
    assert.equal(fabric.node(asked).jobs.fastAck(idWords(fabric, asked, added.id)), true);
    fabric.node(asked).turn();
    fabric.until(() => added.outcome !== "waiting", 20);
    assert.equal(added.outcome, "added", "as good as added: it was taken");
    fabric.crash(1 - asked);
    fabric.restart(1 - asked, true);
    fabric.run(5000);
    assert.equal(fabric.records, 0);
  });
}

test("a request for a copy that was on its way to a node before FASTACK is refused there", () => {
  const fabric = new Fabric(3);
  fabric.silence(0, 2);
  const { id } = fabric.node(0).add({ replicate: 3, isAsync: true });
  fabric.run(20);
  assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy");
  assert.equal(fabric.node(1).jobs.fastAck(idWords(fabric, 1, id)), true);
  fabric.node(1).turn();
  fabric.run(20);
  assert.equal(fabric.records, 0);
  fabric.endSilence(0, 2);
  fabric.until(() => fabric.sent.includes("2>0 stored"), 20);
  assert.equal(fabric.whereabouts(id), "");
});

test("a holder whose copy arrived behind the word that there is none speaks up too late, and is told of FASTACK (cluster seed 910000087)", () => {
  // It ends too soon for another copy to be made for the one that came late.
  const ttl = 60;
  const fabric = new Fabric(3, { repairDelayMs: 1000 * ttl });
  fabric.silence(0, 2);
  fabric.node(1).take();
  fabric.run(20);
  const { id } = fabric.node(0).add({ replicate: 3, ttl, isAsync: true });
  fabric.until(() => fabric.sent.includes("2>1 gone"), 20);
  fabric.run(20);
  assert.equal(fabric.whereabouts(id), "0 copy, 1 own active");
  fabric.silence(2, 1);
  fabric.endSilence(0, 2);
  fabric.run(20);
  assert.equal(fabric.whereabouts(id), "0 copy, 1 own active, 2 copy");
  assert.equal(fabric.node(1).jobs.fastAck(idWords(fabric, 1, id)), true);
  fabric.node(1).turn();
  fabric.run(20);
  fabric.endSilence(2, 1);
  fabric.run(1000);
  assert.equal(fabric.whereabouts(id), "");
});

function idWords(fabric: Fabric, number: number, id: string): Int32Array {
  const node = fabric.node(number);
  const job = node.find(id);
  return Int32Array.from({ length: 6 }, (_, word) => node.broker.jobs.idWord(job, word));
}
