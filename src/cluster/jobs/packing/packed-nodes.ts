/**
 * Lists of nodes within packed items, and the hash that tells whether two nodes have the same list.
 *
 *   count varint | count x node id (20 bytes), in the order of the list
 *
 * Nodes that are no members here are left out on both sides: nothing can be asked of them. So is one
 * that is named twice. The jobs of one message share few lists, so a reader remembers those it has
 * seen: a list that comes again costs a comparison of bytes instead of look-ups and a new array.
 */
import type { Broker } from "../../../core/broker.ts";
import { LOAN } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { NO_INDEX, NODE_ID_BYTES, type Nodes, OWN_INDEX } from "../../nodes.ts";
import { ItemUnpacker } from "./packed-items.ts";
import type { PackedReader } from "./packed-reader.ts";
import { type PackedWriter, VARINT_BYTES_MAX } from "./packed-writer.ts";

const NO_NODES: readonly number[] = [];
const ONLY_THIS_NODE: readonly number[] = [OWN_INDEX];

/** The list of a job of this node as others must see it: never empty. */
export function holdersOf(broker: Broker, job: Job): readonly number[] {
  const list = broker.holders.nodes(broker.jobs.holderSet(job));
  return list.length === 0 ? ONLY_THIS_NODE : list;
}

/** Room for a list of so many elements. */
export function nodesBytesMax(list: readonly number[]): number {
  return VARINT_BYTES_MAX + list.length * NODE_ID_BYTES;
}

/** Appends those of the list that have copies: borrowers are left out. */
export function writeHolders(writer: PackedWriter, nodes: Nodes, list: readonly number[]): void {
  let count = 0;
  for (let i = 0; i < list.length; i++) {
    const index = list[i] as number;
    if (index < LOAN && nodes.isMember(index)) count++;
  }
  writer.varint(count);
  for (let i = 0; i < list.length; i++) {
    const index = list[i] as number;
    if (index < LOAN && nodes.isMember(index)) writer.bytes(nodes.bytes(index));
  }
}

/** Appends all of the list, borrowers as the nodes they are. */
export function writeAll(writer: PackedWriter, nodes: Nodes, list: readonly number[]): void {
  writeHolders(
    writer,
    nodes,
    list.map((element) => element % LOAN),
  );
}

/**
 * 32 bits, unsigned, that are the same for the same nodes on all nodes, in whatever order. 0 for no
 * node, and for nothing else. A borrower counts as the node it is.
 */
export function listHash(nodes: Nodes, list: readonly number[]): number {
  if (list.length === 0) return 0;
  let hash = 0;
  for (const element of list) hash ^= nodes.hash(element % LOAN);
  return hash === 0 ? 1 : hash >>> 0;
}

/** Places for remembered lists, a power of two: a batch for one node has a few per member. */
const PLACES = 64;

/** Walks over items with a list of nodes each. */
export abstract class UnpackerWithNodes extends ItemUnpacker {
  /** Indexes of the members in the list, the keeper first; never changed, so it may be kept. */
  holders: readonly number[] = NO_NODES;
  /** The list names nodes that are no members here: they are left out. */
  isPartial = false;
  readonly #nodes: Nodes;
  /** Where the bytes of the remembered lists stand in the buffer, without the count. */
  readonly #starts = new Int32Array(PLACES);
  readonly #lengths = new Int32Array(PLACES);
  readonly #lists = new Array<readonly number[]>(PLACES).fill(NO_NODES);
  readonly #arePartial = new Array<boolean>(PLACES).fill(false);
  /** A place counts if it was filled in this walk: between walks members come and go. */
  readonly #walks = new Float64Array(PLACES);
  #walk = 0;

  constructor(nodes: Nodes) {
    super();
    this.#nodes = nodes;
  }

  override start(buffer: Buffer): void {
    super.start(buffer);
    this.#walk++;
  }

  /** Reads a list into `holders`. */
  protected readNodes(reader: PackedReader): void {
    const count = reader.varint();
    const length = count * NODE_ID_BYTES;
    const start = reader.take(length);
    const { buffer, view } = reader;
    const place = placeOf(view, start, count);
    const isKnown =
      this.#walks[place] === this.#walk &&
      this.#lengths[place] === length &&
      isSame(view, this.#starts[place] as number, start, length);
    if (!isKnown) {
      this.#walks[place] = this.#walk;
      this.#starts[place] = start;
      this.#lengths[place] = length;
      this.#lists[place] = this.#find(buffer, start, count);
      this.#arePartial[place] = this.isPartial;
    }
    this.holders = this.#lists[place] as readonly number[];
    this.isPartial = this.#arePartial[place] as boolean;
  }

  #find(buffer: Buffer, start: number, count: number): readonly number[] {
    const list: number[] = [];
    this.isPartial = false;
    for (let i = 0; i < count; i++) {
      const index = this.#nodes.find(buffer, start + i * NODE_ID_BYTES);
      if (index === NO_INDEX) this.isPartial = true;
      else if (!list.includes(index)) list.push(index);
    }
    return list;
  }
}

/** Ids are random, so that a word of each tells lists apart well enough. */
function placeOf(view: DataView, start: number, count: number): number {
  let hash = 0;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ view.getInt32(start + i * NODE_ID_BYTES), 0x9e3779b1);
  }
  return (hash >>> 16) & (PLACES - 1);
}

function isSame(view: DataView, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i += 4) {
    if (view.getInt32(a + i) !== view.getInt32(b + i)) return false;
  }
  return true;
}
