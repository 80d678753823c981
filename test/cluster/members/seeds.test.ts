/** Seeds that are names: a cluster that is complete is not dialled any more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hello, Lone } from "./support/lone.ts";
import { idOf } from "./support/process.ts";

const NAMED = { host: "ringq-1.ringq", port: 17_711 };

test("a seed that refuses because there is a link already is left alone", () => {
  const lone = new Lone();
  const { membership, dialled } = lone;
  membership.received(lone.accept(), hello);
  assert.equal(membership.size, 2);
  membership.setSeeds([NAMED]);
  lone.pass(100);
  assert.equal(dialled.length, 1, "a name tells nothing before it was dialled");
  membership.dialFailed(NAMED, { remoteId: idOf(2), isProven: false });
  lone.pass(1000);
  assert.equal(dialled.filter(({ host }) => host === NAMED.host).length, 1);
});

test("a seed that is this node itself is left alone", () => {
  const lone = new Lone();
  const { membership, dialled } = lone;
  membership.setSeeds([NAMED]);
  lone.pass(100);
  membership.dialFailed(NAMED, { remoteId: idOf(1), isProven: false });
  lone.pass(10_000);
  assert.equal(dialled.length, 1);
});

test("a seed that does not answer is dialled again and again", () => {
  const lone = new Lone();
  const { membership, dialled } = lone;
  membership.setSeeds([NAMED]);
  for (let i = 0; i < 5; i++) {
    lone.pass(5000);
    membership.dialFailed(NAMED, { remoteId: undefined, isProven: false });
  }
  assert.equal(dialled.length, 5);
});

test("somebody is told once of a seed that does not answer, and of why", () => {
  const lone = new Lone();
  const { membership, unanswered } = lone;
  membership.setSeeds([NAMED]);
  for (let i = 0; i < 20; i++) {
    lone.pass(5000);
    assert.equal(unanswered.length, i < 8 ? 0 : 1, `after ${i} attempts`);
    membership.dialFailed(NAMED, { remoteId: undefined, isProven: false, text: "no such name" });
  }
  assert.deepEqual(unanswered, [`${NAMED.host}: no such name`]);
});
