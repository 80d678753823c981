/**
 * A collection in no order whose items know their place in it.
 *
 * For what comes and goes many times a second. A Set or Map that stays small under such churn is
 * rebuilt all the time, and V8 links every outdated table to its successor: once one of them has
 * outlived a collection, it keeps all later ones, and whatever they held, until the next full one.
 * Here adding and removing allocate nothing. An item can be in one bag at a time.
 */
import { assert } from "./assert.ts";

/** What an item must have; only the bag writes it. */
export interface BagItem {
  /** Place in the bag, -1 while in none. */
  bagIndex: number;
}

/** Items in no order. */
export class Bag<T extends BagItem> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  has(item: T): boolean {
    return this.#items[item.bagIndex] === item;
  }

  /** Adds an item that is in no bag. */
  add(item: T): void {
    assert(item.bagIndex === -1, "the item is in no bag");
    item.bagIndex = this.#items.length;
    this.#items.push(item);
  }

  /** Removes an item. Returns false when it was not in the bag. */
  remove(item: T): boolean {
    if (!this.has(item)) return false;
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#items[item.bagIndex] = last;
      last.bagIndex = item.bagIndex;
    }
    item.bagIndex = -1;
    return true;
  }

  /** All items; the bag must not change before the last one was seen. */
  values(): IterableIterator<T> {
    return this.#items.values();
  }
}
