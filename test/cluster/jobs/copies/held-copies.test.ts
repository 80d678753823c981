/** Copies that others have here: what is taken in, refused, dropped, and what must not be dropped. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JobMessage, MessageOf } from "../../../../src/cluster/job-messages.ts";
import { HeldCopies } from "../../../../src/cluster/jobs/copies/held-copies.ts";
import type { JobsWorld } from "../../../../src/cluster/jobs/jobs-world.ts";
import { IdPacker } from "../../../../src/cluster/jobs/packing/packed-ids.ts";
import { JobPacker } from "../../../../src/cluster/jobs/packing/packed-jobs.ts";
import { Broker } from "../../../../src/core/broker.ts";
import { NO_JOB } from "../../../../src/core/job.ts";
import { FakeHost } from "../../../support/fake-host.ts";
import { MEMBER_IDS, nodesAt, type PlainJob, plainJob, Sender } from "../support/packing.ts";

/** What the receiver calls the members of packing.ts; it is member 1. */
const INDEXES = [1, 0, 2, 3, 4];
/** The receiver's index of the sender. */
const SENDER = 1;

/** A node that holds copies, and what it says. */
class Receiver {
  readonly host = new FakeHost(2, {});
  readonly broker = new Broker(this.host, { nodeId: MEMBER_IDS[1] as string, maxMemoryBytes: 0 });
  readonly told: { node: number; message: JobMessage }[] = [];
  readonly logged: string[] = [];
  readonly recalled: number[] = [];
  readonly givenBack: number[] = [];
  /** Nodes that are told who keeps a job. */
  readonly shown: number[] = [];
  readonly held: HeldCopies;
  #batch = 0;

  constructor() {
    const world = {
      host: this.host,
      broker: this.broker,
      nodes: nodesAt(INDEXES),
      tell: (node: number, message: JobMessage) => this.told.push({ node, message }),
      log: (_level: string, message: string) => this.logged.push(message),
    } as unknown as JobsWorld;
    const recall = (job: number) => this.recalled.push(job);
    const showTo = (_job: number, node: number) => this.shown.push(node);
    const giveBack = (job: number) => this.givenBack.push(job);
    const noNodes = { unreported: () => [], unconfirmed: () => [], headedFor: () => -1 };
    const machines = { recall, showTo, giveBack, ...noNodes };
    this.held = new HeldCopies(world, machines as never);
  }

  /** The sender asks for copies; the refusals, or undefined when there is no answer. */
  store(...plain: PlainJob[]): MessageOf<"stored">["refusals"] | undefined {
    return this.storeBytes(packed(plain));
  }

  storeBytes(jobs: Buffer, isAccepted?: boolean): MessageOf<"stored">["refusals"] | undefined {
    this.#batch++;
    this.held.received(SENDER, { type: "store", batch: this.#batch, jobs, isAccepted });
    this.held.tick();
    const answer = this.told.pop()?.message;
    if (answer === undefined) return undefined;
    assert.ok(answer.type === "stored" && answer.batch === this.#batch);
    return answer.refusals;
  }

  find(plain: PlainJob): number {
    return this.broker.index.find(plain.id);
  }

  listOf(plain: PlainJob): readonly number[] {
    return this.broker.roles.list(this.find(plain));
  }
}

function packed(plain: readonly PlainJob[]): Buffer {
  const sender = new Sender();
  const packer = new JobPacker(sender);
  for (const job of plain) packer.add(sender.add(job));
  return packer.take();
}

function numbered(number: number, remarkable: Partial<PlainJob> = {}): PlainJob {
  return plainJob({ id: Int32Array.of(1, 2, 3, 4, 5, number), ...remarkable });
}

/** Member 2 says that copies are to go; what is answered, and said to others. */
function drop(receiver: Receiver, isOver: boolean, ...plain: PlainJob[]): JobMessage[] {
  const packer = new IdPacker(new Sender());
  for (const { id } of plain) packer.addWords(id);
  receiver.held.received(2, { type: "drop", ids: packer.take(), isOver, isShort: undefined });
  receiver.held.tick();
  return receiver.told.splice(0).map(({ message }) => message);
}

describe("a copy that is asked for", () => {
  test("is stored as told, for what is left of its life, and confirmed", () => {
    const receiver = new Receiver();
    const told = numbered(1, { holders: [0, 1, 2], leftMs: 5000, epoch: 3, nacks: 2 });
    assert.deepEqual(receiver.store(told), []);
    const { broker, host } = receiver;
    const job = receiver.find(told);
    assert.ok(broker.roles.isCopy(job));
    assert.deepEqual(broker.roles.list(job), [1, 0, 2]);
    assert.equal(broker.jobs.expiresAtMs(job), host.nowMs + 5000);
    assert.equal(broker.jobs.epoch(job), 3);
    assert.equal(broker.jobs.nacks(job), 2);
    assert.equal(broker.jobs.createdMs(job), told.createdMs);
    host.nowMs += 5000;
    broker.tick();
    assert.equal(receiver.find(told), NO_JOB);
  });

  test("is refused for its own reason, and the rest of the batch is taken", () => {
    const receiver = new Receiver();
    const { broker } = receiver;
    broker.pause(broker.queues.entry(Buffer.from("shut"), 0, 4), true, false);
    const jobs = [numbered(1), numbered(2, { queue: Buffer.from("shut") }), numbered(3)];
    assert.deepEqual(receiver.store(...jobs), [{ position: 1, reason: "paused" }]);
    assert.notEqual(receiver.find(numbered(3)), NO_JOB);
    assert.deepEqual(receiver.storeBytes(packed(jobs), false), [{ position: 1, reason: "paused" }]);
    broker.isLeaving = true;
    assert.deepEqual(receiver.store(numbered(4)), [{ position: 0, reason: "leaving" }]);
    broker.isLeaving = false;
    broker.memory.maxBytes = 1;
    assert.deepEqual(receiver.store(numbered(5)), [{ position: 0, reason: "memory" }]);
  });

  test("of a job that was accepted is taken whatever is paused, and refused for any other reason", () => {
    const receiver = new Receiver();
    const { broker } = receiver;
    broker.pause(broker.queues.entry(Buffer.from("shut"), 0, 4), true, false);
    const [first, second] = [numbered(1), numbered(2)].map((job) => ({
      ...job,
      queue: Buffer.from("shut"),
    })) as [PlainJob, PlainJob];
    assert.deepEqual(receiver.storeBytes(packed([first]), true), []);
    assert.ok(broker.roles.isCopy(receiver.find(first)));
    broker.isLeaving = true;
    const refusals = receiver.storeBytes(packed([second]), true);
    assert.deepEqual(refusals, [{ position: 0, reason: "leaving" }]);
  });

  test("is refused when it is known as acknowledged", () => {
    const receiver = new Receiver();
    receiver.store(numbered(1));
    receiver.broker.roles.bury(receiver.find(numbered(1)));
    assert.deepEqual(receiver.store(numbered(1)), [{ position: 0, reason: "acked" }]);
  });
});

describe("a copy that there was not, as others have heard,", () => {
  test("is news for them when another node asks for it, while they are members", () => {
    const receiver = new Receiver();
    drop(receiver, false, numbered(1));
    receiver.store(numbered(1));
    assert.deepEqual(receiver.shown, [2]);
    drop(receiver, false, numbered(2));
    receiver.held.peerRemoved(2);
    receiver.store(numbered(2));
    assert.deepEqual(receiver.shown, [2]);
  });

  test("is none for who asks for it", () => {
    const receiver = new Receiver();
    receiver.broker.isLeaving = true;
    receiver.store(numbered(1));
    receiver.broker.isLeaving = false;
    assert.deepEqual(receiver.store(numbered(1)), []);
    assert.deepEqual(receiver.shown, []);
  });
});

describe("a copy that is asked for once more, or oddly,", () => {
  test("is confirmed again whatever this node would say to a new one", () => {
    const receiver = new Receiver();
    receiver.store(numbered(1));
    receiver.broker.isLeaving = true;
    assert.deepEqual(receiver.store(numbered(1, { holders: [0, 2, 1] })), []);
    assert.deepEqual(receiver.listOf(numbered(1)), [1, 2, 0]);
  });

  test("brings no list that is older than the known one", () => {
    const receiver = new Receiver();
    receiver.store(numbered(1, { holders: [0, 1, 2], epoch: 2 }));
    receiver.store(numbered(1, { holders: [0, 1, 3], epoch: 1 }));
    assert.deepEqual(receiver.listOf(numbered(1)), [1, 0, 2]);
  });

  test("is in a list with this node, led by who asks", () => {
    const receiver = new Receiver();
    receiver.store(numbered(1, { holders: [0, 2] }), numbered(2, { holders: [2, 1, 0] }));
    assert.deepEqual(receiver.listOf(numbered(1)), [1, 2, 0]);
    assert.deepEqual(receiver.listOf(numbered(2)), [1, 2, 0]);
  });

  test("cannot overtake others because of a clock that is far ahead", () => {
    const receiver = new Receiver();
    const { wallMs } = receiver.host;
    receiver.store(numbered(1, { createdMs: wallMs + 60_001 }));
    receiver.store(numbered(2, { createdMs: wallMs + 60_000 }));
    const { jobs } = receiver.broker;
    assert.equal(jobs.createdMs(receiver.find(numbered(1))), wallMs);
    assert.equal(jobs.createdMs(receiver.find(numbered(2))), wallMs + 60_000);
  });

  test("makes a real copy of one that was only borrowed", () => {
    const receiver = new Receiver();
    const { broker } = receiver;
    receiver.store(numbered(1));
    const job = receiver.find(numbered(1));
    broker.roles.keep(job, 0, false);
    broker.lifecycle.remove(job);
    const source = Buffer.from("x");
    const queue = broker.queues.entry(source, 0, 1);
    const told = { ...numbered(1), queueNumber: queue.number, expiresAtMs: 1e9 };
    const borrowed = broker.addTold(told, source, 0, 1);
    broker.roles.beginBorrowed(borrowed);
    assert.deepEqual(receiver.store(numbered(1)), []);
    assert.ok(broker.roles.isCopy(borrowed) && !broker.roles.isBorrowed(borrowed));
    assert.deepEqual(receiver.givenBack, [borrowed]);
    assert.equal(queue.length, 0);
  });

  test("is refused when it cannot be read, and what came before is not", () => {
    const receiver = new Receiver();
    const whole = packed([numbered(1), numbered(2)]);
    const refused = receiver.storeBytes(whole.subarray(0, whole.length - 1));
    assert.deepEqual(refused, [{ position: 1, reason: "unread" }]);
    assert.deepEqual(receiver.logged, ["damaged jobs to be stored"]);
    assert.deepEqual(receiver.storeBytes(whole), []);
  });
});

describe("a copy that is to be dropped", () => {
  const fromSender = { holders: [2, 1, 0] };

  test("goes if its keeper wants it, and that is confirmed; unknown ones are, too", () => {
    const receiver = new Receiver();
    const copy = numbered(1);
    receiver.store(copy);
    receiver.broker.roles.setList(receiver.find(copy), [2, 0]);
    const answers = drop(receiver, false, copy, numbered(9));
    assert.equal(answers.length, 1);
    assert.ok(answers[0]?.type === "dropped" && answers[0].ids.length === 48);
    assert.equal(receiver.find(copy), NO_JOB);
  });

  test("stays if its keeper is another node by now, and that is said", () => {
    const receiver = new Receiver();
    receiver.store(numbered(1, fromSender));
    const answers = drop(receiver, false, numbered(1));
    assert.deepEqual(
      answers.map(({ type }) => type),
      ["held"],
    );
    assert.notEqual(receiver.find(numbered(1)), NO_JOB);
  });

  test("stays if this node has become its keeper, and that is said", () => {
    const receiver = new Receiver();
    receiver.store(numbered(1));
    const job = receiver.find(numbered(1));
    receiver.broker.roles.setList(job, [0, 2, 1]);
    receiver.broker.roles.keep(job, 0, true);
    const answers = drop(receiver, false, numbered(1));
    assert.deepEqual(
      answers.map(({ type }) => type),
      ["held"],
    );
    assert.equal(receiver.find(numbered(1)), job);
  });
});

describe("a job that is over", () => {
  test("goes in whatever role, and the others of its list are told", () => {
    const receiver = new Receiver();
    receiver.store(numbered(1));
    const job = receiver.find(numbered(1));
    receiver.broker.roles.setList(job, [0, 1, 2, 3]);
    receiver.broker.roles.keep(job, 0, true);
    const types = drop(receiver, true, numbered(1)).map(({ type }) => type);
    assert.deepEqual(types.sort(), ["drop", "drop", "dropped"]);
    assert.equal(receiver.find(numbered(1)), NO_JOB);
  });

  test("stays as the memory of its acknowledgement, which others may still need", () => {
    const receiver = new Receiver();
    receiver.store(numbered(1));
    const job = receiver.find(numbered(1));
    receiver.broker.roles.bury(job);
    for (const isOver of [true, false]) {
      const answers = drop(receiver, isOver, numbered(1));
      assert.deepEqual(
        answers.map(({ type }) => type),
        ["dropped"],
      );
    }
    assert.equal(receiver.find(numbered(1)), job);
  });
});
