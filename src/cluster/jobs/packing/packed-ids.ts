/**
 * Packed ids: 24 bytes each, for all that is said of jobs in a word (gone, drop, finish, handed, ...).
 *
 * The sender names them by handle while it has the job, by words when only the id is left.
 */
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { ItemPacker, ItemUnpacker } from "./packed-items.ts";
import { JOB_ID_BYTES, type PackedReader } from "./packed-reader.ts";

/** Collects ids. */
export class IdPacker extends ItemPacker {
  /** Adds the id of a job of this node. */
  add(job: Job): void {
    this.beginWithId(job, 0);
  }

  /** Adds an id. */
  addWords(id: Int32Array): void {
    this.begin(JOB_ID_BYTES).jobId(id);
  }
}

/** Walks over ids. */
export class IdUnpacker extends ItemUnpacker {
  /** The one that is shown. */
  readonly id = new Int32Array(JOB_ID_WORDS);
  #count = 0;

  /** Ids in the buffer. */
  get count(): number {
    return this.#count;
  }

  /** Begins to walk; false: these are no whole ids, and none is shown. */
  override start(buffer: Buffer): boolean {
    super.start(buffer);
    const isWhole = buffer.length % JOB_ID_BYTES === 0;
    this.#count = isWhole ? buffer.length / JOB_ID_BYTES : 0;
    if (!isWhole) this.refuse();
    return isWhole;
  }

  protected override read(reader: PackedReader): void {
    reader.jobId(this.id);
  }
}
