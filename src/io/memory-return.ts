/**
 * Gives memory back to the system after a backlog was drained.
 *
 * Empty pages of jobs and bodies are put aside for later, because the system needs longer to hand out
 * new ones than the broker to fill them. When much less is used than before, they are dropped after a
 * while, and the engine is asked to collect garbage: a broker that has gone quiet gives the engine no reason to.
 * Nothing runs while nothing changes.
 */

/** Less than this is not worth a collection. */
const WORTH_BYTES = 32 * 1024 * 1024;
/** A queue that fills again soon needs the pages itself, and new ones cost more than the jobs in them. */
const PATIENCE_MS = 10_000;

/** Watches how much is used and has the rest given back when it has fallen. */
export class MemoryReturn {
  readonly #giveBack: () => void;
  #peakBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param giveBack drops what is kept for later and has garbage collected */
  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  /** Call at the end of a turn with the bytes in use. */
  note(usedBytes: number): void {
    if (usedBytes > this.#peakBytes) this.#peakBytes = usedBytes;
    if (this.#timer !== undefined || this.#peakBytes - usedBytes < WORTH_BYTES) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#peakBytes = 0;
      this.#giveBack();
    }, PATIENCE_MS);
  }

  /** Nothing more is asked for. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
