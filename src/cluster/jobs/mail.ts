/**
 * What lending has to say to other nodes in one turn: one message a peer of each type.
 *
 * The order of the types matters to a receiver: what came back, then how much is wanted now.
 */
import type { Job } from "../../core/job.ts";
import { ITEMS_MAX, LIST_BYTES_MAX } from "../job-messages.ts";
import type { JobsWorld } from "./jobs-world.ts";
import { IdPacker } from "./packed-ids.ts";
import { JobPacker } from "./packed-jobs.ts";
import { JOB_ID_BYTES } from "./packed-reader.ts";

/** Packed jobs of a message; a single job may be larger. */
const PUSH_BYTES_MAX = 8 * 1024 * 1024;

/** What is to be said to one node. */
class Letter {
  readonly handed: IdPacker;
  readonly returned: IdPacker;
  readonly push: JobPacker;
  wants: { queue: Buffer; credits: number }[] = [];
  haves: { queue: Buffer; jobs: number }[] = [];
  grants: { queue: Buffer; nodeId: string; credits: number }[] = [];
  isOpen = false;

  constructor(world: JobsWorld) {
    this.handed = new IdPacker(world);
    this.returned = new IdPacker(world);
    this.push = new JobPacker(world);
  }
}

/** Collects what is to be said and says it at the end of the turn. */
export class Mail {
  readonly #world: JobsWorld;
  readonly #letters: (Letter | undefined)[] = [];
  #open: number[] = [];

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /** Whether there is something to be said. */
  get isDue(): boolean {
    return this.#open.length > 0;
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

  /** A job for clients there. */
  push(node: number, job: Job): void {
    const { push } = this.#to(node);
    push.add(job);
    if (push.bytes >= PUSH_BYTES_MAX) this.#sayPush(node, push);
  }

  /** Clients here wait for so many jobs. */
  want(node: number, queue: Buffer, credits: number): void {
    const letter = this.#to(node);
    letter.wants.push({ queue, credits });
    if (letter.wants.length >= ITEMS_MAX) this.#sayWants(node, letter);
  }

  /** So many jobs are here, roughly. */
  have(node: number, queue: Buffer, jobs: number): void {
    const letter = this.#to(node);
    letter.haves.push({ queue, jobs });
    if (letter.haves.length >= ITEMS_MAX) this.#sayHaves(node, letter);
  }

  /** Another node wants so many jobs of the receiver. */
  grant(node: number, queue: Buffer, wanting: number, credits: number): void {
    const nodeId = this.#world.nodes.id(wanting);
    const letter = this.#to(node);
    letter.grants.push({ queue, nodeId, credits });
    if (letter.grants.length >= ITEMS_MAX) this.#sayGrants(node, letter);
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
      if (letter.handed.count > 0) this.#sayHanded(node, letter.handed);
      if (letter.returned.count > 0) this.#sayReturned(node, letter.returned);
      if (letter.wants.length > 0) this.#sayWants(node, letter);
      if (letter.push.count > 0) this.#sayPush(node, letter.push);
      if (letter.haves.length > 0) this.#sayHaves(node, letter);
      if (letter.grants.length > 0) this.#sayGrants(node, letter);
    }
  }

  /** The node is gone: nothing is said to it. */
  forget(node: number): void {
    this.#letters[node] = undefined;
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

  #sayHanded(node: number, handed: IdPacker): void {
    this.#world.tell(node, { type: "handed", ids: handed.take() });
  }

  #sayReturned(node: number, returned: IdPacker): void {
    this.#world.tell(node, { type: "returned", ids: returned.take() });
  }

  #sayPush(node: number, push: JobPacker): void {
    this.#world.tell(node, { type: "push", jobs: push.take() });
  }

  #sayWants(node: number, letter: Letter): void {
    this.#world.tell(node, { type: "want", queues: letter.wants });
    letter.wants = [];
  }

  #sayHaves(node: number, letter: Letter): void {
    this.#world.tell(node, { type: "have", queues: letter.haves });
    letter.haves = [];
  }

  #sayGrants(node: number, letter: Letter): void {
    this.#world.tell(node, { type: "grant", grants: letter.grants });
    letter.grants = [];
  }
}
