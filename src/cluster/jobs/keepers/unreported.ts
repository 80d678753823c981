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
 * asked while all is well. A node that has not reported in a while, and does not say that it goes on telling, is
 * not waited for: acknowledgements would wait for it, and it may be gone for good. When it is linked, that begins
 * again.
 */
import type { JobsWorld } from "../jobs-world.ts";

/** A node that was not heard of for so long, since it came into doubt or was linked, is not waited for. */
const REPORT_MS = 300_000;
const NOBODY: readonly number[] = [];
const NEVER = Number.POSITIVE_INFINITY;

/** How far this node is with telling others what it has. */
interface Told {
  isUnderWay(node: number): boolean;
  isDone(node: number): boolean;
}

/** Knows who has not reported, asks them, and answers those who ask. */
export class Unreported {
  readonly #world: JobsWorld;
  readonly #told: Told;
  /** By node that has not reported: until when it is waited for, monotonic ms. */
  readonly #untilMs = new Map<number, number>();
  /** Those that are waited for. */
  #nodes: readonly number[] = NOBODY;
  /** When the first one is not waited for any more. */
  #firstMs = NEVER;
  /** To be asked, and to be answered, when this node has told them what it has. */
  readonly #toAsk = new Set<number>();
  readonly #toAnswer = new Set<number>();

  constructor(world: JobsWorld, told: Told) {
    this.#world = world;
    this.#told = told;
  }

  /** Whether `say` has something to say. */
  get isDue(): boolean {
    if (this.#toAsk.size + this.#toAnswer.size === 0) return false;
    for (const nodes of [this.#toAsk, this.#toAnswer]) {
      for (const node of nodes) if (!this.#told.isUnderWay(node)) return true;
    }
    return false;
  }

  /** The nodes; costs nothing while there are none. */
  get nodes(): readonly number[] {
    if (this.#firstMs <= this.#world.host.nowMs) this.#count();
    return this.#nodes;
  }

  /** That node may have copies that are not known here, from now on. */
  begin(node: number): void {
    this.#wait(node);
    this.ask(node);
  }

  /** It has told all, or is no member any more. */
  end(node: number): void {
    if (this.#untilMs.delete(node)) this.#count();
  }

  /** It cannot be spoken to, or is told again what this node has: both ask anew. */
  putOff(node: number): void {
    this.#toAsk.delete(node);
    this.#toAnswer.delete(node);
  }

  /** It can be spoken to, or what was said to it or by it may be lost. */
  ask(node: number): void {
    if (!this.#untilMs.has(node) || !this.#world.nodes.isLinked(node)) return;
    this.#wait(node);
    this.#toAsk.add(node);
  }

  /** It could not report yet, as it waits for this one. */
  renew(node: number): void {
    if (this.#untilMs.has(node)) this.#wait(node);
  }

  /** A node is in doubt about this one. */
  answer(node: number): void {
    this.#toAnswer.add(node);
  }

  /** Asks and answers those to whom all that is known to concern them was said before this turn. */
  say(): void {
    if (!this.isDue) return;
    const may = (node: number) => !this.#told.isUnderWay(node);
    for (const node of [...this.#toAnswer].filter(may)) {
      this.#toAnswer.delete(node);
      this.#world.tell(node, { type: "reported" });
    }
    for (const node of [...this.#toAsk].filter(may)) {
      this.#toAsk.delete(node);
      this.renew(node);
      this.#world.tell(node, { type: "report", isTold: this.#told.isDone(node) });
    }
  }

  /** All jobs are gone, and with them what was acknowledged. */
  clear(): void {
    this.#untilMs.clear();
    this.#toAsk.clear();
    this.#count();
  }

  #wait(node: number): void {
    this.#untilMs.set(node, this.#world.host.nowMs + REPORT_MS);
    this.#count();
  }

  #count(): void {
    const { nowMs } = this.#world.host;
    const waited = [...this.#untilMs].filter(([, untilMs]) => untilMs > nowMs);
    this.#nodes = waited.map(([node]) => node);
    this.#firstMs = Math.min(NEVER, ...waited.map(([, untilMs]) => untilMs));
  }
}
