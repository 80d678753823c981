/** The inbox: which control records of a peer are new, over links and restarts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Inbox } from "../../../src/cluster/wire/inbox.ts";
import { WireError } from "../../../src/cluster/wire/wire-error.ts";

function openedInbox(streamId: number, firstSequence: number): Inbox {
  const inbox = new Inbox();
  inbox.linkUp();
  inbox.opened(streamId, firstSequence);
  return inbox;
}

test("repetitions are not new, a gap is an error", () => {
  const inbox = openedInbox(1, 1);
  assert.deepEqual(
    [1, 2, 1, 2, 3].map((n) => inbox.accept(n, 9)),
    [true, true, false, false, true],
  );
  assert.throws(() => inbox.accept(5, 9), WireError);
  assert.equal(inbox.confirmed, 3);
});

test("a stream that is new to us is taken up where it is, a known one must go on without a gap", () => {
  const inbox = openedInbox(1, 1001);
  assert.equal(inbox.confirmed, 1000);
  assert.equal(inbox.accept(1001, 9), true);
  assert.equal(inbox.opened(1, 900), false);
  assert.equal(inbox.opened(1, 1002), false);
  assert.equal(inbox.accept(1001, 9), false);
  assert.throws(() => inbox.opened(1, 1003), /goes on at 1003, seen up to 1001/);
  assert.equal(inbox.opened(2, 1), true);
  assert.equal(inbox.accept(1, 9), true);
});

test("nothing is confirmed on a link before the peer has named its stream", () => {
  const inbox = openedInbox(1, 1);
  inbox.accept(1, 9);
  inbox.linkUp();
  assert.equal(inbox.confirmed, 0);
  inbox.opened(1, 1);
  assert.equal(inbox.confirmed, 1);
});

test("many records or many bytes are confirmed without waiting, repetitions as well", () => {
  const many = openedInbox(1, 1);
  for (let n = 1; n <= 127; n++) many.accept(1, 9);
  assert.equal(many.isConfirmationDue, false);
  many.accept(1, 9);
  assert.equal(many.isConfirmationDue, true);
  many.confirmationSent();
  assert.equal(many.isConfirmationDue, false);
  many.accept(2, 64 * 1024);
  assert.equal(many.isConfirmationDue, true);
});
