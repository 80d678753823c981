/**
 * Two nodes that pack jobs for each other, for the tests of packed formats.
 *
 * Jobs are bare records, put into the table as a test wants them: packed formats only look at records
 * and care for no life. Both nodes number the members differently, and the receiver does not know one.
 */
import assert from "node:assert/strict";
import type {
  ItemUnpacker,
  PackingWorld,
} from "../../../../src/cluster/jobs/packing/packed-items.ts";
import { Nodes } from "../../../../src/cluster/nodes.ts";
import { Broker } from "../../../../src/core/broker.ts";
import { LOAN } from "../../../../src/core/holder-sets.ts";
import { type Job, JobFlag, JobState } from "../../../../src/core/job.ts";
import { FakeHost } from "../../../support/fake-host.ts";
import { fc } from "../../../support/fast-check.ts";
import { plainRecord } from "../../wire/sample-messages.ts";

/** The members, in the sender's numbering. */
export const MEMBER_IDS = ["aa", "bb", "cc", "dd", "ee"].map((byte) => byte.repeat(20));
/** A member that the receiver does not know, as the sender numbers it. */
export const STRANGER = 4;
/** What the receiver calls the sender's members 0, 1, 2, ...; it is the sender's member 1 itself. */
const RECEIVER_INDEXES = [2, 0, 3, 1];

/** Nodes that are all alive, by the indexes given for MEMBER_IDS. */
export function nodesAt(indexes: readonly number[]): Nodes {
  const nodes = new Nodes();
  for (const [member, index] of indexes.entries()) {
    const id = MEMBER_IDS[member] as string;
    nodes.set(index, { id, isLinked: true, isLive: true, isLeaving: false });
  }
  return nodes;
}

/** The node that sends. */
export class Sender implements PackingWorld {
  readonly host = new FakeHost(1, {});
  readonly nodes = nodesAt([0, 1, 2, 3, 4]);
  readonly broker = new Broker(this.host, { nodeId: MEMBER_IDS[0] as string, maxMemoryBytes: 0 });

  /** Puts a record into the table: active, and due as the plain job says. */
  add(plain: PlainJob): Job {
    const { jobs, queues, holders } = this.broker;
    const queue = queues.entry(plain.queue, 0, plain.queue.length);
    const expiresAtMs = this.host.nowMs + plain.leftMs;
    const job = jobs.add({ ...plain, queueNumber: queue.number, expiresAtMs });
    jobs.setBody(job, plain.body, 0, plain.body.length);
    jobs.setState(job, JobState.active);
    jobs.setEpoch(job, plain.epoch);
    jobs.setCounters(job, plain.nacks, plain.additionalDeliveries);
    jobs.setFlag(job, JobFlag.wasQueued, plain.wasQueued);
    jobs.setFlag(job, JobFlag.delivered, plain.wasDelivered);
    const isNever = plain.dueInMs < 0;
    jobs.setDueAtMs(job, isNever ? Number.POSITIVE_INFINITY : this.host.nowMs + plain.dueInMs);
    jobs.setHolderSet(job, holders.exchange(0, plain.holders));
    return job;
  }
}

/** The numbering of the node that receives. */
export function receiverNodes(): Nodes {
  return nodesAt(RECEIVER_INDEXES);
}

/** A list of the sender as the receiver sees it: without the stranger and without borrowers. */
export function asReceived(list: readonly number[]): number[] {
  const known = list.filter((index) => index !== STRANGER && index < LOAN);
  return known.map((index) => RECEIVER_INDEXES[index] as number);
}

/** A job as a test describes it; holders in the sender's numbering, perhaps with a borrower. */
export interface PlainJob {
  id: Int32Array;
  createdMs: number;
  createdCounter: number;
  epoch: number;
  replicate: number;
  delaySeconds: number;
  retrySeconds: number;
  ttlSeconds: number;
  leftMs: number;
  nacks: number;
  additionalDeliveries: number;
  wasQueued: boolean;
  wasDelivered: boolean;
  /** -1: never. */
  dueInMs: number;
  queue: Buffer;
  holders: readonly number[];
  body: Buffer;
}

const anySeconds = fc.oneof(fc.nat(300), fc.nat(4_294_967_295));

/** Distinct members in any order, often with a borrower behind them. */
export const anyHolders: fc.Arbitrary<readonly number[]> = fc
  .tuple(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }), fc.boolean())
  .map(([members, isLent]) => {
    const borrower = members.at(-1) as number;
    const holders = members.slice(0, -1);
    return isLent && holders.length > 0 ? [...holders, borrower + LOAN] : members;
  });

/** Any job that a node may have. */
export const anyJob: fc.Arbitrary<PlainJob> = plainRecord<PlainJob>({
  id: fc.int32Array({ minLength: 6, maxLength: 6 }),
  createdMs: fc.maxSafeNat(),
  createdCounter: fc.nat(999_999),
  epoch: fc.nat(4095),
  replicate: fc.integer({ min: 1, max: 65_535 }),
  delaySeconds: anySeconds,
  retrySeconds: anySeconds,
  ttlSeconds: anySeconds.map((seconds) => Math.max(1, seconds)),
  leftMs: fc.integer({ min: 1, max: 4_294_967_295_000 }),
  nacks: fc.nat(65_535),
  additionalDeliveries: fc.nat(65_535),
  wasQueued: fc.boolean(),
  wasDelivered: fc.boolean(),
  dueInMs: fc.oneof(fc.constant(-1), fc.nat(), fc.nat(4_294_967_295_000)),
  queue: fc.uint8Array({ maxLength: 100 }).map((name) => Buffer.from(name)),
  holders: anyHolders,
  body: fc.uint8Array({ maxLength: 400 }).map((body) => Buffer.from(body)),
});

/** A job about which nothing is remarkable but what is given. */
export function plainJob(remarkable: Partial<PlainJob> = {}): PlainJob {
  return {
    id: Int32Array.of(1, -2, 3, -4, 5, -6),
    createdMs: 1_767_225_600_000,
    createdCounter: 0,
    epoch: 0,
    replicate: 2,
    delaySeconds: 0,
    retrySeconds: 300,
    ttlSeconds: 86_400,
    leftMs: 86_400_000,
    nacks: 0,
    additionalDeliveries: 0,
    wasQueued: false,
    wasDelivered: false,
    dueInMs: -1,
    queue: Buffer.from("work"),
    holders: [0, 1],
    body: Buffer.from("do it"),
    ...remarkable,
  };
}

/** All items that an unpacker shows, as `show` sees them. */
export function unpackAll<T>(unpacker: ItemUnpacker, buffer: Buffer, show: () => T): T[] {
  const items: T[] = [];
  unpacker.start(buffer);
  while (unpacker.next()) {
    assert.equal(unpacker.position, items.length);
    items.push(show());
  }
  return items;
}

/**
 * Unpacks every beginning of a buffer, and the buffer with each byte changed in some ways: nothing is
 * thrown. A beginning shows the first of the items, and is damaged unless it ends with one. `show`
 * checks what it shows: nothing may be out of range.
 */
export function checkDamage<T>(unpacker: ItemUnpacker, buffer: Buffer, show: () => T): void {
  const whole = unpackAll(unpacker, buffer, show);
  assert.equal(unpacker.isDamaged, false);
  let wholeEnds = 0;
  for (let cut = 0; cut < buffer.length; cut++) {
    // A copy of its own, so that nothing behind the end can be read unnoticed.
    const items = unpackAll(unpacker, Buffer.from(buffer.subarray(0, cut)), show);
    assert.deepEqual(items, whole.slice(0, items.length));
    if (!unpacker.isDamaged) wholeEnds++;
    else assert.equal(unpacker.next(), false);
  }
  assert.equal(wholeEnds, whole.length);
  for (let at = 0; at < buffer.length; at++) {
    for (const flip of [1, 0x10, 0x80, 0xff]) {
      const damaged = Buffer.from(buffer);
      damaged[at] = (damaged[at] as number) ^ flip;
      unpackAll(unpacker, damaged, show);
    }
  }
}
