/** Who becomes a peer and who does not, on real sockets; and what is said about it. */
import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { DIALLING_MAX } from "../../../src/io/bus/handshakes.ts";
import { eventually } from "../../support/eventually.ts";
import { idOf, TestBus } from "./test-bus.ts";

const SECRET = { secrets: ["open sesame"] };

test("nodes with the same secret become peers", async (t) => {
  const [one, two] = [await TestBus.start(t, "1", SECRET), await TestBus.start(t, "2", SECRET)];
  await one.join(two);
  one.note("2", "hello");
  await two.until("got hello");
});

test("a wrong secret is refused, on this machine too, with a line in both logs", async (t) => {
  const one = await TestBus.start(t, "1", { secrets: ["open barley"] });
  const two = await TestBus.start(t, "2", SECRET);
  const failure = await one.dialInVain(two.address);
  assert.equal(failure.reason, "wrong-secret");
  assert.equal(failure.isProven, false);
  assert.deepEqual(one.lines, [{ message: "refused by another node", reason: "wrong-secret" }]);
  assert.deepEqual(two.lines, [
    { message: "refused a connection with another node", reason: "wrong-secret" },
  ]);
  assert.deepEqual(two.story, []);
  assert.equal(one.bus.statistics.connectionsRefused, 1);
  assert.equal(two.bus.statistics.connectionsRefused, 1);
});

test("a node without a secret does not get in where there is one, nor the other way round", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2", SECRET)];
  assert.equal((await one.dialInVain(two.address)).reason, "no-secret");
  assert.equal((await two.dialInVain(one.address)).reason, "no-secret");
  assert.deepEqual([one.peers, two.peers], [[], []]);
});

test("the secret can be changed without losing a link", async (t) => {
  const [one, two] = [await TestBus.start(t, "1", SECRET), await TestBus.start(t, "2", SECRET)];
  await one.join(two);
  one.secrets = two.secrets;
  const { secrets } = await TestBus.start(t, "3", { secrets: ["open barley"] });
  two.secrets = secrets;
  one.note("2", "still here");
  await two.until("got still here");
  one.bus.hangUp(one.linkWith("2").facts.linkId);
  await two.until("down 1 lost");
  assert.equal((await one.dialInVain(two.address)).reason, "wrong-secret");
});

test("without a secret only peers on this machine are accepted", async (t) => {
  const isLocal = (): boolean => false;
  const one = await TestBus.start(t, "1", { isLocal });
  const two = await TestBus.start(t, "2");
  const refused = await two.dialInVain(one.address);
  assert.equal(refused.reason, "protected");
  assert.match(refused.text, /cluster-protected-mode/);
  assert.equal(one.lines.length, 1);
  assert.equal((await one.dialInVain(two.address)).reason, "protected", "and none are dialled");
  assert.deepEqual([one.peers, two.peers], [[], []]);
});

test("with a secret, or when told to, nodes elsewhere are accepted", async (t) => {
  const isLocal = (): boolean => false;
  for (const options of [
    { isLocal, isProtected: false },
    { isLocal, ...SECRET },
  ]) {
    const one = await TestBus.start(t, "1", options);
    const two = await TestBus.start(t, "2", options);
    await one.join(two);
  }
});

test("nodes that have no version in common both say so, in one line", async (t) => {
  const one = await TestBus.start(t, "1", { versions: { min: 4, max: 5 } });
  const two = await TestBus.start(t, "2");
  for (let i = 0; i < 3; i++) {
    const failure = await one.dialInVain(two.address);
    assert.equal(failure.reason, "version");
    assert.match(failure.text, /\(this node: 4 to 5, the other: 3 to 3\)$/);
  }
  assert.deepEqual([one.lines.length, two.lines.length], [1, 1]);
  two.nowMs = 60_000;
  await one.dialInVain(two.address);
  assert.deepEqual([one.lines.length, two.lines.length], [1, 2]);
});

test("neighbouring versions speak the newest that both know", async (t) => {
  const older = await TestBus.start(t, "1", { versions: { min: 1, max: 1 } });
  const newer = await TestBus.start(t, "2", { versions: { min: 1, max: 2 } });
  const newest = await TestBus.start(t, "3", { versions: { min: 2, max: 3 } });
  await older.join(newer);
  assert.equal(newer.linkWith("1").facts.version, 1);
  newest.bus.dial(newer.address);
  await newer.until("up 3");
  assert.equal(newer.linkWith("3").facts.version, 2);
  assert.equal((await newest.dialInVain(older.address)).reason, "version");
});

test("a node that dials itself finds out", async (t) => {
  const one = await TestBus.start(t, "1", SECRET);
  const failure = await one.dialInVain(one.address);
  assert.deepEqual([failure.reason, failure.remoteId], ["self", idOf("1")]);
  await eventually(() => one.bus.handshakeCount === 0, { what: "nothing is left" });
  assert.deepEqual(one.story, ["dial failed self"]);
  assert.deepEqual(one.lines, []);
});

test("another process with this node's id is refused, with a line in both logs and counted", async (t) => {
  const [one, twin] = [await TestBus.start(t, "1", SECRET), await TestBus.start(t, "1", SECRET)];
  const failure = await one.dialInVain(twin.address);
  assert.deepEqual([failure.reason, failure.isProven], ["same-id", false]);
  await eventually(() => twin.lines.length > 0, { what: "the other has said so, too" });
  for (const { lines, bus } of [one, twin]) {
    assert.deepEqual(lines, [
      { message: "refused a connection with another node", reason: "same-id" },
    ]);
    assert.equal(bus.statistics.connectionsRefused, 1);
  }
});

test("another node than expected is reported, with proof, and becomes no peer", async (t) => {
  const [one, two] = [await TestBus.start(t, "1", SECRET), await TestBus.start(t, "2", SECRET)];
  const failure = await one.dialInVain(two.address, idOf("3"));
  assert.deepEqual([failure.reason, failure.remoteId], ["wrong-id", idOf("2")]);
  assert.equal(failure.isProven, true);
  await eventually(() => two.bus.handshakeCount === 0, { what: "the other knows too" });
  assert.deepEqual(two.story, []);
  await one.join(two);
  assert.equal((await one.dialInVain(two.address, idOf("3"))).reason, "wrong-id");
  assert.deepEqual([one.peers, two.peers], [["2"], ["1"]]);
});

test("an address where nobody listens is unreachable, without a line in the log", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await two.bus.stop();
  const failure = await one.dialInVain(two.address);
  assert.deepEqual([failure.reason, failure.text], ["unreachable", "Connection refused"]);
  assert.deepEqual(one.lines, []);
});

test("only so many dials are under way; one more fails at once", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  for (let i = 0; i < DIALLING_MAX; i++) one.bus.dial(two.address);
  const failure = await one.dialInVain(two.address);
  assert.equal(failure.reason, "busy");
  await eventually(() => one.failures.length === DIALLING_MAX, { what: "one dial succeeds" });
  assert.deepEqual(one.peers, ["2"]);
  assert.equal(one.bus.handshakeCount, 0);
});

test("a node is sure to have met itself only if its nonce comes from another handshake", async (t) => {
  const one = await TestBus.start(t, "1");
  const self = await one.dialInVain(one.address);
  assert.deepEqual([self.reason, self.isProven], ["self", true]);
  const echo = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  t.after(() => echo.close());
  const { port } = echo.address() as AddressInfo;
  const echoed = await one.dialInVain({ host: "127.0.0.1", port });
  assert.deepEqual([echoed.reason, echoed.isProven], ["self", false]);
});
