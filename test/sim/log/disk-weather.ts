/**
 * What is wrong with a simulated disk, and for how long: full, failing, slow.
 *
 * Each trouble lasts until a moment of the simulation, and shows in some calls and not in others.
 */
import type { Xorshift } from "../../../src/util/xorshift.ts";
import { type DiskCall, systemError } from "../../io/log/fake-disk.ts";

const USUAL_SYNC_MS = 12;
const SLOW_SYNC_MS = 6000;

/** Draws what a call to the disk comes to. */
export class DiskWeather {
  /** No room for anything new. */
  fullUntilMs = 0;
  /** Writes fail now and then. */
  writesFailUntilMs = 0;
  /** Syncs fail now and then. */
  syncsFailUntilMs = 0;
  /** Syncs take seconds. */
  slowUntilMs = 0;
  readonly #clock: { readonly nowMs: number };
  readonly #random: Xorshift;
  readonly #mark: (what: string) => void;

  constructor(clock: { readonly nowMs: number }, random: Xorshift, mark: (what: string) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#mark = mark;
  }

  /** How long a sync takes, ms. */
  syncMs(): number {
    const isSlow = this.#clock.nowMs < this.slowUntilMs && this.#random.chance(0.5);
    if (isSlow) this.#mark("slow sync");
    return 1 + this.#random.below(isSlow ? SLOW_SYNC_MS : USUAL_SYNC_MS);
  }

  /** How many of so many bytes go; throws when none do. */
  writable(length: number): number {
    const { nowMs } = this.#clock;
    const { fullUntilMs, writesFailUntilMs } = this;
    const isFull = nowMs < fullUntilMs;
    if (!isFull && nowMs >= writesFailUntilMs) return length;
    const some = this.#random.below(length);
    if (some > 0 && this.#random.chance(0.5)) return some;
    if (!isFull && this.#random.chance(0.7)) return length;
    this.#mark(isFull ? "disk full" : "write failed");
    throw systemError(isFull ? "ENOSPC" : "EIO");
  }

  /** Why a call fails; undefined: it does not. */
  fault(call: DiskCall): Error | undefined {
    const { nowMs } = this.#clock;
    const { fullUntilMs, writesFailUntilMs, syncsFailUntilMs } = this;
    const isSync = call === "sync" || call === "syncFolder";
    if (!isSync && nowMs < fullUntilMs && (call === "create" || call === "rename")) {
      return this.#random.chance(0.5) ? systemError("ENOSPC") : undefined;
    }
    if (nowMs >= (isSync ? syncsFailUntilMs : writesFailUntilMs)) return undefined;
    if (!this.#random.chance(0.5)) return undefined;
    this.#mark(`${call} failed`);
    return systemError("EIO");
  }
}
