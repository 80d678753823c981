/**
 * What a checker is: somebody who watches one invariant of the cluster and nothing else.
 *
 * It is told what clients did and saw, and what the tables of nodes show; it must not ask the cluster's
 * own code for an opinion. Every look it takes is counted, because an invariant that never applied has
 * not been checked.
 */
import type { Message } from "../../../../src/cluster/messages.ts";
import type { SimProcess } from "../process.ts";
import type { Copy, DeliveryNote, Story } from "../story.ts";

/** What clients say about a job they know. */
export type JobVerb = "ack" | "fastack" | "delete" | "nack" | "enqueue" | "dequeue" | "working";

/** What a client read of a job. */
export interface SeenJob {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly nacks: number;
  readonly additionalDeliveries: number;
}

/** A broken invariant. */
export class Violation extends Error {
  readonly checker: string;
  /** The job concerned, if there is one. */
  readonly jobId: string | undefined;

  constructor(checker: string, message: string, jobId?: string) {
    super(`${checker}: ${message}${jobId === undefined ? "" : ` (${jobId})`}`);
    this.name = "Violation";
    this.checker = checker;
    this.jobId = jobId;
  }
}

/** Watches one invariant; every method is called right after what it is named after. */
export interface Checker {
  readonly name: string;
  added?(story: Story): void;
  /** The origin says that the copies are there, or not. */
  addEnded?(story: Story): void;
  delivered?(story: Story, delivery: DeliveryNote, seen: SeenJob): void;
  asked?(story: Story, verb: JobVerb, process: SimProcess, answer: boolean): void;
  /** A record is new, or another than before. */
  copyChanged?(story: Story, copy: Copy, before: Copy["role"] | undefined): void;
  /** A record is gone; `isLost`: with the memory of its process. */
  copyGone?(story: Story, copy: Copy, isLost: boolean): void;
  turnEnded?(process: SimProcess, isOwnWish: boolean): void;
  /** A message is queued for another node, the one with that id. */
  sent?(process: SimProcess, message: Message, receiverId: string): void;
  /** Every few ms. */
  looked?(): void;
  /** Now and then, for what costs more. */
  lookedClosely?(): void;
  /** Nothing has happened for long, though nodes may be away or leave. */
  settled?(): void;
  /** Everything has been healed and drained: nothing may be left. */
  ended?(): void;
}
