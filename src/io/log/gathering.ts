/**
 * Waits for those who were just answered, before the disk is asked to sync again.
 *
 * With `always` clients who send one request after the other come back as soon as a sync lets their
 * answers go. A sync that began at that moment would cover only those who came while the last one ran: two
 * halves of the clients would take turns, and each sync would serve half of them. So the next one begins when as
 * many changes are there as the last round had, or when for as long as a sync takes nobody came, or when
 * waiting has cost as much as some syncs. Whoever is alone waits for nobody.
 */

/** However slow the disk is. */
const WAIT_MICROS_MAX = 2000;
/** Waiting is given up after the time of so many syncs. */
const WAIT_SYNCS_MAX = 4;

/** Decides when the next sync may begin. All times are monotonic µs. */
export class Gathering {
  #seen = 0;
  #seenMicros = 0;
  #wanted = 0;
  #syncMicros = 0;
  #untilMicros = 0;

  /** A sync has ended; meanwhile so many changes have come. */
  synced(beganMicros: number, endedMicros: number, waiting: number): void {
    this.#syncMicros = endedMicros - beganMicros;
    // What was there when it was last asked is what the sync covered.
    this.#wanted = this.#seen + waiting;
    this.#seen = waiting;
    this.#seenMicros = endedMicros;
    const waitMicros = Math.min(this.#syncMicros * WAIT_SYNCS_MAX, WAIT_MICROS_MAX);
    this.#untilMicros = endedMicros + waitMicros;
  }

  /** So many changes are there: whether to wait for more before they are written and synced. */
  isWorthwhile(changes: number, micros: number): boolean {
    if (changes > this.#seen) this.#seenMicros = micros;
    this.#seen = changes;
    if (changes >= this.#wanted || micros >= this.#untilMicros) return false;
    return micros - this.#seenMicros < this.#syncMicros;
  }
}
