/**
 * What lending has to say to other nodes in one turn: one message a peer of each type.
 *
 * The order of the types matters to a receiver: what came back, then how much is wanted now.
 */
import type { Job } from "../../../core/job.ts";
import { LIST_BYTES_MAX } from "../../job-messages.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { IdPacker } from "../packing/packed-ids.ts";
import { JobPacker } from "../packing/packed-jobs.ts";
import { JOB_ID_BYTES } from "../packing/packed-reader.ts";
import { PushNumbers } from "./push-numbers.ts";
import { type Trade, UNKNOWN } from "./trade.ts";

/** Packed jobs of a message; a body of that size has one of its own. */
const PUSH_BYTES_MAX = 8 * 1024 * 1024;
/** Queues of a message, by the bytes of their names and what is said of each; one may be larger. */
const NAMES_BYTES_MAX = 256 * 1024;
const NAME_BYTES = 64;
/** A congested node is not told of queues until it is relieved; that is looked at so often, ms. */
const RETRY_SAY_MS = 100;

/** What is to be said to one node. */
class Letter {
  readonly recall: IdPacker;
  readonly handed: IdPacker;
  readonly returned: IdPacker;
  readonly push: JobPacker;
  wants: { queue: Buffer; credits: number }[] = [];
  haves: { queue: Buffer; jobs: number }[] = [];
  grants: { queue: Buffer; nodeId: string; credits: number }[] = [];
  /** Of the queues in each of the three. */
  wantBytes = 0;
  haveBytes = 0;
  grantBytes = 0;
  isOpen = false;

  constructor(world: JobsWorld) {
    this.recall = new IdPacker(world);
    this.handed = new IdPacker(world);
    this.returned = new IdPacker(world);
    this.push = new JobPacker(world);
  }
}

/** Collects what is to be said and says it at the end of the turn. */
export class Mail {
  readonly numbers: PushNumbers;
  readonly #world: JobsWorld;
  readonly #letters: (Letter | undefined)[] = [];
  #open: number[] = [];

  constructor(world: JobsWorld) {
    this.#world = world;
    this.numbers = new PushNumbers(world.broker);
  }

  /** Whether there is something to be said. */
  get isDue(): boolean {
    return this.#open.length > 0;
  }

  /** A job is not lent to that node any more. */
  recall(node: number, job: Job): void {
    const { recall } = this.#to(node);
    if (recall.bytes > LIST_BYTES_MAX - JOB_ID_BYTES) this.#sayRecall(node, recall);
    recall.add(job);
  }

  /** A borrowed job was handed to a client, or a job that was given to this node has come. */
  handed(node: number, job: Job): void {
    const { handed } = this.#to(node);
    if (handed.bytes > LIST_BYTES_MAX - JOB_ID_BYTES) this.#sayHanded(node, handed);
    handed.add(job);
  }

  /** The same for a job that is not here any more. */
  handedId(node: number, id: Int32Array): void {
    const { handed } = this.#to(node);
    if (handed.bytes > LIST_BYTES_MAX - JOB_ID_BYTES) this.#sayHanded(node, handed);
    handed.addWords(id);
  }

  /** Nobody is there for a borrowed job. */
  returned(node: number, job: Job): void {
    const { returned } = this.#to(node);
    if (returned.bytes > LIST_BYTES_MAX - JOB_ID_BYTES) this.#sayReturned(node, returned);
    returned.add(job);
  }

  /** The same for a job that is not here, or not in this way. */
  returnedId(node: number, id: Int32Array): void {
    const { returned } = this.#to(node);
    if (returned.bytes > LIST_BYTES_MAX - JOB_ID_BYTES) this.#sayReturned(node, returned);
    returned.addWords(id);
  }

  /** A job for clients there. */
  push(node: number, job: Job): void {
    const letter = this.#to(node);
    const { push } = letter;
    const isLarge = this.#world.broker.jobs.bodyBytes(job) >= PUSH_BYTES_MAX;
    if (isLarge && push.count > 0) this.#sayPush(node, letter);
    push.add(job);
    this.numbers.add(node, job);
    if (push.bytes >= PUSH_BYTES_MAX) this.#sayPush(node, letter);
  }

  /** A push was heard: what is to be said of those before it is said now, as if that were not so. */
  heard(node: number, number: number): void {
    const letter = this.#letters[node];
    if (letter !== undefined) this.#sayAnswers(node, letter);
    this.numbers.hear(node, number);
  }

  /**
   * Clients here wait for so many jobs of a queue. Returns what the node is told: the same, or UNKNOWN
   * because it is congested; then the queue is looked at again in a while.
   */
  want(node: number, trade: Trade, credits: number): number {
    if (this.#isHeldBack(node, trade)) return UNKNOWN;
    const letter = this.#to(node);
    const queue = trade.name;
    letter.wants.push({ queue, credits });
    letter.wantBytes += NAME_BYTES + queue.length;
    if (letter.wantBytes >= NAMES_BYTES_MAX) this.#sayWants(node, letter);
    return credits;
  }

  /** So many jobs are here, roughly. Returns as `want` does. */
  have(node: number, trade: Trade, jobs: number): number {
    if (this.#isHeldBack(node, trade)) return UNKNOWN;
    const letter = this.#to(node);
    const queue = trade.name;
    letter.haves.push({ queue, jobs });
    letter.haveBytes += NAME_BYTES + queue.length;
    if (letter.haveBytes >= NAMES_BYTES_MAX) this.#sayHaves(node, letter);
    return jobs;
  }

  /** Another node wants so many jobs of the receiver. Returns as `want` does. */
  grant(node: number, trade: Trade, wanting: number, credits: number): number {
    if (this.#isHeldBack(node, trade)) return UNKNOWN;
    const letter = this.#to(node);
    const queue = trade.name;
    letter.grants.push({ queue, nodeId: this.#world.nodes.id(wanting), credits });
    letter.grantBytes += NAME_BYTES + queue.length;
    if (letter.grantBytes >= NAMES_BYTES_MAX) this.#sayGrants(node, letter);
    return credits;
  }

  /** Says everything. */
  send(): void {
    if (this.#open.length === 0) return;
    const open = this.#open;
    this.#open = [];
    for (const node of open) {
      const letter = this.#letters[node];
      if (letter === undefined) continue;
      letter.isOpen = false;
      // A job that is asked back may be pushed again in the same turn.
      if (letter.recall.count > 0) this.#sayRecall(node, letter.recall);
      this.#sayAnswers(node, letter);
      if (letter.wants.length > 0) this.#sayWants(node, letter);
      if (letter.push.count > 0) this.#sayPush(node, letter);
      if (letter.haves.length > 0) this.#sayHaves(node, letter);
      if (letter.grants.length > 0) this.#sayGrants(node, letter);
    }
  }

  /** The node is gone: nothing is said to it. */
  forget(node: number): void {
    this.#letters[node] = undefined;
  }

  #isHeldBack(node: number, trade: Trade): boolean {
    if (!this.#world.isCongested(node)) return false;
    trade.retrySayAtMs = this.#world.host.nowMs + RETRY_SAY_MS;
    return true;
  }

  #to(node: number): Letter {
    let letter = this.#letters[node];
    if (letter === undefined) {
      letter = new Letter(this.#world);
      this.#letters[node] = letter;
    }
    if (!letter.isOpen) {
      letter.isOpen = true;
      this.#open.push(node);
    }
    return letter;
  }

  #sayRecall(node: number, recall: IdPacker): void {
    this.#world.tell(node, { type: "recall", ids: recall.take(), isAwaited: false });
  }

  #sayAnswers(node: number, { handed, returned }: Letter): void {
    if (handed.count > 0) this.#sayHanded(node, handed);
    if (returned.count > 0) this.#sayReturned(node, returned);
  }

  #sayHanded(node: number, handed: IdPacker): void {
    const lastHeard = this.numbers.lastHeard(node);
    this.#world.tell(node, { type: "handed", ids: handed.take(), lastHeard });
  }

  #sayReturned(node: number, returned: IdPacker): void {
    const lastHeard = this.numbers.lastHeard(node);
    this.#world.tell(node, { type: "returned", ids: returned.take(), lastHeard });
  }

  /** What was asked back goes first. */
  #sayPush(node: number, { recall, push }: Letter): void {
    if (recall.count > 0) this.#sayRecall(node, recall);
    this.#world.tell(node, { type: "push", jobs: push.take(), number: this.numbers.say(node) });
  }

  #sayWants(node: number, letter: Letter): void {
    this.#world.tell(node, { type: "want", queues: letter.wants });
    letter.wants = [];
    letter.wantBytes = 0;
  }

  #sayHaves(node: number, letter: Letter): void {
    this.#world.tell(node, { type: "have", queues: letter.haves });
    letter.haves = [];
    letter.haveBytes = 0;
  }

  #sayGrants(node: number, letter: Letter): void {
    this.#world.tell(node, { type: "grant", grants: letter.grants });
    letter.grants = [];
    letter.grantBytes = 0;
  }
}
