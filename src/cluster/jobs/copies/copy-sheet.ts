/**
 * Jobs packed for the nodes that are asked for copies, batch by batch.
 *
 * Packing a job is the dearest part of sending it. In a small cluster all others are asked for the same
 * jobs, so that a batch is packed once, and the same bytes go to the next peer if its batch has the same
 * jobs in the same order. Where peers get different jobs each batch is packed for itself. What is packed is
 * only good for one flush, in which no job changes.
 */
import type { JobsWorld } from "../jobs-world.ts";
import { JobPacker } from "../packing/packed-jobs.ts";
import type { Replication } from "./replication.ts";

/** Packs the jobs of batches. */
export class CopySheet {
  readonly #packer: JobPacker;
  /** The batch being put together, and the one that is packed; the first so many of each. */
  #wanted: Replication[] = [];
  #wantedCount = 0;
  #packed: Replication[] = [];
  #packedCount = 0;

  constructor(world: JobsWorld) {
    this.#packer = new JobPacker(world);
  }

  /** Nothing is packed any more: jobs may have changed. */
  begin(): void {
    this.#packer.clear();
    this.#packedCount = 0;
  }

  /** Adds the job of a replication to the batch being put together. */
  add(replication: Replication): void {
    this.#wanted[this.#wantedCount++] = replication;
  }

  /** The jobs of the batch, valid until anything else is called. Begins another batch. */
  take(): Buffer {
    if (!this.#isPacked()) {
      this.#packer.clear();
      for (let i = 0; i < this.#wantedCount; i++) {
        this.#packer.add((this.#wanted[i] as Replication).job);
      }
      [this.#wanted, this.#packed] = [this.#packed, this.#wanted];
      this.#packedCount = this.#wantedCount;
    }
    this.#wantedCount = 0;
    return this.#packer.view(0, this.#packer.bytes);
  }

  #isPacked(): boolean {
    if (this.#wantedCount !== this.#packedCount) return false;
    for (let i = 0; i < this.#wantedCount; i++) {
      if (this.#wanted[i] !== this.#packed[i]) return false;
    }
    return true;
  }
}
