/**
 * What this node says that it has no copy of: `gone`, and `dropped`.
 *
 * Either is noted when somebody asks, and said at the end of the turn. A copy may come between, from another
 * keeper: after a pause a node hears in one turn what was said to it in many. Whoever heard then that there
 * is none would take this node out of its list, behind all other news of that turn, and nobody would know of the copy, or
 * tell it what becomes of the job. So what is to be said is looked at once more when it is.
 */
import { type Job, NO_JOB } from "../../core/job.ts";
import type { JobsWorld } from "./jobs-world.ts";
import { IdPacker, IdUnpacker } from "./packing/packed-ids.ts";

/** Sorts out ids. */
export class NotHere {
  readonly #world: JobsWorld;
  readonly #ids = new IdUnpacker();
  readonly #left: IdPacker;

  constructor(world: JobsWorld) {
    this.#world = world;
    this.#left = new IdPacker(world);
  }

  /** Those of packed ids of which there is no copy; undefined: of none. Each of the others is handed to `found`. */
  of(ids: Buffer, found: (job: Job) => void = () => {}): Buffer | undefined {
    const unpacker = this.#ids;
    let isAnyHere = false;
    unpacker.start(ids);
    while (unpacker.next()) {
      const job = this.#copy(unpacker.id);
      if (job === NO_JOB) this.#left.addWords(unpacker.id);
      else {
        isAnyHere = true;
        found(job);
      }
    }
    const left = this.#left.take();
    if (!isAnyHere) return ids;
    return left.length === 0 ? undefined : left;
  }

  /** What is lent to this node is no copy, nor is the memory of an acknowledgement. */
  #copy(id: Int32Array): Job {
    const { broker } = this.#world;
    const job = broker.find(id);
    const isHolder = job !== NO_JOB && (broker.roles.isOwn(job) || broker.roles.isCopy(job));
    return isHolder ? job : NO_JOB;
  }
}
