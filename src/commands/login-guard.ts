/**
 * Slows down whoever tries passwords.
 *
 * After a few wrong ones, further logins from the same place are not looked at for a while, and the
 * while doubles with each failure. What waits is the request, not the reply: a guess whose answer is
 * late tells as much as one answered at once to somebody who simply opens another connection. A right
 * password clears the record, so that one misconfigured client does not lock its neighbours out for
 * long. Time is given; nothing here has a timer.
 */
import type { Carrier } from "./session.ts";

/** Failures that cost nothing: people mistype. */
const FREE_FAILURES = 2;
const FIRST_DELAY_MS = 100;
const DELAY_MS_MAX = 2000;
/** Without a failure for so long, the record is clean again. */
const FORGET_AFTER_MS = 60_000;
/** Places remembered; of more, the one that failed longest ago is forgotten. */
const PLACES_MAX = 10_000;
/** Groups of an IPv6 address that belong to the network, not to the host: one customer has a /64. */
const NETWORK_GROUPS = 4;

interface FailureRecord {
  readonly failures: number;
  readonly failedAtMs: number;
}

/** Wrong passwords by place. */
export class LoginGuard {
  /** The place that failed last comes last. */
  readonly #records = new Map<string, FailureRecord>();

  /** Places remembered. */
  get size(): number {
    return this.#records.size;
  }

  /** Monotonic ms before which no login from that place is looked at; 0 when there is no penalty. */
  heldUntilMs(place: string, nowMs: number): number {
    const record = this.#records.get(place);
    if (record === undefined || record.failures <= FREE_FAILURES) return 0;
    const doublings = record.failures - FREE_FAILURES - 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** doublings, DELAY_MS_MAX);
    const untilMs = record.failedAtMs + delayMs;
    return untilMs > nowMs ? untilMs : 0;
  }

  /** A wrong password came from there. */
  failed(place: string, nowMs: number): void {
    this.#forgetOld(nowMs);
    const failures = (this.#records.get(place)?.failures ?? 0) + 1;
    this.#records.delete(place);
    this.#records.set(place, { failures, failedAtMs: nowMs });
    this.#forgetTooMany();
  }

  /** The right password came from there. */
  succeeded(place: string): void {
    this.#records.delete(place);
  }

  #forgetOld(nowMs: number): void {
    for (const [place, record] of this.#records) {
      if (record.failedAtMs + FORGET_AFTER_MS > nowMs) return;
      this.#records.delete(place);
    }
  }

  #forgetTooMany(): void {
    for (const place of this.#records.keys()) {
      if (this.#records.size <= PLACES_MAX) return;
      this.#records.delete(place);
    }
  }
}

/** Where a client comes from, as far as it can be held responsible: its address or its network. */
export function placeOf(carrier: Pick<Carrier, "remoteAddress" | "isUnixSocket">): string {
  if (carrier.isUnixSocket) return "unix";
  const address = carrier.remoteAddress.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return address.includes(".") ? address : networkOf(address);
}

/** The first groups of an IPv6 address, whose longest run of zero groups may be written as `::`. */
function networkOf(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  if (tail !== undefined) {
    while (groups.length + behind < 8) groups.push("0");
    if (tail !== "") groups.push(...tail.split(":"));
  }
  return groups.slice(0, NETWORK_GROUPS).join(":");
}
