/**
 * Keeps the log short when the same address is refused again and again.
 *
 * A peer with a wrong secret dials every second, a port scanner as often as it likes. One line per
 * address and minute says all there is to know. Addresses are remembered in a bounded number; when
 * there are more, the one that was noted first is forgotten, and may be complained about once more.
 */

const QUIET_MS = 60_000;
const ADDRESSES_MAX = 1024;

/** Who has been complained about lately. */
export class Complaints {
  /** When each was noted; a Map keeps the order, so the first is the oldest. */
  readonly #notedAtMs = new Map<string, number>();

  /** Whether a line about this address may be written now; if so, the next one only in a minute. */
  mayLog(address: string, nowMs: number): boolean {
    const notedAtMs = this.#notedAtMs.get(address);
    if (notedAtMs !== undefined && nowMs - notedAtMs < QUIET_MS) return false;
    this.#notedAtMs.delete(address);
    this.#notedAtMs.set(address, nowMs);
    if (this.#notedAtMs.size > ADDRESSES_MAX) {
      const [oldest] = this.#notedAtMs.keys();
      if (oldest !== undefined) this.#notedAtMs.delete(oldest);
    }
    return true;
  }
}
