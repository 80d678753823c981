/**
 * Nodes that may have copies of which no list here tells.
 *
 * A node that has started a new memory is out of all lists, and may come with copies from a log without its
 * end; to such a node itself all others are like that, because its own lists may be older than what they
 * have; and so are two nodes to each other of which one forgot the other. What they have they tell each other
 * (reunions.ts), but that takes as long as there are jobs. What is acknowledged before they have told is
 * asked of them as if they were in the list of every such job. So these are the lists as they would be
 * if all was known, with too many rather than too few in them.
 *
 * Whoever is in doubt asks for the report, and the answer comes behind all that there is to tell. Nothing is
 * asked while all is well. A node that does not report in a while is not waited for: acknowledgements would
 * wait for it, and it may be gone for good.
 */
import type { JobsWorld } from "../jobs-world.ts";

/** A node that has not reported by then, since it was heard of and since it was linked, has no more time for it. */
const REPORT_MS = 300_000;
const NOBODY: readonly number[] = [];
const NEVER = Number.POSITIVE_INFINITY;

/** Knows who has not reported, asks them, and answers those who ask. */
export class Unreported {
  readonly #world: JobsWorld;
  /** By node: until when it is waited for, monotonic ms. */
  readonly #untilMs = new Map<number, number>();
  #nodes: readonly number[] = NOBODY;
  /** When the first one is not waited for any more. */
  #firstMs = NEVER;
  /** To be asked, and to be answered, when this node has told them what it has. */
  readonly #toAsk = new Set<number>();
  readonly #toAnswer = new Set<number>();

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /** Whether `say` may have something to say. */
  get isDue(): boolean {
    return this.#toAsk.size > 0 || this.#toAnswer.size > 0;
  }

  /** The nodes; costs nothing while there are none. */
  get nodes(): readonly number[] {
    if (this.#firstMs <= this.#world.host.nowMs) this.#dropLate();
    return this.#nodes;
  }

  /** That node may have copies that are not known here, from now on. */
  begin(node: number): void {
    this.#untilMs.set(node, this.#world.host.nowMs + REPORT_MS);
    this.#renew();
    this.ask(node);
  }

  /** It has told all, or is no member any more. */
  end(node: number): void {
    if (this.#untilMs.delete(node)) this.#renew();
  }

  /** It cannot be spoken to, or is told again what this node has: both ask anew. */
  putOff(node: number): void {
    this.#toAsk.delete(node);
    this.#toAnswer.delete(node);
  }

  /** It can be spoken to, or what was said to it or by it may be lost. */
  ask(node: number): void {
    if (!this.#untilMs.has(node) || !this.#world.nodes.isLinked(node)) return;
    this.#untilMs.set(node, this.#world.host.nowMs + REPORT_MS);
    this.#renew();
    this.#toAsk.add(node);
  }

  /** A node is in doubt about this one. */
  answer(node: number): void {
    this.#toAnswer.add(node);
  }

  /** Asks and answers those to whom all that is known to concern them was said before this turn. */
  say(isBeingTold: (node: number) => boolean): void {
    if (!this.isDue) return;
    for (const [nodes, type] of [
      [this.#toAnswer, "reported"],
      [this.#toAsk, "report"],
    ] as const) {
      for (const node of nodes) {
        if (isBeingTold(node)) continue;
        nodes.delete(node);
        this.#world.tell(node, { type });
      }
    }
  }

  /** All jobs are gone, and with them what was acknowledged. */
  clear(): void {
    this.#untilMs.clear();
    this.#toAsk.clear();
    this.#renew();
  }

  #dropLate(): void {
    for (const [node, untilMs] of this.#untilMs) {
      if (untilMs <= this.#world.host.nowMs) this.#untilMs.delete(node);
    }
    this.#renew();
  }

  #renew(): void {
    this.#nodes = [...this.#untilMs.keys()];
    this.#firstMs = Math.min(NEVER, ...this.#untilMs.values());
  }
}
