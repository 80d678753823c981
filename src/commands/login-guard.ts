/**
 * Slows down whoever tries passwords, and as little as possible those who share an address with them.
 *
 * After a few wrong passwords a place is closed: no login from there is looked at for a while, and the
 * while doubles with each further one. What waits is the request, not the reply. If wrong answers
 * alone came late, a guess without an answer at once would be a wrong one, and somebody with many
 * connections would not be slowed down at all. As it is, right and wrong take the same time, and a
 * place gets one guess a second, however many connections it has.
 *
 * An address is all that is known of a stranger, and a machine or a company may share it. So:
 *
 * - A password that was wrong a moment ago counts once, not each time: a client with yesterday's
 *   password tries the same one for ever, learns nothing, and closes the place for nobody.
 * - Only wrong passwords close a place. When it opens, everybody who knows the password gets in.
 * - It opens after a second at most, well before common clients give up (two seconds).
 * - Who has not failed on its connection comes before those who have, however many these are.
 * - Who is logged in does not wait at all.
 *
 * A right password does not wipe the record: on a busy address a guesser would live on the
 * successes of its neighbours. What remains is somebody who opens a new connection for each guess,
 * many at a time: those at the same address wait a second for each one ahead of them, because no
 * rule can tell them apart. Time is given; nothing here has a timer.
 */

import { hashKeys, hashName } from "../core/keyed-hash.ts";
import type { Request } from "../protocol/request.ts";
import type { Carrier, Session } from "./session.ts";

/** Failures that cost nothing: people mistype. */
const FREE_FAILURES = 2;
const FIRST_DELAY_MS = 100;
const DELAY_MS_MAX = 1000;
/** How much later it opens for those who have failed on the same connection. */
const YIELD_MS = 50;
/** Wrong passwords remembered for each place: so many clients may have one of their own. */
const GUESSES_MAX = 8;
/** Of a longer password no more is compared with earlier ones. */
const GUESS_BYTES_MAX = 512;
/** Without a new failure for so long, the record is clean again. */
const FORGET_AFTER_MS = 60_000;
/** Places remembered; of more, the one that failed longest ago is forgotten. */
const PLACES_MAX = 10_000;
/** Groups of an IPv6 address that belong to the network, not to the host: one customer has a /64. */
const NETWORK_GROUPS = 4;

interface FailureRecord {
  readonly failures: number;
  readonly failedAtMs: number;
  /** Hashes of the latest wrong passwords: they may be right elsewhere, or nearly right here. */
  readonly guesses: readonly number[];
}

/** Wrong passwords by place. */
export class LoginGuard {
  readonly #keys: Int32Array;
  /** The place that failed last comes last. */
  readonly #records = new Map<string, FailureRecord>();

  /** @param secret 32 unpredictable bits */
  constructor(secret: number) {
    this.#keys = hashKeys(secret);
  }

  /** Places remembered. */
  get size(): number {
    return this.#records.size;
  }

  /** Monotonic ms before which a login of this client is not looked at; 0 when it may be now. */
  heldUntilMs(session: GuardedSession, nowMs: number): number {
    if (session.isAuthenticated) return 0;
    const record = this.#records.get(placeOf(session.carrier));
    if (record === undefined || record.failures <= FREE_FAILURES) return 0;
    const doublings = record.failures - FREE_FAILURES - 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** doublings, DELAY_MS_MAX);
    const untilMs = record.failedAtMs + delayMs + (session.hasFailedLogin ? YIELD_MS : 0);
    return untilMs > nowMs ? untilMs : 0;
  }

  /** Argument `password` of this client's request was wrong. */
  failed(session: GuardedSession, request: Guess, password: number, nowMs: number): void {
    this.#forgetOld(nowMs);
    const start = request.start(password);
    const end = Math.min(request.end(password), start + GUESS_BYTES_MAX);
    const guess = hashName(this.#keys, request.buffer, start, end);
    const place = placeOf(session.carrier);
    const { failures = 0, guesses = [] } = this.#records.get(place) ?? {};
    if (guesses.includes(guess)) return;
    this.#records.delete(place);
    this.#records.set(place, {
      failures: failures + 1,
      failedAtMs: nowMs,
      guesses: [...guesses.slice(1 - GUESSES_MAX), guess],
    });
    this.#forgetTooMany();
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

/** Where the wrong password stands. */
export type Guess = Pick<Request, "buffer" | "start" | "end">;

/** What is asked of a client. */
export interface GuardedSession extends Pick<Session, "isAuthenticated" | "hasFailedLogin"> {
  readonly carrier: Place;
}

type Place = Pick<Carrier, "remoteAddress" | "isUnixSocket">;

/** Where a client comes from, as far as it can be held responsible: its address or its network. */
export function placeOf(carrier: Place): string {
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
