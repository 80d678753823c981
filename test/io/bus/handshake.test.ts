/**
 * Two nodes make sure of each other: who gets through, who does not, and what an attacker who sees
 * or changes bytes can do. Without sockets.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GREETING_BYTES } from "../../../src/io/bus/greeting.ts";
import { fc } from "../../support/fast-check.ts";
import { converse, Side, type SideOptions } from "./duet.ts";

const SECRET = { secrets: ["open sesame"] };

function outcomes(dialler: SideOptions, accepter: SideOptions): [string, string] {
  const [one, other] = [new Side("dialler", dialler), new Side("accepter", accepter)];
  converse(one, other);
  return [one.outcome, other.outcome];
}

test("two nodes with the same secret, or with none, get through", () => {
  assert.deepEqual(outcomes(SECRET, SECRET), ["up", "up"]);
  assert.deepEqual(outcomes({}, {}), ["up", "up"]);
});

test("each learns who the other is, however the bytes are cut", () => {
  for (const pieceBytes of [1, 2, 75, 76, 77, 108, 109, 110, 1000]) {
    const one = new Side("dialler", { ...SECRET, greeting: { incarnation: 2 ** 53 - 1 } });
    const other = new Side("accepter", SECRET);
    converse(one, other, pieceBytes);
    assert.ok(one.verdict?.isUp && other.verdict?.isUp);
    assert.equal(one.verdict.remote.nodeId, "a".repeat(40));
    assert.equal(other.verdict.remote.nodeId, "d".repeat(40));
    assert.equal(other.verdict.remote.incarnation, 2 ** 53 - 1);
  }
});

test("what follows the handshake is left to whoever reads frames", () => {
  const [one, other] = [new Side("dialler"), new Side("accepter")];
  other.receive(one.take());
  one.receive(other.take());
  other.receive(one.take());
  one.receive(other.take());
  const go = one.take();
  assert.equal(other.receive(Buffer.concat([go, Buffer.from("frames")])), go.length);
  assert.equal(other.outcome, "up");
  assert.equal(other.receive(Buffer.from("more")), 0);
});

test("a wrong secret is refused, and the one who came is told", () => {
  const outcome = outcomes({ secrets: ["open barley"] }, SECRET);
  assert.deepEqual(outcome, ["peer: wrong-secret", "wrong-secret"]);
});

test("a secret on one side only is refused on both", () => {
  assert.deepEqual(outcomes({}, SECRET), ["no-secret", "no-secret"]);
  assert.deepEqual(outcomes(SECRET, {}), ["no-secret", "no-secret"]);
});

test("during a rotation either secret is good, and the first is the one shown", () => {
  const [old, both, turned] = [["old"], ["old", "new"], ["new", "old"]];
  for (const [dialler, accepter] of [
    [old, both],
    [both, old],
    [both, turned],
    [turned, both],
    [turned, ["new"]],
    [["new"], turned],
  ]) {
    const outcome = outcomes({ secrets: dialler ?? [] }, { secrets: accepter ?? [] });
    assert.deepEqual(outcome, ["up", "up"], `${dialler} to ${accepter}`);
  }
  assert.deepEqual(outcomes({ secrets: turned }, { secrets: old })[1], "wrong-secret");
});

test("the newest version that both know is spoken", () => {
  for (const [mine, yours, common] of [
    [[1, 2], [2, 3], 2],
    [[1, 5], [1, 3], 3],
    [[4, 4], [1, 4], 4],
  ] as const) {
    const one = new Side("dialler", { greeting: { versionMin: mine[0], versionMax: mine[1] } });
    const other = new Side("accepter", {
      greeting: { versionMin: yours[0], versionMax: yours[1] },
    });
    converse(one, other);
    for (const { verdict } of [one, other]) assert.ok(verdict?.isUp && verdict.version === common);
  }
});

test("both sides know that they have no version in common", () => {
  const outcome = outcomes({ greeting: { versionMin: 3, versionMax: 4 } }, {});
  assert.deepEqual(outcome, ["version", "version"]);
});

test("a node recognises itself", () => {
  const nodeId = "5".repeat(40);
  assert.deepEqual(outcomes({ greeting: { nodeId } }, { greeting: { nodeId } }), ["self", "self"]);
});

test("a stranger who only connects is shown no proof", () => {
  const [one, other] = [new Side("dialler", SECRET), new Side("accepter", SECRET)];
  assert.equal(other.take().length, 0);
  other.receive(one.take());
  assert.equal(other.take().length, GREETING_BYTES);
});

test("a proof that was recorded is worth nothing on another connection", () => {
  const [one, other] = [new Side("dialler", SECRET), new Side("accepter", SECRET)];
  converse(one, other);
  assert.equal(other.outcome, "up");
  const again = new Side("accepter", SECRET);
  for (const message of one.sent) again.receive(message);
  assert.equal(again.outcome, "wrong-secret");
});

test("a recorded accepter is worth nothing either", () => {
  const [one, other] = [new Side("dialler", SECRET), new Side("accepter", SECRET)];
  converse(one, other);
  const again = new Side("dialler", SECRET);
  for (const message of other.sent) again.receive(message);
  assert.equal(again.outcome, "wrong-secret");
});

test("a proof sent back to its maker is refused, under another name too", () => {
  const victim = new Side("dialler", SECRET);
  const greeting = victim.take();
  const mirrored = Buffer.from(greeting);
  mirrored[20] = 0;
  victim.receive(mirrored);
  const proof = victim.take();
  victim.receive(proof);
  assert.equal(victim.outcome, "wrong-secret");
  const plain = new Side("dialler", SECRET);
  plain.receive(plain.take());
  assert.equal(plain.outcome, "self");
});

test("a proof got from a second connection to the same node does not open the first", () => {
  // The attacker dials the victim, and lets the victim dial it with the very same greeting.
  const first = new Side("accepter", SECRET);
  const attacker = new Side("dialler", { secrets: ["?"] });
  first.receive(attacker.take());
  const second = new Side("dialler", { ...SECRET, greeting: { nodeId: "a".repeat(40) } });
  second.receive(attacker.sent[0] as Buffer);
  const lent = second.sent[1];
  assert.ok(lent);
  first.receive(lent);
  assert.equal(first.outcome, "wrong-secret");
});

test("no byte of a handshake can be changed on the way", () => {
  for (let at = 0; at < 76; at++) {
    for (const isDialler of [true, false]) {
      const [one, other] = [new Side("dialler", SECRET), new Side("accepter", SECRET)];
      const greeting = one.take();
      if (isDialler) greeting[at] = (greeting[at] ?? 0) ^ 1;
      other.receive(greeting);
      const answer = other.take();
      if (!isDialler && answer.length > at) answer[at] = (answer[at] ?? 0) ^ 1;
      one.receive(answer);
      converse(one, other);
      assert.notEqual(one.outcome, "up", `byte ${at}`);
      assert.notEqual(other.outcome, "up", `byte ${at}`);
    }
  }
});

test("each side's own objections reach the other", () => {
  const greeted = { judge: { greeted: () => "protected" as const } };
  assert.deepEqual(outcomes({}, greeted), ["peer: protected", "protected"]);
  const proven = { judge: { proven: () => "wrong-id" as const } };
  assert.deepEqual(outcomes(proven, {}), ["wrong-id", "peer: wrong-id"]);
  assert.deepEqual(outcomes({}, proven), ["peer: wrong-id", "wrong-id"]);
});

test("an objection behind a proof is against somebody who has proven himself", () => {
  const one = new Side("dialler", { ...SECRET, judge: { proven: () => "wrong-id" } });
  const other = new Side("accepter", SECRET);
  converse(one, other);
  assert.ok(one.verdict?.isUp === false && one.verdict.isProven);
  assert.ok(other.verdict?.isUp === false && other.verdict.isProven);
});

test("a node that is stopping says so", () => {
  const [one, other] = [new Side("dialler"), new Side("accepter")];
  other.receive(one.take());
  other.handshake.refuse("stopping");
  one.receive(other.take());
  assert.deepEqual([one.outcome, other.outcome], ["peer: stopping", "stopping"]);
});

test("somebody who speaks another protocol is known by the first wrong byte", () => {
  for (const text of ["*1\r\n$4\r\nPING\r\n", "GET / HTTP/1.1\r\n", "ringqbuz", "\0"]) {
    const side = new Side("accepter");
    side.receive(Buffer.from(text));
    assert.equal(side.outcome, "not-a-peer");
    assert.equal(side.take().length, 0);
  }
});

test("no bytes whatsoever get a stranger through, or make the handshake stumble", () => {
  const honest = new Side("dialler", SECRET);
  const opening = honest.take();
  const pieces = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(opening, opening.subarray(0, 20))),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(pieces, fc.constantFrom("dialler" as const, "accepter" as const), (all, role) => {
      const side = new Side(role, SECRET);
      side.take();
      for (const piece of all) {
        const taken = side.receive(Buffer.from(piece));
        assert.ok(taken <= piece.length);
        if (side.outcome === "open") assert.equal(taken, piece.length);
      }
      assert.notEqual(side.outcome, "up");
      assert.ok(side.take().length <= 76 + 33 + 1);
    }),
  );
});
