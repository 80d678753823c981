/**
 * Packed lists of holders: who has copies of which jobs, as their keeper says it (holders, taken).
 *
 *   id 24 | epoch varint | list of nodes (packed-nodes.ts), the keeper first
 *
 * Borrowers are left out, as in full copies. Whether a list is to be believed is decided by the
 * epoch, not here.
 */
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { EPOCH_MAX } from "../../../core/job-record.ts";
import { ItemPacker } from "./packed-items.ts";
import { holdersOf, nodesBytesMax, UnpackerWithNodes, writeHolders } from "./packed-nodes.ts";
import { JOB_ID_BYTES, type PackedReader } from "./packed-reader.ts";
import { VARINT_BYTES_MAX } from "./packed-writer.ts";

/** Collects the lists of jobs. */
export class ListPacker extends ItemPacker {
  /** Adds the list of a job of this node. */
  add(job: Job): void {
    const { broker, nodes } = this.world;
    const list = holdersOf(broker, job);
    const writer = this.beginWithId(job, VARINT_BYTES_MAX + nodesBytesMax(list));
    writer.varint(broker.jobs.epoch(job));
    writeHolders(writer, nodes, list);
  }

  /** Adds what another node has said of a job that is not here. */
  addClaim(id: Int32Array, epoch: number, holders: readonly number[]): void {
    const room = JOB_ID_BYTES + VARINT_BYTES_MAX + nodesBytesMax(holders);
    const writer = this.begin(room);
    writer.jobId(id);
    writer.varint(epoch);
    writeHolders(writer, this.world.nodes, holders);
  }
}

/** Walks over lists. */
export class ListUnpacker extends UnpackerWithNodes {
  /** The job that is shown. */
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** 0..4095. */
  epoch = 0;

  protected override read(reader: PackedReader): void {
    reader.jobId(this.id);
    this.epoch = reader.within(0, EPOCH_MAX);
    this.readNodes(reader);
  }
}
