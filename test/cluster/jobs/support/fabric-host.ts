/**
 * The clocks of a process of the fabric, and its chance: all nodes have the same time.
 *
 * Time only passes between turns; nobody's clock is wrong here.
 */
import type { Host } from "../../../../src/core/host.ts";
import { Xorshift } from "../../../../src/util/xorshift.ts";
import "../../../support/small-pages.ts";

const WALL_START_MS = 1_767_225_600_000;

/** What a process sees of time and chance. */
export class FabricHost implements Host {
  readonly #time: { readonly nowMs: number };
  readonly #random: Xorshift;

  constructor(time: { readonly nowMs: number }, seed: number) {
    this.#time = time;
    this.#random = new Xorshift(seed);
  }

  get nowMs(): number {
    return this.#time.nowMs;
  }

  get wallMs(): number {
    return WALL_START_MS + this.nowMs;
  }

  randomWord(): number {
    return this.#random.word();
  }
}
