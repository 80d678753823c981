/**
 * What the numbers of nodes in a segment stand for, as its records have told so far (log-nodes.ts gives them).
 *
 * A number that was never told, or is told twice, is damage that no checksum shows.
 */
import { LogError } from "./log-error.ts";

/** The numbers of one segment after the other. */
export class ToldNodes {
  /** By number: the index of the node, -1: no member. */
  #indexes: number[] = [];

  /** A segment begins, in which only its own node has a number, which is 0, and so is its index. */
  begin(): void {
    this.#indexes = [0];
  }

  /** From here on this number stands for the node with this index, -1: no member. Throws a LogError. */
  tell(number: number, index: number): void {
    if (number !== this.#indexes.length) {
      throw new LogError(`node number ${number}, the next one is ${this.#indexes.length}`);
    }
    this.#indexes.push(index);
  }

  /** The index of the node with this number, -1: no member. Throws a LogError when it stands for none. */
  indexOf(number: number): number {
    const index = this.#indexes[number];
    if (index === undefined) throw new LogError(`node number ${number} stands for no node`);
    return index;
  }
}
