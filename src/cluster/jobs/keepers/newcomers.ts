/**
 * Jobs that other nodes give to this one for good, which becomes their keeper.
 *
 * It may be a holder of a job already, or have taken it over before; then it goes on with what it has. What it has
 * sent away itself may come round to it.
 * A node that leaves itself, is full, or does not know all who have copies, refuses, and the sender looks
 * for another one.
 *
 * Whoever is a stranger to the sender may have become keeper of such a job, too: it would find out when the two meet
 * again, but the sender does not have the job any more then. So the receiver says at once who keeps it now.
 *
 * Until the sender has said that it has heard of the arrival it may have the job still, or come back with it: an
 * acknowledgement here is for it as well.
 */
import { type Job, JobFlag, NO_JOB } from "../../../core/job.ts";
import type { MessageOf, Refusal } from "../../job-messages.ts";
import { NO_INDEX, OWN_INDEX } from "../../nodes.ts";
import { ToldJobs } from "../copies/told-jobs.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { NEVER_DUE } from "../packing/job-shape.ts";
import { JobUnpacker } from "../packing/packed-jobs.ts";
import { endWayIfComeRound } from "./come-round.ts";

const FULL = 3;

/** Takes jobs in. */
export class Newcomers {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #reader: JobUnpacker;
  readonly #told: ToldJobs;
  /** Members to which the sender of the batch is a stranger. */
  #strangers: readonly number[] = [];

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#machines = machines;
    this.#reader = new JobUnpacker(world.nodes);
    this.#told = new ToldJobs(world);
  }

  /** Answers with `kept`; what cannot be read is refused. */
  received(from: number, message: MessageOf<"keep">): void {
    const { batch, jobs, strangers, over = [], unsure = [] } = message;
    const { nodes, log } = this.#world;
    const reader = this.#reader;
    this.#strangers = strangers === undefined ? [] : this.#membersOf(strangers, from);
    const refusals: Refusal[] = [];
    reader.start(jobs);
    const isOver = new Set(over);
    const unsureOf = byPosition(unsure);
    while (reader.next()) {
      const { position } = reader;
      if (isOver.has(position)) continue;
      const reason = this.#take(from);
      if (reason !== undefined) refusals.push({ position, reason });
      else this.#dropUnsure(unsureOf.get(position));
    }
    if (reader.isDamaged) {
      refusals.push({ position: reader.position + 1, reason: "unread" });
      log("warning", "a damaged message about jobs", { nodeId: nodes.id(from) });
    }
    this.#world.tell(from, { type: "kept", batch, refusals });
  }

  /** Takes in the job that the reader shows, or says why not. */
  #take(from: number): Refusal["reason"] | undefined {
    const { broker } = this.#world;
    const { id, holders, isPartial, shape } = this.#reader;
    if (broker.isLeaving) return "leaving";
    // Whoever is left out would not hear who is keeper, and become one itself.
    if (isPartial) return "strangers";
    const known = broker.index.find(id);
    if (known === NO_JOB) {
      // Delivered at most once, and it was.
      if (shape.retrySeconds === 0 && shape.wasDelivered) return undefined;
      if (broker.memory.level >= FULL) return "memory";
      this.#begin(from);
      return undefined;
    }
    if (broker.clock.isExpired(known)) return undefined;
    if (broker.roles.isAcked(known)) {
      this.#machines.ackedThere(known, this.#strangers);
      return "acked";
    }
    const isBack = endWayIfComeRound(broker, this.#machines, known, shape);
    const list = broker.roles.list(known);
    broker.jobs.setEpoch(known, Math.max(shape.epoch, broker.jobs.epoch(known)) + 1);
    broker.roles.setList(known, keeperFirst([...holders, ...list], from));
    this.#machines.announceTaken(known);
    this.#keep(known, isBack);
    this.#machines.given(known, from);
    this.#show(known);
    return undefined;
  }

  /** Nodes in the list of the job that the reader shows which may have a copy or not: they are cleared up from here. */
  #dropUnsure(nodeIds: readonly string[] | undefined): void {
    const { broker, nodes } = this.#world;
    if (nodeIds === undefined) return;
    const job = broker.index.find(this.#reader.id);
    if (job === NO_JOB || !broker.roles.isOwn(job)) return;
    const list = broker.roles.list(job);
    const unsure = nodeIds.map((nodeId) => nodes.findId(nodeId));
    const listed = unsure.filter((node) => list.includes(node));
    this.#machines.dropCopies(job, listed, false);
  }

  #begin(from: number): void {
    const { roles, jobs } = this.#world.broker;
    const reader = this.#reader;
    const job = this.#told.add(reader);
    jobs.setEpoch(job, reader.shape.epoch + 1);
    roles.setList(job, keeperFirst(reader.holders, from));
    this.#machines.announceTaken(job);
    const dueAtMs = this.#dueAtMs();
    if (dueAtMs <= this.#world.host.nowMs) jobs.setFlag(job, JobFlag.wasQueued, true);
    roles.beginOwn(job, dueAtMs);
    this.#machines.given(job, from);
    this.#show(job);
  }

  /** What is known here becomes an own job; one that is queued here or in a client's hands stays so. */
  #keep(job: Job, isBack: boolean): void {
    const { roles, jobs } = this.#world.broker;
    const { nacks, additionalDeliveries, wasQueued, wasDelivered } = this.#reader.shape;
    jobs.setCounters(
      job,
      Math.max(nacks, jobs.nacks(job)),
      Math.max(additionalDeliveries, jobs.additionalDeliveries(job)),
    );
    if (wasQueued) jobs.setFlag(job, JobFlag.wasQueued, true);
    if (roles.isBorrowed(job)) roles.adopt(job);
    if (roles.isCopy(job) || isBack) {
      if (wasDelivered) jobs.setFlag(job, JobFlag.delivered, true);
      const dueAtMs = this.#dueAtMs();
      if (dueAtMs <= this.#world.host.nowMs) jobs.setFlag(job, JobFlag.wasQueued, true);
      roles.keep(job, dueAtMs, false);
    }
  }

  #show(job: Job): void {
    for (const node of this.#strangers) this.#machines.showTo(job, node);
  }

  /** Those that can be spoken to, each once; the others are shown everything when they are back. */
  #membersOf(ids: readonly string[], from: number): number[] {
    const { nodes } = this.#world;
    const members = new Set(ids.map((id) => nodes.findId(id)));
    const others = [...members].filter(
      (node) => node !== NO_INDEX && node !== OWN_INDEX && node !== from,
    );
    for (const node of others) if (!nodes.isLinked(node)) this.#machines.estrange(node);
    return others.filter((node) => nodes.isLinked(node));
  }

  #dueAtMs(): number {
    const { dueInMs, retrySeconds } = this.#reader.shape;
    const { nowMs } = this.#world.host;
    if (dueInMs !== NEVER_DUE) return nowMs + dueInMs;
    // It was taken out of its queue for good, or nothing brought it there yet: here it is due.
    return nowMs + retrySeconds * 1000;
  }
}

/** Ids of nodes by the position of their job. */
function byPosition(unsure: NonNullable<MessageOf<"keep">["unsure"]>): Map<number, string[]> {
  const nodeIds = new Map<number, string[]>();
  for (const { position, nodeId } of unsure) {
    const known = nodeIds.get(position);
    if (known === undefined) nodeIds.set(position, [nodeId]);
    else known.push(nodeId);
  }
  return nodeIds;
}

/** A list with this node first and without that one, each node once. */
function keeperFirst(nodes: readonly number[], without: number): number[] {
  const list = [OWN_INDEX];
  for (const node of nodes) if (node !== without && !list.includes(node)) list.push(node);
  return list;
}
