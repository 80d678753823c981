/**
 * What all packed formats have in common: items of one sort, one after the other, without a count.
 *
 * A turn says one thing about thousands of jobs; as values of the message table (wire/kinds.ts) each
 * would cost an object. A packer appends items straight from the job table to a buffer that is used
 * again, an unpacker walks over them and shows one at a time in its fields. What an item consists of
 * is said in the other packed-*.ts files, each of which draws its format. Whatever changes with every item
 * stands in the writer or the reader, of which there is one kind: V8 finds a field at once only in objects
 * of few kinds, and there are a dozen packers and unpackers.
 *
 * Bytes come from other nodes and may be anything: an unpacker never throws because of them and never
 * shows an item that is not whole and right. It stops there and says so; what to think of a node that
 * sends such things is not decided here.
 */
import type { Job } from "../../../core/job.ts";
import { WireError } from "../../wire/wire-error.ts";
import type { JobsWorld } from "../jobs-world.ts";
import { JOB_ID_BYTES, PackedReader } from "./packed-reader.ts";
import { PackedWriter } from "./packed-writer.ts";

/** What is packed is looked up here; any JobsWorld will do. */
export type PackingWorld = Pick<JobsWorld, "host" | "broker" | "nodes">;

/** Collects items. */
export abstract class ItemPacker {
  protected readonly world: PackingWorld;
  protected readonly writer = new PackedWriter();

  constructor(world: PackingWorld) {
    this.world = world;
  }

  /** Items added since the last `take`. */
  get count(): number {
    return this.writer.items;
  }

  /** Bytes they take; the caller watches the limit of the message. */
  get bytes(): number {
    return this.writer.length;
  }

  /** `[start, end)` of the bytes, valid until the next item or `clear`. */
  view(start: number, end: number): Buffer {
    return this.writer.buffer.subarray(start, end);
  }

  /** Forgets all items. */
  clear(): void {
    this.writer.clear();
  }

  /** The bytes of all items, which are the caller's from now on; starts anew. */
  take(): Buffer {
    return this.writer.take();
  }

  /** One more item of at most so many bytes begins; returns what it is to be written to. */
  protected begin(bytesMax: number): PackedWriter {
    const { writer } = this;
    writer.items++;
    writer.ensure(bytesMax);
    return writer;
  }

  /** One more item, with at most so many bytes behind the id of a job of this node. */
  protected beginWithId(job: Job, bytesMax: number): PackedWriter {
    const { jobs } = this.world.broker;
    const writer = this.begin(JOB_ID_BYTES + bytesMax);
    writer.word(jobs.idWord(job, 0));
    writer.word(jobs.idWord(job, 1));
    writer.word(jobs.idWord(job, 2));
    writer.word(jobs.idWord(job, 3));
    writer.word(jobs.idWord(job, 4));
    writer.word(jobs.idWord(job, 5));
    return writer;
  }
}

/** Walks over the items of a buffer: `start`, then `next` until it is false, then `isDamaged`. */
export abstract class ItemUnpacker {
  protected readonly reader = new PackedReader();

  /** Which item is shown, the first being 0; -1 before it. */
  get position(): number {
    return this.reader.item;
  }

  /** The walk ended because of an item that is not whole and right. */
  get isDamaged(): boolean {
    return this.reader.isDamaged;
  }

  /** Begins to walk. */
  start(buffer: Buffer): void {
    const { reader } = this;
    reader.item = -1;
    reader.isDamaged = false;
    reader.use(buffer);
  }

  /** Shows the next item; false: there is none, and the fields mean nothing any more. */
  next(): boolean {
    const { reader } = this;
    if (reader.remaining > 0) {
      try {
        this.read(reader);
        reader.item++;
        return true;
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        reader.isDamaged = true;
      }
    }
    reader.drop();
    return false;
  }

  /** Reads one item into the fields; throws a WireError if it is not right. */
  protected abstract read(reader: PackedReader): void;

  /** Ends the walk before it began. */
  protected refuse(): void {
    this.reader.isDamaged = true;
    this.reader.drop();
  }
}
