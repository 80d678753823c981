/** The bytes of every record stay what they are: a log must be readable by servers to come. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { Broker } from "../../src/core/broker.ts";
import type { Job } from "../../src/core/job.ts";
import type { Queue } from "../../src/core/queue.ts";
import { BLOCK_HEADER_BYTES, writeSegmentHeader } from "../../src/journal/log-format.ts";
import { RecordReader } from "../../src/journal/record-reader.ts";
import { repositoryRoot } from "../support/repository-files.ts";
import { FakeClock } from "./support/clock.ts";
import { afterRestart, factsOf } from "./support/job-facts.ts";
import { BOOT_ID, LogInMemory, nodeIds, usualNodes } from "./support/log-in-memory.ts";

const body = Buffer.from("hello");
const NODE_ID = nodeIds[0] ?? "";

/** A broker, its log, and the jobs of the story by name. */
class Story {
  readonly clock = new FakeClock();
  readonly broker = new Broker(this.clock, { nodeId: NODE_ID, maxMemoryBytes: 0 });
  readonly log = new LogInMemory(this.broker, this.clock, "always");
  readonly jobs: Record<string, Job> = {};

  queue(name: string): Queue {
    return this.broker.queues.entry(Buffer.from(name), 0, name.length);
  }

  job(name: string): Job {
    return this.jobs[name] ?? -1;
  }

  add(name: string, delaySeconds = 0): void {
    const asked = { replicate: 3, delaySeconds, retrySeconds: 300, ttlSeconds: 86_400 };
    this.jobs[name] = this.broker.addJob(this.queue("mail"), body, 0, body.length, asked);
  }

  addReplicating(name: string): void {
    const asked = { replicate: 3, delaySeconds: 0, retrySeconds: 300, ttlSeconds: 86_400 };
    const { broker } = this;
    const queue = this.queue("mail");
    const job = broker.addReplicating(queue, body, 0, body.length, asked, 1);
    broker.roles.setList(job, [0, 1, 2]);
    this.jobs[name] = job;
  }

  addTold(name: string): Job {
    const record = {
      id: Int32Array.of(1, 2, 3, 4, 5, 6),
      queueNumber: this.queue("mail").number,
      replicate: 2,
      delaySeconds: 0,
      retrySeconds: 0,
      ttlSeconds: 60,
      createdMs: this.clock.wallMs - 10,
      createdCounter: 7,
      expiresAtMs: this.clock.nowMs + 50_000,
      epoch: 300,
      nacks: 2,
      additionalDeliveries: 1,
      wasQueued: true,
      wasDelivered: false,
    };
    this.jobs[name] = this.broker.addTold(record, body, 0, body.length);
    return this.job(name);
  }
}

/** What happens in a turn, the file with what is logged of it, and the records in that. */
const turns: [file: string, kinds: string, turn: (story: Story) => void][] = [
  ["added-queued", "added", (s) => s.add("first")],
  ["added-delayed", "added", (s) => s.add("delayed", 60)],
  ["added-replicating", "node node added", (s) => s.addReplicating("safe")],
  [
    "added-copy",
    "added",
    (s) => {
      s.broker.roles.beginCopy(s.addTold("copy"));
      s.broker.roles.setList(s.job("copy"), [1, 0]);
    },
  ],
  ["changed-queued", "changed", (s) => s.broker.roles.replicated(s.job("safe"))],
  [
    "changed-delivered",
    "changed",
    (s) => {
      s.clock.pass(5);
      s.broker.serving.take([s.queue("mail")], 1, []);
    },
  ],
  ["changed-counts", "changed", (s) => void s.broker.lifecycle.requeue(s.job("first"), "nack")],
  [
    "changed-lent",
    "node changed",
    (s) => {
      s.broker.roles.lend(s.queue("mail"), 3, s.job("safe"));
    },
  ],
  [
    "changed-held",
    "changed",
    (s) => {
      s.broker.pause(s.queue("mail"), true, false);
      s.broker.lifecycle.requeue(s.job("delayed"), "client");
    },
  ],
  ["changed-acked", "changed", (s) => s.broker.roles.bury(s.job("safe"))],
  [
    "added-dummy",
    "gone added",
    (s) => {
      s.broker.lifecycle.end(s.job("copy"), "deleted");
      s.broker.roles.beginDummy(s.addTold("dummy"));
      s.broker.jobs.dropBody(s.job("dummy"));
    },
  ],
  ["gone", "gone", (s) => void s.broker.lifecycle.end(s.job("first"), "acked")],
  ["voided", "voided", (s) => s.broker.holders.void(1)],
  ["rewrite", "rewriteBegan added added added rewriteEnded", (s) => s.log.journal.beginRewrite()],
  ["cleared", "cleared", (s) => s.broker.flush()],
];

/** The bytes of a file with hexadecimal digits. */
function golden(name: string): string {
  const file = join(repositoryRoot, "test/journal/golden", `${name}.hex`);
  return readFileSync(file, "latin1").replaceAll(/\s/g, "");
}

function kindsIn(payload: Buffer): string {
  const reader = new RecordReader();
  reader.begin(payload);
  const kinds: string[] = [];
  while (reader.next()) kinds.push(reader.kind);
  assert.equal(reader.end, payload.length);
  return kinds.join(" ");
}

test("what is logged of every turn of a story is what it always was, and is read again", () => {
  const story = new Story();
  for (const [file, kinds, turn] of turns) {
    turn(story);
    const [block] = story.log.journal.take();
    assert.ok(block, file);
    const payload = block.subarray(BLOCK_HEADER_BYTES);
    assert.equal(kindsIn(payload), kinds, file);
    assert.equal(payload.toString("hex"), golden(file), file);
    story.log.append([block]);
    const clock = new FakeClock(2, 5, story.clock.wallMs);
    const reborn = story.log.replay(clock, 0, BOOT_ID, (broker) => {
      broker.pause(broker.queues.entry(Buffer.from("mail"), 0, 4), true, false);
    });
    const facts = factsOf(story.broker, story.clock, usualNodes);
    const read = factsOf(reborn.broker, clock, reborn.nodes);
    assert.deepEqual(read, afterRestart(facts, clock.wallMs), file);
  }
});

test("the mark of a node that was stopped in good order is what it always was", () => {
  const { journal } = new Story().log;
  journal.syncedTo({ segment: 6, bytes: 0x0a0b_0c0d });
  const [block] = journal.close();
  assert.equal(block?.toString("hex"), golden("block-with-closed"));
});

test("the header of a segment is what it always was", () => {
  const header = writeSegmentHeader(crc32, {
    nodeId: "0123456789abcdef0123456789abcdef01234567",
    incarnation: 258,
    segment: 7,
    createdWallMs: 1_767_225_600_000,
    bootId: BOOT_ID,
    policy: "everysec",
    mark: 0xcafebabe,
    bytesBefore: 0x0102_0304,
    synced: { segment: 6, bytes: 0x0a0b_0c0d },
  });
  assert.equal(header.toString("hex"), golden("segment-header"));
});
