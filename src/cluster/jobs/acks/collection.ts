/**
 * One node's way to get an acknowledged job forgotten everywhere.
 *
 *   all in the list are asked ──▶ a holder names others: they are asked as well
 *           │
 *           ▼ all have answered
 *   all in the list are told that it is over, and the tombstone goes
 *
 * Any answer will do: who has a copy buries it before it answers, and who has nothing needs nothing, but
 * is asked once more at the end, as it may have been asked too early (empty-handed.ts). A node that has
 * lost its memory, or is no member any more, counts as having answered; but it
 * may have given copies to nodes that no list here names before it could hear of the acknowledgement: all
 * are asked. Several nodes may collect the same job at the same time; the first one to finish ends it for
 * all, except for those who know more than it may have asked: they come to an end themselves. These are those
 * who have heard of a copy since they answered it, or of a node that cannot answer any more, and those to
 * whom some node has not reported yet which copies it has. So does who has sent the job to a node that has not answered
 * yet, or has asked one for a copy (open-requests.ts), and who has given the job away: its next keeper may not have told
 * the holders yet whom they follow.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { ITEMS_MAX } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { NO_NODE } from "../../ring.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { IdPacker } from "../packing/packed-ids.ts";
import type { AckBatches } from "./ack-batches.ts";
import { EmptyHanded } from "./empty-handed.ts";

const NOBODY: readonly number[] = [];

/** What is to be told to one node at the end of the turn. */
interface Finished {
  readonly packer: IdPacker;
  /** Whole messages. */
  full: Buffer[];
}

/** What others know, or are to know. */
export interface CollectionParts {
  readonly asks: AckBatches;
  /** All who were asked about a dummy have answered, and none of them had it. */
  readonly nobodyHasIt: (dummy: Job) => void;
  /** A dummy is a tombstone like others from now on: somebody has it. */
  readonly found: (job: Job) => void;
  /** Who tells which nodes may have copies of which no list tells, or get one yet. */
  readonly machines: Pick<JobsMachines, "unreported" | "headedFor" | "unconfirmed" | "givenTo">;
  /** Whether there are jobs for which `excused` is still to be called. */
  readonly hasExcused: () => boolean;
}

/** Collects tombstones. */
export class Collection {
  readonly #world: JobsWorld;
  readonly #asks: AckBatches;
  readonly #parts: CollectionParts;
  readonly #emptyHanded: EmptyHanded;
  readonly #id = new Int32Array(JOB_ID_WORDS);
  #finished: (Finished | undefined)[] = [];
  #isDue = false;

  constructor(world: JobsWorld, parts: CollectionParts) {
    this.#world = world;
    this.#asks = parts.asks;
    this.#parts = parts;
    this.#emptyHanded = new EmptyHanded(world, parts.asks);
  }

  /** Whether `say` has something to say. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Begins with a tombstone that has its number, unless it has begun; it may be over at once. */
  begin(job: Job): void {
    const { roles, jobs } = this.#world.broker;
    if (jobs.answersAwaited(job) === 0) this.#beginWith(job, roles.list(job));
  }

  /** Asks nodes, among them perhaps this one and some that were asked before. */
  askMore(job: Job, nodes: readonly number[]): void {
    const { roles } = this.#world.broker;
    const before = roles.list(job);
    const fresh = notIn(before, nodes);
    if (fresh.length === 0) return;
    this.#lengthen(job, fresh);
    this.#ask(job, fresh);
  }

  /**
   * Nodes that may not be in the list of a tombstone may have the job. Where others collect, they are only
   * put into the list: to ask nobody else would be the end of the collection when these have answered.
   */
  mayBeAt(job: Job, nodes: readonly number[]): void {
    if (nodes.length === 0) return;
    const { roles, jobs } = this.#world.broker;
    const fresh = notIn(roles.list(job), nodes);
    if (fresh.length === 0) return;
    jobs.setMustEndHere(job);
    if (jobs.answersAwaited(job) > 0 || roles.isDummy(job)) this.askMore(job, fresh);
    else this.#lengthen(job, fresh);
  }

  /**
   * Others do not know that it is over. They may stand in the list already, and were asked by who collects it; but that
   * one may have forgotten them since, and come to its end without their answers.
   */
  isSaidToBeAt(job: Job, nodes: readonly number[]): void {
    if (nodes.length > 0) this.#world.broker.jobs.setMustEndHere(job);
    this.mayBeAt(job, nodes);
  }

  /** Another node has come to the end with a job; it may not have asked all whom this one would. */
  endedBy(job: Job): void {
    const { jobs, lifecycle, roles } = this.#world.broker;
    this.mayBeAt(job, this.#parts.machines.unreported());
    this.#mayArrive(job);
    const isCollected = jobs.answersAwaited(job) > 0;
    const mayBeExcused = isCollected && this.#parts.hasExcused();
    if (!jobs.mustEndHere(job) && !mayBeExcused) lifecycle.remove(job);
    // The lookup of a dummy begins by itself.
    else if (!isCollected && !roles.isDummy(job)) this.begin(job);
  }

  /** A node has nothing of the job. */
  unknownAt(job: Job, node: number): void {
    this.#emptyHanded.note(job, node);
  }

  /** That node has forgotten all it had, or is no member any more. */
  forgetNode(node: number): void {
    this.#emptyHanded.forgetNode(node);
  }

  /** A node has the job as a tombstone now, and names the nodes of its list. */
  held(job: Job, node: number, named: readonly number[]): void {
    const { roles } = this.#world.broker;
    const holders = named.includes(node) ? named : [...named, node];
    if (!roles.isDummy(job)) {
      this.askMore(job, holders);
      return;
    }
    const asked = roles.list(job);
    const known = this.#withHeir(job, holders);
    roles.endDummy(job);
    roles.setList(job, known);
    this.#parts.found(job);
    this.#emptyHanded.found(job, known);
    this.#ask(job, notIn(asked, known));
  }

  /** One of those who were asked has answered, or needs not any more. */
  confirmed(job: Job): void {
    const { roles, jobs } = this.#world.broker;
    const awaited = Math.max(0, jobs.answersAwaited(job) - 1);
    jobs.setAnswersAwaited(job, awaited);
    if (awaited > 0) return;
    if (roles.isDummy(job)) this.#parts.nobodyHasIt(job);
    else this.#finish(job);
  }

  /**
   * One of those who were asked has lost its memory, and may have copied the job before, or is no member any
   * more: all others are asked instead, it as well if it is one.
   */
  excused(job: Job, others: readonly number[]): void {
    const { broker } = this.#world;
    // About a dummy everybody is asked anyway.
    if (!broker.roles.isDummy(job)) {
      // Who has answered before is told again by the end of this collection, and by no other.
      broker.jobs.setMustEndHere(job);
      this.mayBeAt(job, others);
    }
    this.confirmed(job);
  }

  /** Tells the others what is over. */
  say(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    for (let node = 0; node < this.#finished.length; node++) {
      const finished = this.#finished[node];
      if (finished === undefined) continue;
      const { full, packer } = finished;
      finished.full = [];
      if (packer.count > 0) full.push(packer.take());
      for (const ids of full) this.#world.tell(node, { type: "finish", ids });
    }
  }

  clear(): void {
    this.#emptyHanded.clear();
    this.#finished = [];
    this.#isDue = false;
  }

  /** Nodes that may get the job yet have nothing to bury before: they are asked by this one, behind the job itself. */
  #mayArrive(job: Job): void {
    const { machines } = this.#parts;
    const node = machines.headedFor(job);
    const asked = machines.unconfirmed(job);
    if (node === NO_NODE && asked.length === 0) return;
    this.#world.broker.jobs.setMustEndHere(job);
    this.mayBeAt(job, node === NO_NODE ? asked : [...asked, node]);
  }

  /** Who was given the job by this node has it for all that holders know who have not heard of that. */
  #withHeir(dummy: Job, holders: readonly number[]): readonly number[] {
    const { jobs } = this.#world.broker;
    for (let word = 0; word < JOB_ID_WORDS; word++) this.#id[word] = jobs.idWord(dummy, word);
    const heir = this.#parts.machines.givenTo(this.#id);
    return heir < 0 || holders.includes(heir) ? holders : [...holders, heir];
  }

  #beginWith(job: Job, nodes: readonly number[]): void {
    this.#ask(job, nodes);
    if (this.#world.broker.jobs.answersAwaited(job) === 0) this.#finish(job);
  }

  /** The list of a dummy is who was asked, hence without this node. */
  #lengthen(job: Job, fresh: readonly number[]): void {
    const { roles } = this.#world.broker;
    const list = roles.list(job);
    const isOnlyHere = list.length === 0 && !roles.isDummy(job);
    roles.setList(job, [...(isOnlyHere ? [OWN_INDEX] : list), ...fresh]);
  }

  /** None of them was asked before. */
  #ask(job: Job, list: readonly number[]): void {
    const { broker, nodes } = this.#world;
    const { jobs } = broker;
    const number = jobs.burial(job);
    let awaited = jobs.answersAwaited(job);
    for (const element of list) {
      const node = element % LOAN;
      if (node === OWN_INDEX || !nodes.isMember(node)) continue;
      // Whoever has borrowed the job may hold it as well.
      if (element >= LOAN && list.includes(node)) continue;
      this.#asks.ask(node, job, number);
      awaited++;
    }
    jobs.setAnswersAwaited(job, awaited);
  }

  #finish(job: Job): void {
    const { broker, nodes } = this.#world;
    const unheard = this.#unheardOf(job);
    if (unheard.length > 0) {
      this.mayBeAt(job, unheard);
      this.#beginWith(job, unheard);
      return;
    }
    const early = this.#emptyHanded.take(job);
    if (early.length > 0) {
      this.#beginWith(job, early);
      return;
    }
    for (const element of broker.roles.list(job)) {
      const node = element % LOAN;
      if (node !== OWN_INDEX && nodes.isMember(node)) this.#sayLater(node, job);
    }
    broker.lifecycle.remove(job);
  }

  /** Nodes that may have the job, or get it yet, and were not asked; mostly nobody is in question. */
  #unheardOf(job: Job): readonly number[] {
    const { machines } = this.#parts;
    const unreported = machines.unreported();
    const asked = machines.unconfirmed(job);
    if (unreported.length === 0 && asked.length === 0) return NOBODY;
    return notIn(this.#world.broker.roles.list(job), [...unreported, ...asked]);
  }

  #sayLater(node: number, job: Job): void {
    let finished = this.#finished[node];
    if (finished === undefined) {
      finished = { packer: new IdPacker(this.#world), full: [] };
      this.#finished[node] = finished;
    }
    finished.packer.add(job);
    if (finished.packer.count >= ITEMS_MAX) finished.full.push(finished.packer.take());
    this.#isDue = true;
  }
}

/** The other nodes that are not in a list, as holders or borrowers. */
function notIn(list: readonly number[], nodes: readonly number[]): number[] {
  const known = new Set(list.map((element) => element % LOAN)).add(OWN_INDEX);
  return [...new Set(nodes)].filter((element) => !known.has(element % LOAN));
}
