/** The one table of bus messages: every message of it comes back as it was, on the lane it needs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  busMessages,
  isJobMessage,
  isMembershipMessage,
  isTotalsMessage,
  type Message,
  sharedMessages,
} from "../../src/cluster/messages.ts";
import { Codec } from "../../src/cluster/wire/codec.ts";
import { WireReader } from "../../src/cluster/wire/wire-reader.ts";
import { WireWriter } from "../../src/cluster/wire/wire-writer.ts";

type Samples = { readonly [Type in Message["type"]]: Extract<Message, { type: Type }> };

const nodeId = "0123456789abcdef0123456789abcdef01234567";
const queue = Buffer.from("work");
const packed = Buffer.from("packed");
const profile = {
  memoryIncarnation: 1,
  version: 3,
  host: "here",
  port: 7711,
  busPort: 17711,
  zone: "a",
  isLeaving: false,
};

/** One of each; the compiler says when one is missing. */
const samples: Samples = {
  hello: { type: "hello", isMeeting: true, wallMs: 1_767_225_600_000, ...profile },
  members: {
    type: "members",
    records: [{ nodeId, incarnation: 2 ** 40, ...profile }],
    wantsYours: false,
  },
  heartbeat: {
    type: "heartbeat",
    sequence: 9,
    fingerprintHigh: 2 ** 32 - 1,
    fingerprintLow: 0,
    suspects: [nodeId],
  },
  heard: { type: "heard", sequence: 9 },
  failed: { type: "failed", nodeId, incarnation: 1 },
  forgotten: { type: "forgotten" },
  departed: { type: "departed", incarnation: 1 },
  pauses: { type: "pauses", news: [{ queue, state: "in", counter: 5, nodeId }] },
  pressure: { type: "pressure", isPressured: true },
  question: { type: "question", question: 3, queues: [queue], scanFrom: 7, scanCount: 100 },
  answer: {
    type: "answer",
    question: 3,
    figures: [0, 2 ** 40],
    queues: [{ queue, figures: [5] }],
    scanNext: 0,
  },
  store: { type: "store", batch: 1, jobs: packed, isAccepted: true },
  stored: { type: "stored", batch: 1, refusals: [{ position: 3, reason: "memory" }] },
  holders: { type: "holders", lists: packed },
  taken: { type: "taken", lists: packed },
  leased: { type: "leased", leases: packed },
  gone: { type: "gone", ids: packed },
  flushed: { type: "flushed" },
  keep: {
    type: "keep",
    batch: 1,
    jobs: packed,
    strangers: [nodeId],
    over: [1],
    unsure: [{ position: 0, nodeId }],
  },
  kept: { type: "kept", batch: 1, refusals: [{ position: 0, reason: "acked" }] },
  drop: { type: "drop", ids: packed, isOver: true, isShort: true },
  dropped: { type: "dropped", ids: packed },
  held: { type: "held", ids: packed },
  ack: { type: "ack", batch: 1, acks: packed },
  acked: { type: "acked", batch: 1, exceptions: packed },
  finish: { type: "finish", ids: packed },
  report: { type: "report", isTold: true },
  reported: { type: "reported" },
  telling: { type: "telling" },
  push: { type: "push", jobs: packed, number: 300 },
  handed: { type: "handed", ids: packed, lastHeard: 300 },
  recall: { type: "recall", ids: packed, isAwaited: true },
  resent: { type: "resent" },
  returned: { type: "returned", ids: packed, lastHeard: 0 },
  want: { type: "want", queues: [{ queue, credits: 7 }] },
  have: { type: "have", queues: [{ queue, jobs: 1_000_000 }] },
  grant: { type: "grant", grants: [{ queue, nodeId, credits: 7 }] },
  verbs: { type: "verbs", verb: "nack", ids: packed },
  counters: { type: "counters", counts: packed },
};

const codec = new Codec(busMessages);
const messages: Message[] = Object.values(samples);

test("every message comes back as it was", () => {
  const writer = new WireWriter();
  for (const message of messages) codec.encode(writer, message);
  const reader = new WireReader(writer.buffer, 0, writer.length);
  for (const message of messages) assert.deepEqual(codec.decode(reader), message);
  assert.equal(reader.remaining, 0);
});

test("copies that an older node asks for are those of jobs that may be refused yet", () => {
  const writer = new WireWriter();
  codec.encode(writer, samples.store);
  const bytes = Buffer.from(writer.buffer.subarray(0, writer.length));
  // Without its last field, as it was before that was there.
  const older = Buffer.from(bytes.subarray(0, -2));
  older[1] = (bytes[1] as number) - 2 * 2;
  const { isAccepted: _, ...known } = samples.store;
  const found = codec.decode(new WireReader(older));
  assert.deepEqual(found, { ...known, isAccepted: undefined });
});

test("every message is for membership, or about jobs, totals, or what is shared", () => {
  for (const message of messages) {
    const isShared = message.type in sharedMessages;
    const kinds = [
      isMembershipMessage(message),
      isJobMessage(message),
      isTotalsMessage(message),
      isShared,
    ];
    assert.equal(kinds.filter(Boolean).length, 1, message.type);
  }
});

test("membership overtakes everything else, and what is about jobs keeps its order", () => {
  for (const message of messages) {
    assert.equal(codec.laneOf(message) === "urgent", isMembershipMessage(message), message.type);
  }
});
