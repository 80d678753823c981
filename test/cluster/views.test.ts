/** Views: equal sets have equal fingerprints, and the last few sets can be found again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { VIEWS_MAX, Views } from "../../src/cluster/views.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { fc } from "../support/fast-check.ts";
import { randomMembers, realHash, realTokens, xxh64 } from "./rings.ts";

function newViews(): Views {
  return new Views(realHash, realTokens);
}

test("the fingerprint is the XOR of the members' hashes, in whatever order they came", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(12), (seed, count) => {
      const random = new Xorshift(seed);
      const members = randomMembers(random, count);
      const expected = members.reduce((xor, { id }) => xor ^ xxh64(Buffer.from(`m\0${id}`)), 0n);
      for (let i = 0; i < 3; i++) {
        const views = newViews();
        views.change(random.shuffle([...members]));
        assert.equal(views.current.fingerprint, expected.toString(16).padStart(16, "0"));
        assert.equal(views.current.hint, Number(expected & 0xfffn));
      }
    }),
  );
});

test("the same members in another order are no change", () => {
  const views = newViews();
  const members = randomMembers(new Xorshift(1), 5);
  assert.equal(views.change(members), true);
  const { ring } = views.current;
  assert.equal(views.change(members.toReversed()), false);
  assert.equal(views.current.ring, ring);
  assert.equal(views.change(members.slice(1)), true);
  assert.equal(views.change([]), true);
  assert.equal(views.change([]), false);
});

test("the views before are found by their hint, as many as are remembered", () => {
  const views = newViews();
  const members = randomMembers(new Xorshift(2), VIEWS_MAX + 2);
  const hints: number[] = [];
  for (let count = 1; count <= members.length; count++) {
    views.change(members.slice(0, count));
    hints.push(views.current.hint);
  }
  const found = hints.map((hint) => views.older(hint)?.members.length);
  const forgotten = Array.from({ length: 2 }, () => undefined);
  const remembered = Array.from({ length: VIEWS_MAX - 1 }, (_, i) => i + 3);
  assert.deepEqual(found, [...forgotten, ...remembered, undefined]);
});

test("a set that returns is the view it was, with its ring", () => {
  const views = newViews();
  const members = randomMembers(new Xorshift(3), 4);
  views.change(members);
  const { ring, hint } = views.current;
  views.change(members.slice(1));
  assert.equal(views.older(hint)?.ring, ring);
  views.change(members);
  assert.equal(views.current.ring, ring);
  assert.equal(views.older(hint), undefined);
});

test("views that would name the wrong nodes are forgotten", () => {
  const views = newViews();
  const members = randomMembers(new Xorshift(4), 4);
  views.change(members.slice(0, 2));
  const without = views.current.hint;
  views.change(members.slice(0, 3));
  const { hint } = views.current;
  const [first, second, , other] = members;
  assert.ok(first !== undefined && second !== undefined && other !== undefined);
  views.change([first, second, { node: 2, id: other.id }]);
  assert.equal(views.older(hint), undefined, "index 2 now means another node");
  assert.equal(views.older(without)?.members.length, 2);
  const swapped = [
    { node: 1, id: first.id },
    { node: 0, id: second.id },
  ];
  assert.equal(views.change(swapped), true);
  assert.equal(views.change([first, second]), true, "same ids, other indexes");
  assert.deepEqual([...views.current.ring.nodes].sort(), [0, 1]);
});

test("a view keeps the ids it was made with", () => {
  const views = newViews();
  const members = randomMembers(new Xorshift(5), 2).map((member) => ({ ...member }));
  views.change(members);
  const { fingerprint } = views.current;
  for (const member of members) member.id = "0".repeat(40);
  assert.notEqual(views.current.members[0]?.id, members[0]?.id);
  assert.equal(views.current.fingerprint, fingerprint);
});
