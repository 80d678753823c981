/** Channels: control records arrive once and in order, whatever happens to connections. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../support/fast-check.ts";
import { beat, copy, fact, Listener } from "./sample-messages.ts";

/** Two ends and the connection between them, which carries bytes when it is told to. */
class Pair {
  readonly ends: readonly [Listener, Listener] = [new Listener(101), new Listener(202)];
  /** Bytes on their way to each end. */
  readonly #inFlight: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];

  connect(): void {
    this.cut();
    for (const end of this.ends) end.channel.linkUp();
  }

  cut(): void {
    for (const to of [0, 1] as const) {
      this.#inFlight[to] = Buffer.alloc(0);
      this.ends[to].channel.linkDown();
    }
  }

  /** One end writes about `bytesMax` bytes. */
  write(from: 0 | 1, bytesMax: number): void {
    const to = from === 0 ? 1 : 0;
    const frames = this.ends[from].channel.take(bytesMax);
    this.#inFlight[to] = Buffer.concat([this.#inFlight[to], ...frames]);
  }

  /** The network delivers up to `count` bytes. */
  deliver(to: 0 | 1, count: number): void {
    const arrived = this.#inFlight[to].subarray(0, count);
    this.#inFlight[to] = this.#inFlight[to].subarray(count);
    assert.equal(this.ends[to].channel.push(arrived), undefined);
  }

  /** Everything that has been sent arrives. */
  settle(): void {
    for (let round = 0; round < 4; round++) {
      for (const from of [0, 1] as const) {
        this.write(from, Number.POSITIVE_INFINITY);
        this.deliver(from === 0 ? 1 : 0, Number.POSITIVE_INFINITY);
      }
    }
  }
}

type Step = readonly [
  "fact" | "copy" | "beat" | "write" | "deliver" | "cut" | "connect",
  0 | 1,
  number,
];
const anyStep: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(
    "fact",
    "fact",
    "copy",
    "beat",
    "write",
    "write",
    "deliver",
    "deliver",
    "cut",
    "connect",
  ),
  fc.constantFrom(0, 1),
  fc.nat(3000),
);

/** Plays the steps; returns what each end was to be sent, by number, and whether it is certain. */
function play(pair: Pair, steps: readonly Step[]): [number[], number[]] {
  const facts: [number[], number[]] = [[], []];
  let number = 0;
  for (const [step, side, amount] of steps) {
    const { channel } = pair.ends[side];
    number++;
    if (step === "fact") {
      assert.equal(channel.send(fact(number, amount % 100)), true);
      facts[side].push(number);
    } else if (step === "copy") channel.send(copy(number, amount));
    else if (step === "beat") channel.send(beat(number));
    else if (step === "write") pair.write(side, amount);
    else if (step === "deliver") pair.deliver(side, amount);
    else if (step === "cut") pair.cut();
    else pair.connect();
  }
  return facts;
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > (numbers[i - 1] as number));
}

test("every control record is handed up once and in order, whatever is lost or repeated", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
      const pair = new Pair();
      const facts = play(pair, steps);
      pair.connect();
      pair.settle();
      assert.deepEqual(pair.ends[1].numbers("fact"), facts[0]);
      assert.deepEqual(pair.ends[0].numbers("fact"), facts[1]);
      for (const end of pair.ends) {
        assert.ok(isRising(end.numbers("copy")));
        assert.ok(isRising(end.numbers("beat")));
      }
    }),
    { numRuns: 300 },
  );
});

test("bulk and control arrive in the order in which they were sent", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 100 }), (steps) => {
      const pair = new Pair();
      pair.connect();
      play(
        pair,
        steps.filter(([step]) => step !== "cut" && step !== "connect"),
      );
      pair.settle();
      for (const end of pair.ends) {
        const ordered = end.messages.flatMap((each) =>
          each.type === "fact" || each.type === "copy" ? [each.number] : [],
        );
        assert.ok(isRising(ordered));
      }
    }),
  );
});

test("without a connection control records are kept, others refused", () => {
  const pair = new Pair();
  const { channel } = pair.ends[0];
  assert.deepEqual(
    [fact(1), copy(2), beat(3)].map((each) => channel.send(each)),
    [true, false, false],
  );
  assert.deepEqual(channel.take(), []);
  pair.connect();
  pair.settle();
  assert.deepEqual(pair.ends[1].messages, [fact(1)]);
});

test("confirmed records are forgotten, with the next frame or after many of them", () => {
  const pair = new Pair();
  pair.connect();
  pair.settle();
  const [sender, receiver] = pair.ends;
  sender.channel.send(fact(1));
  pair.settle();
  assert.equal(sender.channel.outbox.unconfirmedRecords, 1);
  receiver.channel.send(beat(1));
  pair.settle();
  assert.equal(sender.channel.outbox.unconfirmedRecords, 0);
  for (let i = 0; i < 128; i++) sender.channel.send(fact(i));
  pair.settle();
  assert.equal(sender.channel.outbox.outstandingBytes, 0);
  assert.deepEqual(receiver.channel.take(), []);
});

test("a peer that has lost its memory is told what it had not confirmed", () => {
  const pair = new Pair();
  pair.connect();
  const sender = pair.ends[0];
  for (const number of [1, 2]) sender.channel.send(fact(number));
  pair.settle();
  pair.ends[1].channel.send(beat(0));
  pair.settle();
  sender.channel.send(fact(3));
  pair.settle();
  const reborn = new Listener(303);
  sender.channel.linkUp();
  reborn.channel.linkUp();
  for (const frame of sender.channel.take()) reborn.channel.push(frame);
  assert.deepEqual(reborn.numbers("fact"), [3]);
  for (const frame of reborn.channel.take()) sender.channel.push(frame);
  assert.deepEqual(sender.openings, [true, true]);
  assert.equal(sender.channel.outbox.unconfirmedRecords, 0);
});

test("a stream that begins anew is neither taken for the old one nor confirmed by it", () => {
  const pair = new Pair();
  pair.connect();
  const [sender, receiver] = pair.ends;
  for (const number of [1, 2, 3]) sender.channel.send(fact(number));
  pair.settle();
  sender.channel.restart(404);
  for (const number of [4, 5]) sender.channel.send(fact(number));
  pair.connect();
  pair.write(1, 1000);
  pair.deliver(0, 1000);
  assert.equal(sender.channel.outbox.unconfirmedRecords, 2);
  pair.settle();
  assert.deepEqual(receiver.numbers("fact"), [1, 2, 3, 4, 5]);
  assert.deepEqual(receiver.openings, [true, true]);
  assert.deepEqual(sender.openings, [true, false]);
});

test("a receiver that ends the link in the middle of a frame gets the rest with the next", () => {
  const pair = new Pair();
  pair.connect();
  const [sender, receiver] = pair.ends;
  for (const number of [1, 2, 3]) sender.channel.send(fact(number));
  receiver.afterMessage = () => receiver.channel.linkDown();
  for (let link = 1; link <= 3; link++) {
    pair.connect();
    pair.write(0, 10_000);
    pair.deliver(1, 10_000);
    assert.equal(receiver.messages.length, link);
  }
  assert.deepEqual(receiver.numbers("fact"), [1, 2, 3]);
});

test("outstanding bytes say when a peer is congested and when it is lost", () => {
  const { channel } = new Listener(1);
  channel.linkUp();
  const state = (): boolean[] => [channel.outbox.isCongested, channel.outbox.isOverflowing];
  const body = copy(1, 15 * 1024 * 1024);
  const seen = [1, 2, 3, 4, 5, 6].map(() => {
    channel.send(body);
    return state();
  });
  const congested = [true, false];
  assert.deepEqual(seen, [
    [false, false],
    congested,
    congested,
    congested,
    congested,
    [true, true],
  ]);
  while (channel.take().length > 0) assert.ok(channel.bytes >= 0);
  assert.deepEqual(state(), [false, false]);
  assert.equal(channel.outbox.outstandingBytes, 0);
});

for (const [lane, type, large] of [
  ["bulk", "copy", copy(1, 70 * 1024 * 1024)],
  ["control", "fact", fact(1, 70 * 1024 * 1024)],
] as const) {
  test(`a record above the limit may travel alone: ${lane}`, () => {
    const pair = new Pair();
    pair.connect();
    pair.settle();
    const [{ channel }, receiver] = pair.ends;
    channel.send(large);
    const state = (): boolean[] => [channel.outbox.isCongested, channel.outbox.isOverflowing];
    for (const number of [2, 3, 4]) {
      channel.send(fact(number));
      assert.deepEqual(state(), [true, false]);
      pair.write(0, 1_000_000);
      assert.deepEqual(state(), [true, false]);
    }
    // A new link begins with what is kept.
    if (lane === "control") pair.connect();
    assert.equal(state()[1], false);
    pair.settle();
    assert.deepEqual(state(), [false, false]);
    assert.deepEqual(receiver.numbers(type).slice(0, 1), [1]);
  });
}

test("only one record is left out of the limit, and no longer than it is there", () => {
  const { channel } = new Listener(1);
  const { outbox } = channel;
  const mb = 1024 * 1024;
  channel.send(fact(1, 40 * mb));
  channel.send(fact(2, 50 * mb));
  assert.equal(outbox.isOverflowing, false);
  channel.send(fact(3, 25 * mb));
  assert.equal(outbox.isOverflowing, true);
  channel.restart(2);
  for (const number of [1, 2, 3]) channel.send(fact(number, 30 * mb));
  assert.equal(outbox.isOverflowing, false);
  channel.send(fact(4, 10 * mb));
  assert.equal(outbox.isOverflowing, true);
});

test("unconfirmed control records count too, with no connection as well", () => {
  const { channel } = new Listener(1);
  for (let i = 0; i < 17; i++) channel.send(fact(i, 1024 * 1024));
  assert.equal(channel.outbox.isCongested, true);
  channel.restart(2);
  assert.equal(channel.outbox.isCongested, false);
  assert.equal(channel.outbox.outstandingBytes, 0);
});

test("a receiver that ends the link hears no more of the urgent records either", () => {
  const pair = new Pair();
  pair.connect();
  const [sender, receiver] = pair.ends;
  for (const number of [1, 2, 3]) sender.channel.send(beat(number));
  receiver.afterMessage = () => receiver.channel.linkDown();
  pair.write(0, 1000);
  pair.deliver(1, 1000);
  assert.deepEqual(receiver.messages, [beat(1)]);
});
