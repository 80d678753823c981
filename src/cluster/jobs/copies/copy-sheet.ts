/**
 * Jobs packed once for all the nodes that are asked for copies.
 *
 * Packing a job is the dearest part of sending it. What goes out at the end of a turn is packed on one
 * sheet, and each batch takes its jobs from there: in one piece if they lie one behind the other, as in a
 * small cluster, otherwise gathered. A sheet is only good for one flush, in which no job changes.
 */
import type { JobsWorld } from "../jobs-world.ts";
import { JobPacker } from "../packing/packed-jobs.ts";
import { PackedWriter } from "../packing/packed-writer.ts";
import type { Replication } from "./replication.ts";

/** Packs jobs, and puts together what batches ask for. */
export class CopySheet {
  readonly #packer: JobPacker;
  readonly #gathered = new PackedWriter();
  #number = 0;
  #start = 0;
  #end = 0;

  constructor(world: JobsWorld) {
    this.#packer = new JobPacker(world);
  }

  /** Nothing is packed any more: jobs may have changed. */
  begin(): void {
    this.#packer.clear();
    this.#number++;
    this.#start = 0;
    this.#end = 0;
  }

  /** Adds the job of a replication to the batch being put together. */
  add(replication: Replication): void {
    if (replication.sheet !== this.#number) this.#pack(replication);
    const { sheetStart, sheetEnd } = replication;
    if (sheetStart !== this.#end) {
      this.#gather();
      this.#start = sheetStart;
    }
    this.#end = sheetEnd;
  }

  /** The jobs of the batch, valid until anything else is called. Begins another batch. */
  take(): Buffer {
    if (this.#gathered.length > 0) this.#gather();
    const { buffer, length } = this.#gathered;
    const jobs =
      length > 0 ? buffer.subarray(0, length) : this.#packer.view(this.#start, this.#end);
    this.#gathered.clear();
    this.#start = this.#end;
    return jobs;
  }

  #pack(replication: Replication): void {
    replication.sheet = this.#number;
    replication.sheetStart = this.#packer.bytes;
    this.#packer.add(replication.job);
    replication.sheetEnd = this.#packer.bytes;
  }

  /** What lies in one piece joins what did before. */
  #gather(): void {
    if (this.#start === this.#end) return;
    this.#gathered.part(this.#packer.view(this.#start, this.#end), 0, this.#end - this.#start);
    this.#start = this.#end;
  }
}
