/**
 * The world of a simulated cluster: one true time, and what happens next in it.
 *
 * Time does not pass, it jumps to the next event. Everything that happens is an event here: a message
 * arrives, a process takes a turn, a client acts, a fault begins. Chance comes from the seed alone, so
 * a seed is a life that can be lived again, watched more closely.
 */
import { Heap } from "../../../src/util/heap.ts";
import { Xorshift } from "../../../src/util/xorshift.ts";
import type { ClusterConfig, Feature } from "./config.ts";

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  heapIndex: number;
}

/** Time, chance, and a count of what has happened. */
export class World {
  readonly config: ClusterConfig;
  /** For what actors and faults do. */
  readonly random: Xorshift;
  /** How often what happened; tests demand that nothing is missing. */
  readonly marks = new Map<string, number>();
  /** True time, ms, with fractions. */
  nowMs = 0;
  /** Turns that processes have taken. */
  turns = 0;
  readonly #events = new Heap<Event>((a, b) => a.atMs - b.atMs || a.order - b.order);
  #order = 0;

  constructor(config: ClusterConfig) {
    this.config = config;
    this.random = new Xorshift(config.seed * 2 + 1);
  }

  mark(what: string, times = 1): void {
    this.marks.set(what, (this.marks.get(what) ?? 0) + times);
  }

  /** Something happens at that moment, after what is to happen then already. */
  at(atMs: number, run: () => void): void {
    this.#events.push({ atMs, order: ++this.#order, run, heapIndex: -1 });
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run);
  }

  /** Whether something of this kind happens now, in this life, with that chance. */
  happens(feature: Feature, chance: number): boolean {
    if (!this.config.features.has(feature) || !this.random.chance(chance)) return false;
    this.mark(feature);
    return true;
  }

  /** A time around the usual one: often short, sometimes many times as long. */
  someTimeMs(meanMs: number): number {
    const { random } = this;
    if (random.chance(0.2)) return 0;
    return random.fraction() * 2 * meanMs * (random.chance(0.05) ? 10 : 1);
  }

  /** A moment between two others. */
  between(fromMs: number, toMs: number): number {
    return fromMs + this.random.fraction() * (toMs - fromMs);
  }

  /** The next event; false when nothing will ever happen again. */
  step(): boolean {
    const event = this.#events.pop();
    if (event === undefined) return false;
    this.nowMs = Math.max(this.nowMs, event.atMs);
    event.run();
    return true;
  }

  /** Lets time pass until something holds or so much time is over; whether it holds. */
  runUntil(holds: () => boolean, withinMs: number): boolean {
    const endMs = this.nowMs + withinMs;
    while (!holds()) {
      const next = this.#events.peek();
      if (next === undefined || next.atMs > endMs) {
        this.nowMs = Math.max(this.nowMs, endMs);
        return holds();
      }
      this.step();
    }
    return true;
  }
}
