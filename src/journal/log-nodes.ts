/**
 * The numbers that stand for nodes in a segment.
 *
 * Jobs know nodes by indexes that mean nothing to the next process, and a node's id in every list would
 * be longer than the rest of the record. So a segment says once which number stands for which node. An
 * index may get another node; then that gets another number.
 */
import { type PackedWriter, VARINT_BYTES_MAX } from "../cluster/jobs/packing/packed-writer.ts";
import { LOAN } from "../core/holder-sets.ts";
import { RecordType } from "./record-types.ts";

const NODE_ID_BYTES = 20;
/** Longest `node` record. */
const NODE_RECORD_BYTES = 1 + VARINT_BYTES_MAX + NODE_ID_BYTES;
/** Room for `writeVoided`. */
export const VOIDED_BYTES_MAX = NODE_RECORD_BYTES + 1 + VARINT_BYTES_MAX;

/** What names the nodes in lists of holders. */
export interface LogNodes {
  /** 40 lower-case hex digits; "": no member has this index. */
  id(index: number): string;
  /** The index of the member with this id; -1: none. */
  index(id: string): number;
}

/** Gives numbers to nodes while a segment is written. */
export class NodeNumbers {
  readonly #nodes: LogNodes;
  /** By index: whose number it is, and the number. */
  #ids: string[] = [];
  #numbers: number[] = [];
  #last = 0;
  /** By index: the id that was last seen there, in whatever segment. */
  readonly #seen: string[] = [];

  constructor(nodes: LogNodes) {
    this.#nodes = nodes;
  }

  /** A new segment begins: it knows no numbers. */
  clear(): void {
    this.#ids = [];
    this.#numbers = [];
    this.#last = 0;
  }

  /** Room for a list of so many nodes and what must be said before it. */
  listBytesMax(count: number): number {
    return VARINT_BYTES_MAX + count * (VARINT_BYTES_MAX + NODE_RECORD_BYTES);
  }

  /** Writes a record for each node of the list that has no number yet; the caller has made room. */
  introduce(writer: PackedWriter, list: readonly number[]): void {
    for (let i = 0; i < list.length; i++) {
      const index = (list[i] as number) % LOAN;
      if (index === 0) continue;
      const id = this.#nodes.id(index);
      if (id !== "") this.#numberOf(writer, index, id);
    }
  }

  /** Notes the ids of the nodes of a list that the log has already. */
  see(list: readonly number[]): void {
    for (const element of list) {
      const id = this.#nodes.id(element % LOAN);
      if (id !== "") this.#seen[element % LOAN] = id;
    }
  }

  /** The id of the node with this index, of the last that had it if there is none; "": never seen. */
  idOf(index: number): string {
    const id = this.#nodes.id(index);
    return id === "" ? (this.#seen[index] ?? "") : id;
  }

  /** Writes a list whose nodes have been introduced; one that is no member any more is left out. */
  writeList(writer: PackedWriter, list: readonly number[]): void {
    let count = 0;
    for (let i = 0; i < list.length; i++) if (this.#isKnown((list[i] as number) % LOAN)) count++;
    writer.varint(count);
    for (let i = 0; i < list.length; i++) {
      const element = list[i] as number;
      const index = element % LOAN;
      if (!this.#isKnown(index)) continue;
      const number = index === 0 ? 0 : (this.#numbers[index] as number);
      writer.varint(number * 2 + (element < LOAN ? 0 : 1));
    }
  }

  /** Writes that the node with this id is in no list any more; the caller has made room. */
  writeVoided(writer: PackedWriter, index: number, id: string): void {
    const number = this.#numberOf(writer, index, id);
    writer.byte(RecordType.voided);
    writer.varint(number);
  }

  #isKnown(index: number): boolean {
    return index === 0 || this.#nodes.id(index) !== "";
  }

  #numberOf(writer: PackedWriter, index: number, id: string): number {
    if (this.#ids[index] === id) return this.#numbers[index] as number;
    this.#last++;
    this.#ids[index] = id;
    this.#seen[index] = id;
    this.#numbers[index] = this.#last;
    writer.byte(RecordType.node);
    writer.varint(this.#last);
    const at = writer.length;
    writer.length += writer.buffer.write(id, at, NODE_ID_BYTES, "hex");
    return this.#last;
  }
}
