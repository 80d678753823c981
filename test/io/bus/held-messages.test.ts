/** Messages while the disk is busy: who is alive is told at once, what tells of jobs waits for it. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { TestBus } from "./test-bus.ts";

/** Two buses with a link; what the first one's disk has is up to the test. */
async function pair(t: TestContext): Promise<[TestBus, TestBus]> {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  await one.join(two);
  one.note("2", "before");
  await two.until("got before");
  return [one, two];
}

function beat(bus: TestBus, at: number): void {
  bus.send("2", { type: "beat", at });
}

test("heartbeats overtake what waits for the disk", async (t) => {
  const [one, two] = await pair(t);
  one.promises.busy();
  one.note("2", "stored");
  beat(one, 1);
  await two.until("got beat");
  assert.ok(!two.story.includes("got stored"));
  one.promises.ended(true);
  beat(one, 2);
  await two.until("got stored");
});

test("a commit releases what was said before it began, and in order", async (t) => {
  const [one, two] = await pair(t);
  one.promises.begins();
  one.note("2", "first");
  one.send("2", { type: "load", body: Buffer.alloc(3_000_000) });
  one.note("2", "second");
  await one.turn();
  one.promises.busy();
  one.note("2", "later");
  beat(one, 1);
  await two.until("got beat");
  one.promises.ended(false);
  beat(one, 2);
  await two.until("got second");
  assert.ok(!two.story.includes("got later"));
  const told = two.story.filter((line) => /first|load|second/.test(line));
  assert.deepEqual(told, ["got first", "got load", "got second"]);
  one.promises.ended(true);
  beat(one, 3);
  await two.until("got later");
});

test("a link that comes up while the disk is busy opens, and is told the rest later", async (t) => {
  const [one, two] = [await TestBus.start(t, "1"), await TestBus.start(t, "2")];
  one.promises.busy();
  await one.join(two);
  await two.until("new stream 1");
  one.note("2", "stored");
  beat(one, 1);
  await two.until("got beat");
  assert.ok(!two.story.includes("got stored"));
  one.promises.ended(true);
  beat(one, 2);
  await two.until("got stored");
});

test("what waits for the disk counts against the limit of what waits for a peer", async (t) => {
  const [one] = await pair(t);
  one.promises.begins();
  for (let i = 0; i < 3; i++) one.send("2", { type: "load", body: Buffer.alloc(7_000_000) });
  await one.turn();
  one.promises.busy();
  beat(one, 1);
  await one.turn();
  assert.equal(one.linkWith("2").isCongested, true);
  one.promises.ended(true);
  beat(one, 2);
  await one.until("relieved");
});

test("what was sealed and whose link has ended is sent again over the next one", async (t) => {
  const [one, two] = await pair(t);
  one.promises.begins();
  one.note("2", "stored");
  await one.turn();
  two.bus.hangUp(two.linkWith("1").facts.linkId);
  await one.until("down 2 lost");
  one.promises.ended(true);
  await one.join(two);
  await two.until("got stored");
});
