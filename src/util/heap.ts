/**
 * A binary min-heap whose items know their place.
 *
 * Timers of all kinds need "the earliest", and just as often "not this one any more". Because each
 * item carries its index, removing or moving any item costs O(log n) without searching. An item can
 * be in one heap at a time. Items that compare equal come out in no particular order.
 */
import { assert } from "./assert.ts";

/** What an item must have; only the heap writes it. */
export interface HeapItem {
  /** Place in the heap, -1 while in none. */
  heapIndex: number;
}

/** A priority queue; the item that compares lowest is on top. */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  /** `compare` is negative when `a` comes out before `b`, as for Array.sort. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The top item, or undefined when the heap is empty. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    assert(item.heapIndex === -1, "the item is in no heap");
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Removes and returns the top item, or undefined when the heap is empty. */
  pop(): T | undefined {
    const top = this.#items[0];
    if (top !== undefined) this.remove(top);
    return top;
  }

  /** Removes an item. Returns false when it was in no heap. */
  remove(item: T): boolean {
    const index = item.heapIndex;
    if (index < 0) return false;
    assert(this.#items[index] === item, "the item is in this heap");
    const last = this.#items.pop();
    if (last !== undefined && last !== item) this.#place(last, index);
    item.heapIndex = -1;
    return true;
  }

  /** Restores the order after an item's key has changed. */
  update(item: T): void {
    assert(this.#items[item.heapIndex] === item, "the item is in this heap");
    this.#place(item, item.heapIndex);
  }

  /** All items, in no particular order. */
  values(): IterableIterator<T> {
    return this.#items.values();
  }

  /** Puts `item` near `index`, which is free or its own, wherever it belongs. */
  #place(item: T, index: number): void {
    const parent = this.#items[(index - 1) >> 1];
    if (index > 0 && parent !== undefined && this.#compare(item, parent) < 0) {
      this.#rise(item, index);
    } else {
      this.#sink(item, index);
    }
  }

  #rise(item: T, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#items[parentIndex];
      if (parent === undefined || this.#compare(item, parent) >= 0) break;
      this.#set(index, parent);
      index = parentIndex;
    }
    this.#set(index, item);
  }

  #sink(item: T, from: number): void {
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = this.#items[childIndex];
      const right = this.#items[childIndex + 1];
      if (child !== undefined && right !== undefined && this.#compare(right, child) < 0) {
        child = right;
        childIndex++;
      }
      if (child === undefined || this.#compare(child, item) >= 0) break;
      this.#set(index, child);
      index = childIndex;
    }
    this.#set(index, item);
  }

  #set(index: number, item: T): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}
