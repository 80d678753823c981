/** What a cut or a damage of the log leaves: whole turns, and never anything but a LogError. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { Broker } from "../../src/core/broker.ts";
import { checkBroker } from "../../src/core/broker-check.ts";
import { LogError } from "../../src/journal/log-error.ts";
import {
  BLOCK_HEADER_BYTES,
  blockAt,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from "../../src/journal/log-format.ts";
import { Replay } from "../../src/journal/replay.ts";
import { SegmentBytes } from "../../src/journal/segment-bytes.ts";
import { fc } from "../support/fast-check.ts";
import { BytesSource } from "./byte-sources.ts";
import { FakeClock } from "./support/clock.ts";
import { afterRestart, type Facts, factsOf } from "./support/job-facts.ts";
import { JobLife, MOVES, PAUSE, type Step } from "./support/job-life.ts";
import { LogInMemory, nodeIds, readInto, usualNodes } from "./support/log-in-memory.ts";

/** Without pauses, which are no part of a log. */
const move = fc.nat(60).filter((number) => number % MOVES !== PAUSE);
const step: fc.Arbitrary<Step> = fc.tuple(move, fc.nat(20), fc.nat(90));
const history = fc.array(fc.tuple(step, fc.boolean()), {
  minLength: 5,
  maxLength: 30,
  size: "max",
});
const shortHistory = fc.array(fc.tuple(step, fc.boolean()), { maxLength: 12, size: "max" });

/** A life written down turn by turn: the log, and what was known when it had which length. */
function live(steps: readonly [Step, boolean][]) {
  const life = new JobLife();
  const log = new LogInMemory(life.broker, life.clock, "always");
  const known = new Map<number, Facts>([[log.length, { jobs: [], queues: {} }]]);
  for (const [one, endsTurn] of [...steps, [[0, 0, 1], true] as [Step, boolean]]) {
    life.step(one);
    if (!endsTurn) continue;
    life.endTurn();
    if (log.write()) known.set(log.length, factsOf(life.broker, life.clock, usualNodes));
  }
  return { life, log, known };
}

function replayOf(clock: FakeClock): { broker: Broker; replay: Replay } {
  const broker = new Broker(clock, { nodeId: nodeIds[0] ?? "", maxMemoryBytes: 0 });
  return { broker, replay: new Replay({ broker, host: clock, nodes: usualNodes }) };
}

function payloadsOf(segment: Buffer): Buffer[] {
  const { mark } = readSegmentHeader(crc32, segment);
  const payloads: Buffer[] = [];
  let at = SEGMENT_HEADER_BYTES;
  for (;;) {
    const block = blockAt(crc32, mark, segment, at);
    if (block === undefined) return payloads;
    payloads.push(segment.subarray(block.payloadStart, block.end));
    at = block.end;
  }
}

/** Whether it was no LogError; any other error is the test's. */
function isLogError(read: () => void): boolean {
  try {
    read();
    return false;
  } catch (error) {
    if (error instanceof LogError) return true;
    throw error;
  }
}

test("a log cut off at any byte of its last turn is the one before that turn", () => {
  fc.assert(
    fc.property(shortHistory, (steps) => {
      const { life, log, known } = live(steps);
      const before = [...known.keys()].at(-2) ?? 0;
      const clock = new FakeClock(2, 77, life.clock.wallMs);
      for (let length = before; length <= log.length; length++) {
        const { broker, nodes } = log.replay(clock, log.length - length);
        const end = length < log.length ? before : length;
        const facts = known.get(end) ?? { jobs: [], queues: {} };
        assert.deepEqual(factsOf(broker, clock, nodes), afterRestart(facts, clock.wallMs));
        if (length === end) checkBroker(broker);
      }
    }),
    { numRuns: 4 },
  );
});

/** Where the next block begins. */
function blockBehind(mark: number, segment: Buffer, at: number): number {
  const bytes = new SegmentBytes(crc32, new BytesSource(segment));
  bytes.mark = mark;
  return bytes.nextBlockBehind(at);
}

test("a block with any byte changed is no block, and the next one is found behind it", () => {
  const { log } = live([
    [[0, 0, 1], true],
    [[0, 0, 7], true],
    [[0, 0, 2], true],
  ]);
  const segment = log.segments[0] as Buffer;
  const { mark } = readSegmentHeader(crc32, segment);
  const first = blockAt(crc32, mark, segment, SEGMENT_HEADER_BYTES);
  assert.ok(first);
  for (let at = SEGMENT_HEADER_BYTES; at < first.end; at++) {
    const damaged = Buffer.from(segment);
    damaged[at] = (damaged[at] as number) ^ 0x10;
    assert.equal(blockAt(crc32, mark, damaged, SEGMENT_HEADER_BYTES), undefined);
    assert.equal(blockBehind(mark, damaged, SEGMENT_HEADER_BYTES), first.end);
  }
  assert.equal(blockBehind(mark, segment.subarray(0, -1), segment.length - 40), -1);
});

test("zeros behind the last block are no block", () => {
  const { log } = live([[[0, 0, 1], true]]);
  const segment = Buffer.concat([log.segments[0] as Buffer, Buffer.alloc(4096)]);
  const { mark } = readSegmentHeader(crc32, segment);
  assert.equal(blockAt(crc32, mark, segment, log.length), undefined);
  assert.equal(blockBehind(mark, segment, log.length), -1);
});

test("a body that holds blocks of another segment is not taken for blocks of this one", () => {
  const foreign = live([[[0, 0, 1], true]]).log.segments[0] as Buffer;
  const life = new JobLife();
  const log = new LogInMemory(life.broker, life.clock, "no");
  log.beginSegment();
  const queue = life.broker.queues.entry(Buffer.from("q"), 0, 1);
  const asked = { replicate: 1, delaySeconds: 0, retrySeconds: 9, ttlSeconds: 60 };
  life.broker.addJob(queue, foreign, 0, foreign.length, asked);
  log.write();
  const segment = log.segments[1] as Buffer;
  const { mark } = readSegmentHeader(crc32, segment);
  segment.writeUInt8(0, SEGMENT_HEADER_BYTES);
  assert.ok(segment.includes(foreign));
  assert.equal(blockBehind(mark, segment, SEGMENT_HEADER_BYTES), -1);
});

test("a header with any byte changed is none of ours", () => {
  const header = new LogInMemory(new JobLife().broker, new FakeClock(), "no").segments[0] as Buffer;
  for (let at = 0; at < SEGMENT_HEADER_BYTES; at++) {
    const damaged = Buffer.from(header);
    damaged[at] = (damaged[at] as number) ^ 0x01;
    assert.throws(() => readSegmentHeader(crc32, damaged), LogError);
    assert.throws(() => readSegmentHeader(crc32, header.subarray(0, at)), LogError);
  }
});

test("payloads of any bytes are a LogError or jobs, and whatever was loaded is in order", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, (payload) => {
      const { broker, replay } = replayOf(new FakeClock());
      isLogError(() => replay.block(Buffer.from(payload)));
      replay.finish("");
      checkBroker(broker);
    }),
    { numRuns: 300 },
  );
});

test("a real payload with some bytes changed is a LogError or jobs in order", () => {
  const changes = fc.array(fc.tuple(fc.nat(100_000), fc.nat(255)), { minLength: 1, maxLength: 4 });
  let errors = 0;
  fc.assert(
    fc.property(history, changes, (steps, changed) => {
      const { life, log } = live(steps);
      const clock = new FakeClock(3, 55, life.clock.wallMs);
      const { broker, replay } = replayOf(clock);
      for (const payload of payloadsOf(log.segments[0] as Buffer)) {
        const damaged = Buffer.from(payload);
        for (const [at, byte] of changed) damaged[at % damaged.length] = byte;
        if (isLogError(() => replay.block(damaged))) errors++;
      }
      replay.finish("");
      checkBroker(broker);
      for (const ms of [0, 2_000, 400_000]) {
        clock.pass(ms);
        broker.tick();
        checkBroker(broker);
      }
    }),
    { numRuns: 80 },
  );
  assert.ok(errors > 0, "some of it was nonsense");
});

test("what is too short to be a header is passed over by nobody", () => {
  const { broker, replay } = replayOf(new FakeClock());
  assert.doesNotThrow(() => readInto(replay, Buffer.alloc(BLOCK_HEADER_BYTES)));
  assert.throws(() => readInto(replay, Buffer.alloc(SEGMENT_HEADER_BYTES)), LogError);
  assert.equal(broker.jobs.count, 0);
});
