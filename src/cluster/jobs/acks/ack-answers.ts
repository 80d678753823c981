/**
 * What this node answers when others say that jobs are acknowledged.
 *
 * A copy in whatever role becomes a tombstone and waits for the end of the collection; if that does not
 * come, this node collects as well. The answer to a whole batch says only what is not as expected:
 * another list, nothing, a dummy. A dummy stays what it is: it has asked, too, and will be answered. Who has given
 * the job away names its next keeper, as whoever asks may come to the end before this node has looked for the job.
 */
import { type HolderSet, LOAN } from "../../../core/holder-sets.ts";
import { type Job, NO_JOB } from "../../../core/job.ts";
import { LIST_BYTES_MAX, type MessageOf } from "../../job-messages.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { AckExceptionKind, AckExceptionPacker, AckUnpacker } from "../packing/packed-acks.ts";
import { holdersOf, listHash, nodesBytesMax } from "../packing/packed-nodes.ts";

/** Bytes of an exception without its nodes, generously. */
const EXCEPTION_BYTES = 16;
const NOBODY: readonly number[] = [];

/** What becomes of tombstones that were made here. */
export interface ToldTombstones {
  /** It was acknowledged elsewhere, and whoever said so collects it. */
  remember(job: Job): void;
  /** This node must collect it itself, from now on. */
  collect(job: Job): void;
}

/** Answers acknowledgements. */
export class AckAnswers {
  readonly #world: JobsWorld;
  readonly #machines: Pick<JobsMachines, "givenTo" | "noteOver">;
  readonly #tombstones: ToldTombstones;
  readonly #acks = new AckUnpacker();
  readonly #exceptions: AckExceptionPacker;
  /** The list that was compared last: the jobs of a batch share few. */
  #set: HolderSet = -1;
  #list: readonly number[] = NOBODY;
  #hash = 0;

  constructor(
    world: JobsWorld,
    machines: Pick<JobsMachines, "givenTo" | "noteOver">,
    tombstones: ToldTombstones,
  ) {
    this.#world = world;
    this.#machines = machines;
    this.#tombstones = tombstones;
    this.#exceptions = new AckExceptionPacker(world);
  }

  /** Does and answers what a node says; false: it is damaged, and remains unanswered. */
  received(node: number, { batch, acks }: MessageOf<"ack">): boolean {
    const told = this.#acks;
    this.#set = -1;
    told.start(acks);
    while (told.next()) this.#hear(node);
    const exceptions = this.#exceptions.take();
    if (told.isDamaged) return false;
    if (batch > 0) this.#world.tell(node, { type: "acked", batch, exceptions });
    return true;
  }

  /** To who has none a copy may be on its way from a holder that has not answered, and arrive when all have forgotten the job. */
  #hear(node: number): void {
    const { broker } = this.#world;
    const { id, position } = this.#acks;
    const job = broker.find(id);
    if (job === NO_JOB || broker.roles.isDummy(job)) {
      this.#machines.noteOver(id);
      const keeper = this.#machines.givenTo(id);
      const without = job === NO_JOB ? AckExceptionKind.unknown : AckExceptionKind.dummy;
      const kind = keeper < 0 ? without : AckExceptionKind.held;
      this.#exceptions.add(position, kind, keeper < 0 ? NOBODY : [keeper]);
    } else {
      if (!broker.roles.isAcked(job)) {
        broker.roles.bury(job);
        this.#tombstones.remember(job);
      }
      this.#answerHeld(node, job);
    }
  }

  #answerHeld(node: number, job: Job): void {
    this.#look(node, job);
    if (this.#hash === this.#acks.listHash) return;
    const list = this.#list;
    const bytes = this.#exceptions.bytes + nodesBytesMax(list) + EXCEPTION_BYTES;
    if (bytes <= LIST_BYTES_MAX) {
      this.#exceptions.add(this.#acks.position, AckExceptionKind.held, list);
      return;
    }
    // No room to name the others: they are asked from here.
    this.#exceptions.add(this.#acks.position, AckExceptionKind.held, NOBODY);
    this.#tombstones.collect(job);
    this.#set = -1;
  }

  /** The list to compare. A borrower knows of itself; another one must be named, so no hash is that of its list. */
  #look(node: number, job: Job): void {
    const { broker, nodes } = this.#world;
    const set = broker.jobs.holderSet(job);
    if (set === this.#set) return;
    const whole = holdersOf(broker, job);
    const borrower = (whole[whole.length - 1] ?? 0) - LOAN;
    this.#set = set;
    this.#list = borrower === node ? whole.slice(0, -1) : whole;
    const mustBeNamed = this.#list.some((element) => element >= LOAN);
    this.#hash = mustBeNamed ? -1 : listHash(nodes, this.#list);
  }
}
