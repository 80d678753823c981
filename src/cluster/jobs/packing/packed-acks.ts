/**
 * Packed acknowledgements, and the exceptions in the answer to them.
 *
 *   acknowledgement   id 24 | hash of the sender's list of the job, 4 bytes; 0: it has none
 *   exception         position in the batch, varint | kind 1 | list of nodes (packed-nodes.ts)
 *
 * Most often both nodes have the same list, and an answer without exceptions says so for a whole
 * batch. Where lists differ, the other one comes along: whoever is in it must be asked, too, and that
 * includes a node that has borrowed the job.
 */
import type { HolderSet } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { WireError } from "../../wire/wire-error.ts";
import { ItemPacker, ItemUnpacker } from "./packed-items.ts";
import { listHash, nodesBytesMax, UnpackerWithNodes, writeAll } from "./packed-nodes.ts";
import { JOB_ID_BYTES, type PackedReader } from "./packed-reader.ts";
import { VARINT_BYTES_MAX } from "./packed-writer.ts";

const HASH_BYTES = 4;

/** Collects acknowledgements. */
export class AckPacker extends ItemPacker {
  /** The list of the job before, within a buffer: lists may change between them. */
  #set: HolderSet = -1;
  #hash = 0;

  /** Adds an acknowledged job of this node. */
  add(job: Job): void {
    const { broker, nodes } = this.world;
    const set = broker.jobs.holderSet(job);
    if (set !== this.#set || this.count === 0) {
      this.#set = set;
      this.#hash = listHash(nodes, broker.holders.nodes(set));
    }
    this.beginWithId(job, HASH_BYTES).word(this.#hash);
  }

  /** Adds an id of which this node has no list. */
  addWords(id: Int32Array): void {
    const writer = this.begin(JOB_ID_BYTES + HASH_BYTES);
    writer.jobId(id);
    writer.word(0);
  }
}

/** Walks over acknowledgements. */
export class AckUnpacker extends ItemUnpacker {
  /** The job that is shown. */
  readonly id = new Int32Array(JOB_ID_WORDS);
  /** Of the sender's list, to be compared with `listHash`; 0: it has none. */
  listHash = 0;

  protected override read(reader: PackedReader): void {
    reader.jobId(this.id);
    this.listHash = reader.word();
  }
}

/**
 * What the receiver of an acknowledgement has instead of a copy with the same list: a copy with
 * another list; nothing; only the memory of an acknowledgement.
 */
export const AckExceptionKind = { held: 0, unknown: 1, dummy: 2 } as const;
export type AckExceptionKind = (typeof AckExceptionKind)[keyof typeof AckExceptionKind];

/** Collects exceptions. */
export class AckExceptionPacker extends ItemPacker {
  /** Adds what is so of the batch's job at the position; the list is that of a held one, else empty. */
  add(position: number, kind: AckExceptionKind, list: readonly number[]): void {
    const writer = this.begin(VARINT_BYTES_MAX + 1 + nodesBytesMax(list));
    writer.varint(position);
    writer.byte(kind);
    writeAll(writer, this.world.nodes, list);
  }
}

/** Walks over exceptions; `holders` is the other node's list, borrowers included. */
export class AckExceptionUnpacker extends UnpackerWithNodes {
  /** Which job of the batch; whether there is one is the reader's to check. */
  batchPosition = 0;
  kind: AckExceptionKind = AckExceptionKind.held;

  protected override read(reader: PackedReader): void {
    this.batchPosition = reader.varint();
    const kind = reader.byte();
    if (kind > AckExceptionKind.dummy) throw new WireError(`exception of kind ${kind}`);
    this.kind = kind as AckExceptionKind;
    this.readNodes(reader);
  }
}
