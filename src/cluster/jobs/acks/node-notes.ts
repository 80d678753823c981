/**
 * Nodes that something is to be done about when the collection of an acknowledged job ends.
 *
 * That is rare: lists are right, mostly. So nothing of it stands in the records, and of what is noted
 * the oldest is forgotten when there is too much. Notes about jobs that are gone wait for that; nothing
 * depends on any of them but a copy that lives until it expires.
 */

/** Jobs with notes. */
const JOBS_MAX = 4096;
const NOBODY: readonly number[] = [];

/** Nodes by the numbers of burials. */
export class NodeNotes {
  /** Oldest first. */
  readonly #nodes = new Map<number, readonly number[]>();

  /** Notes a node for the job with this burial number. */
  add(node: number, number: number): void {
    const noted = this.of(number);
    if (noted.includes(node)) return;
    this.#nodes.set(number, [...noted, node]);
    if (this.#nodes.size <= JOBS_MAX) return;
    for (const oldest of this.#nodes.keys()) {
      this.#nodes.delete(oldest);
      return;
    }
  }

  /** The nodes noted for a job. */
  of(number: number): readonly number[] {
    if (this.#nodes.size === 0) return NOBODY;
    return this.#nodes.get(number) ?? NOBODY;
  }

  /** The nodes noted for a job, which are forgotten. */
  take(number: number): readonly number[] {
    const noted = this.of(number);
    if (noted !== NOBODY) this.#nodes.delete(number);
    return noted;
  }

  /** That index will be another node's. */
  forgetNode(node: number): void {
    for (const [number, noted] of this.#nodes) {
      const left = noted.filter((other) => other !== node);
      if (left.length === 0) this.#nodes.delete(number);
      else this.#nodes.set(number, left);
    }
  }

  clear(): void {
    this.#nodes.clear();
  }
}
