/**
 * A client's connection to a node, from both sides: requests on their way, who waits, answers that may
 * get lost.
 *
 * Between a client and its node things take a while and keep their order. When the process ends, the
 * client hears of it; when the client goes, the process does, and takes back what was not read.
 */
import type { AddReceiver } from "../../../src/cluster/jobs/copies/add-receiver.ts";
import { UnwrittenJobs } from "../../../src/commands/unwritten-jobs.ts";
import type { Job } from "../../../src/core/job.ts";
import type { Queue } from "../../../src/core/queue.ts";
import type { Waiter } from "../../../src/core/waiting-room.ts";
import type { Commands } from "./commands.ts";
import type { Ledger } from "./ledger.ts";
import type { SeenJob } from "./oracle/checker.ts";
import type { Answering, SimProcess } from "./process.ts";
import type { DeliveryNote, Story } from "./story.ts";

/** One way between client and node. */
const WAY_MS = 0.2;
/** A client whose machine heard nothing gives up after that. */
const SILENCE_MS = 3000;

/** What a node answers. */
export type Answer =
  | { readonly type: "added"; readonly story: Story }
  | { readonly type: "refused"; readonly error: string }
  | { readonly type: "jobs"; readonly jobs: readonly SeenJob[] };

/** The client's side. */
export interface SessionUser {
  answered(answer: Answer): void;
  /** The connection is gone; what was asked may have been done or not. */
  lost(session: Session): void;
}

/** One connection. */
export class Session implements Answering {
  readonly process: SimProcess;
  readonly name: string;
  /** An ADDJOB that waits for copies. */
  adding: AddReceiver | undefined;
  waiter: Waiter | undefined;
  isOpen = true;
  readonly #commands: Commands;
  readonly #ledger: Ledger;
  readonly #user: SessionUser;
  readonly #unwritten = new UnwrittenJobs();
  #reply: Answer | undefined;
  #notes: { note: DeliveryNote; story: Story }[] = [];
  #isHanded = false;

  constructor(
    process: SimProcess,
    name: string,
    parts: { readonly commands: Commands; readonly ledger: Ledger },
    user: SessionUser,
  ) {
    this.process = process;
    this.name = name;
    this.#commands = parts.commands;
    this.#ledger = parts.ledger;
    this.#user = user;
    process.ended.push(() => this.#processEnded());
  }

  /** Sends a request; it runs in a turn of the node. */
  request(run: () => void): void {
    const { process } = this;
    process.world.after(WAY_MS, () => process.post(() => this.isOpen && run()));
  }

  /** The client goes away. */
  leave(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.process.world.after(WAY_MS, () => this.process.post(() => this.#close()));
  }

  /** Waits for jobs. */
  wait(queues: Queue[], count: number, endMs: number): void {
    if (this.waiter !== undefined) throw new Error(`${this.name} asks twice`);
    this.waiter = this.process.broker.serving.wait(queues, count, endMs, {
      jobsArrived: (taken) => {
        this.waiter = undefined;
        this.deliver(taken);
      },
      waitEnded: () => {
        this.waiter = undefined;
        this.deliver([]);
      },
    });
  }

  /** Jobs go into the reply. */
  deliver(taken: readonly Job[]): void {
    const { process } = this;
    const jobs = taken.map((job) => {
      this.#unwritten.add(process.broker, job);
      const seen = this.#commands.seen(process, job);
      const note = this.#ledger.delivered(process, this.name, seen);
      this.#notes.push({ note, story: this.#ledger.stories.get(seen.id) as Story });
      return seen;
    });
    this.answer({ type: "jobs", jobs });
  }

  answer(answer: Answer): void {
    this.#reply = answer;
    this.process.answering.push(this);
  }

  /** The end of the turn: the answer leaves, or does not. */
  sendAnswer(): void {
    const { world } = this.process;
    if (this.#reply === undefined) return;
    const isLucky = this.#ledger.isDraining;
    if (!this.isOpen || (!isLucky && world.happens("dead sockets", 0.05))) {
      this.#break();
      return;
    }
    this.#isHanded = true;
    this.#unwritten.handedOver();
    if (isLucky || !world.happens("half-written replies", 0.1)) {
      this.#written();
      return;
    }
    const isLost = world.random.chance(0.5);
    world.after(world.someTimeMs(world.config.paceMs), () =>
      this.process.post(() => {
        if (this.#reply === undefined) return;
        if (isLost || !this.isOpen) this.#break();
        else this.#written();
      }),
    );
  }

  #written(): void {
    const answer = this.#reply as Answer;
    this.#forget();
    this.#unwritten.handedOver();
    this.#unwritten.written();
    this.process.world.after(WAY_MS, () => this.isOpen && this.#user.answered(answer));
  }

  /** The node finds the connection dead. */
  #break(): void {
    this.#close();
    if (!this.isOpen) return;
    this.isOpen = false;
    this.process.world.after(WAY_MS, () => this.#user.lost(this));
  }

  /** The node's side ends. */
  #close(): void {
    const { broker } = this.process;
    if (this.waiter !== undefined) {
      broker.serving.cancel(this.waiter);
      this.waiter = undefined;
    }
    if (this.adding !== undefined) {
      const { adding } = this;
      this.adding = undefined;
      this.process.cluster.jobs.cancelAdd(adding);
    }
    for (const { note, story } of this.#notes) this.#ledger.returned(story, note, this.#isHanded);
    this.#forget();
    this.#unwritten.takeBack(broker);
  }

  #forget(): void {
    this.#reply = undefined;
    this.#notes = [];
    this.#isHanded = false;
  }

  #processEnded(): void {
    this.#returnUnsent();
    if (!this.isOpen) return;
    this.isOpen = false;
    const { world } = this.process;
    world.after(world.random.chance(0.7) ? WAY_MS : SILENCE_MS, () => this.#user.lost(this));
  }

  /** A process that ends within a slow turn has sent nothing of that turn's replies. */
  #returnUnsent(): void {
    if (this.#isHanded) return;
    for (const { note, story } of this.#notes) this.#ledger.returned(story, note, false);
    this.#forget();
  }
}
