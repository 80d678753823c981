/**
 * Chooses nodes along a walk, the best ones first.
 *
 * What counts as best is a list of passes: the walk is gone through once per pass, and each pass
 * takes the nodes that satisfy it and were not taken before. Usually the first pass finds all that
 * is wanted within a few steps, and the others never run.
 */
import { NO_NODE, type Ring } from "./ring.ts";
import type { Hash64 } from "./ring-hash.ts";
import { Walk } from "./ring-walk.ts";
import { NO_ZONE, type Standings } from "./standings.ts";

/** What one pass takes. */
export interface Pass {
  /** A sum of standings. */
  readonly standings: number;
  /** Only nodes in a zone where no chosen one is. */
  readonly onlyNewZones: boolean;
}

/** A reusable chooser; `start` comes before anything else. */
export class Chooser {
  readonly #standings: Standings;
  readonly #passes: readonly Pass[];
  readonly #walk = new Walk();
  #pass = 0;
  #rank = 0;
  /** By node and by zone: the number of the last choice that took it. */
  #nodeTakenIn = new Float64Array(0);
  #zoneTakenIn = new Float64Array(0);
  #choiceNumber = 0;
  #zonesTaken = 0;

  constructor(standings: Standings, passes: readonly Pass[]) {
    this.#standings = standings;
    this.#passes = passes;
  }

  /** Begins at a key of a ring, nothing taken. */
  start(ring: Ring, key: Hash64): void {
    const size = this.#standings.size;
    if (this.#nodeTakenIn.length < size) {
      this.#nodeTakenIn = new Float64Array(size);
      this.#zoneTakenIn = new Float64Array(size + 1);
    }
    this.#walk.start(ring, key);
    this.#pass = 0;
    this.#rank = 0;
    this.#zonesTaken = 0;
    this.#choiceNumber++;
  }

  /** This node has a copy: it is not chosen, and its zone is no new one. */
  take(node: number): void {
    this.avoid(node);
    if (!this.#isNewZone(node)) return;
    this.#zoneTakenIn[this.#standings.zone(node)] = this.#choiceNumber;
    this.#zonesTaken++;
  }

  /** This node is not chosen. */
  avoid(node: number): void {
    this.#nodeTakenIn[node] = this.#choiceNumber;
  }

  /** Takes the next best node; NO_NODE when nobody is left. */
  next(): number {
    for (; this.#pass < this.#passes.length; this.#pass++) {
      const node = this.#nextOf(this.#passes[this.#pass] as Pass);
      if (node !== NO_NODE) {
        this.take(node);
        return node;
      }
      this.#rank = 0;
    }
    return NO_NODE;
  }

  #nextOf(pass: Pass): number {
    if (pass.onlyNewZones && this.#zonesTaken === this.#standings.zoneCount) return NO_NODE;
    for (;;) {
      const node = this.#walk.at(this.#rank++);
      if (node === NO_NODE) return NO_NODE;
      if ((this.#standings.standing(node) & pass.standings) === 0) continue;
      if (this.#nodeTakenIn[node] === this.#choiceNumber) continue;
      if (!pass.onlyNewZones || this.#isNewZone(node)) return node;
    }
  }

  #isNewZone(node: number): boolean {
    const zone = this.#standings.zone(node);
    return zone !== NO_ZONE && this.#zoneTakenIn[zone] !== this.#choiceNumber;
  }
}
