/**
 * Dialling: at once, then again and again, less and less often.
 *
 * Several reasons to dial can lead to one address (a member, a seed, a MEET); it is dialled once, and
 * whatever comes of it is the answer for all of them. What an answer means is not decided here.
 */
import type { Host } from "../../core/host.ts";
import type { Introduction } from "./introductions.ts";
import { addressKey, type MembershipLinks, type PeerAddress } from "./links.ts";
import type { Member } from "./member.ts";
import { Chore, type Schedule } from "./schedule.ts";
import type { Seed } from "./seeds.ts";

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2000;
/** 50 ms doubled this often is above the maximum. */
const DOUBLINGS_MAX = 6;
/** Retries are spread over this share of the delay to both sides. */
const JITTER = 0.25;
const WORDS = 2 ** 32;

/** What a dial is for. */
export type DialOwner =
  | { readonly kind: "member"; readonly member: Member }
  | { readonly kind: "introduction"; readonly introduction: Introduction }
  | { readonly kind: "seed"; readonly seed: Seed };

/** A reason to dial an address, for as long as it is wanted. */
export class Dial {
  readonly owner: DialOwner;
  readonly chore: Chore;
  /** Where to dial now; undefined: nowhere, it is not wanted. */
  readonly target: () => PeerAddress | undefined;
  /** Attempts in a row that failed. */
  failures = 0;
  isPending = false;

  constructor(owner: DialOwner, target: () => PeerAddress | undefined, run: (dial: Dial) => void) {
    this.owner = owner;
    this.target = target;
    this.chore = new Chore(() => run(this));
  }
}

/** Dials when it is time. */
export class Dialer {
  readonly #host: Host;
  readonly #links: MembershipLinks;
  readonly #schedule: Schedule;
  readonly #pending = new Map<string, Dial[]>();

  constructor(host: Host, links: MembershipLinks, schedule: Schedule) {
    this.#host = host;
    this.#links = links;
    this.#schedule = schedule;
  }

  /** A dial that was not started yet. */
  make(owner: DialOwner, target: () => PeerAddress | undefined): Dial {
    return new Dial(owner, target, (dial) => this.#run(dial));
  }

  /** Dials after a delay, as if it had never failed. One that is under way goes on. */
  start(dial: Dial, delayMs: number): void {
    dial.failures = 0;
    if (!dial.isPending) this.#schedule.at(dial.chore, this.#host.nowMs + delayMs);
  }

  /** Dials again, later than last time. */
  retry(dial: Dial): void {
    const doublings = Math.min(dial.failures, DOUBLINGS_MAX);
    const delayMs = Math.min(RETRY_MS_MIN * 2 ** doublings, RETRY_MS_MAX);
    const spread = 1 + JITTER * ((2 * this.#host.randomWord()) / WORDS - 1);
    dial.failures++;
    this.#schedule.at(dial.chore, this.#host.nowMs + Math.round(delayMs * spread));
  }

  /** Does not dial again; one that is under way ends for nobody. */
  stop(dial: Dial): void {
    this.#schedule.cancel(dial.chore);
  }

  /** Those for whom this address was dialled, and who still want it. They are not under way any more. */
  take(address: PeerAddress): Dial[] {
    const key = addressKey(address);
    const dials = this.#pending.get(key) ?? [];
    this.#pending.delete(key);
    for (const dial of dials) dial.isPending = false;
    return dials.filter((dial) => dial.target() !== undefined);
  }

  #run(dial: Dial): void {
    const address = dial.target();
    if (address === undefined || dial.isPending) return;
    const key = addressKey(address);
    const others = this.#pending.get(key);
    dial.isPending = true;
    if (others !== undefined) {
      others.push(dial);
      return;
    }
    this.#pending.set(key, [dial]);
    this.#links.dial(address);
  }
}
