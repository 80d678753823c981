/**
 * The first rows of very many, found without ordering all of them, and without a long turn.
 *
 * Rows are collected in short runs, each of which is ordered when it is full and cut to what is wanted. A
 * run that has all that is wanted says how good a row must be to matter at all (the bound), so most
 * later ones cost one comparison. In the end the runs are merged, in portions.
 *
 *   offer ──▶ behind the bound? ──▶ run ──▶ full: ordered, cut, new bound ──▶ merge ──▶ rows
 */
import { comparedBytes } from "../util/byte-text.ts";
import { Heap, type HeapItem } from "../util/heap.ts";

/** Ordering so many rows of equal values takes half a millisecond. */
const RUN_ROWS = 500;

/** A row and what decides its place. */
export interface PlacedRow<T> {
  readonly row: T;
  readonly value: number;
  /** Decides between equal values, byte by byte. */
  readonly name: Buffer;
}

/** Which way values and names go: 1 upwards, -1 downwards. */
export interface Directions {
  readonly value: 1 | -1;
  readonly name: 1 | -1;
}

interface Run<T> extends HeapItem {
  readonly rows: readonly PlacedRow<T>[];
  /** The next one to be merged. */
  at: number;
}

/** Collects rows, then gives the first ones in order. */
export class TopRows<T> {
  readonly #wanted: number;
  readonly #directions: Directions;
  readonly #runs: Heap<Run<T>>;
  readonly #merged: T[] = [];
  #run: PlacedRow<T>[] = [];
  #bound: PlacedRow<T> | undefined;

  constructor(wanted: number, directions: Directions) {
    this.#wanted = wanted;
    this.#directions = directions;
    this.#runs = new Heap((a, b) => this.#compare(head(a), head(b)));
  }

  /** Takes part in the choice. */
  offer(row: T, value: number, name: Buffer): void {
    if (this.#wanted === 0) return;
    const bound = this.#bound;
    if (bound !== undefined) {
      const distance = (value - bound.value) * this.#directions.value;
      if (distance > 0 || (distance === 0 && this.#isNamedBehind(name, bound.name))) return;
    }
    this.#run.push({ row, value, name });
    if (this.#run.length >= RUN_ROWS) this.#endRun();
  }

  /** Merges at most so many rows; true when all that are wanted are there. Nothing is offered any more. */
  merge(rowsMax: number): boolean {
    if (this.#run.length > 0) this.#endRun();
    for (let i = 0; i < rowsMax && this.#merged.length < this.#wanted; i++) {
      const run = this.#runs.peek();
      if (run === undefined) return true;
      this.#merged.push(head(run).row);
      run.at++;
      if (run.at < run.rows.length) this.#runs.update(run);
      else this.#runs.pop();
    }
    return this.#merged.length >= this.#wanted || this.#runs.size === 0;
  }

  /** Those that were merged, in order. */
  get rows(): readonly T[] {
    return this.#merged;
  }

  #endRun(): void {
    const rows = this.#run.sort((a, b) => this.#compare(a, b));
    this.#run = [];
    if (rows.length > this.#wanted) rows.length = this.#wanted;
    const last = rows.at(-1);
    if (last === undefined) return;
    if (rows.length === this.#wanted) this.#bound = last;
    this.#runs.push({ rows, at: 0, heapIndex: -1 });
  }

  #isNamedBehind(name: Buffer, other: Buffer): boolean {
    return comparedBytes(name, other) * this.#directions.name >= 0;
  }

  #compare(a: PlacedRow<T>, b: PlacedRow<T>): number {
    const { value, name } = this.#directions;
    return (a.value - b.value) * value || comparedBytes(a.name, b.name) * name;
  }
}

function head<T>({ rows, at }: Run<T>): PlacedRow<T> {
  return rows[at] as PlacedRow<T>;
}
