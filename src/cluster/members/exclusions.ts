/**
 * Nodes that are not members on purpose, and how they may become members again.
 *
 * After a FORGET or a reset, others still talk of the node, and the node itself may not know yet. For
 * a minute hearsay does not bring it back (the reference's blacklist); the node itself is told when it
 * calls, however late, so that it does not count on somebody who does not know it. Meeting an operator
 * wants ends all of that. Lost in a restart, as in the reference.
 */
import type { Host } from "../../core/host.ts";
import type { MembershipMessage } from "../messages.ts";

/** As the reference's blacklist. */
const LIFETIME_MS = 60_000;
/** The oldest is given up beyond. */
const EXCLUSIONS_MAX = 1024;
/** No incarnation is as low: nothing is refused. */
const NONE = -1;
const ALL = Number.POSITIVE_INFINITY;

/** What is refused of one node. */
interface Exclusion {
  /** Hearsay of incarnations up to this one. */
  readonly hearsayUpTo: number;
  /** The node itself, up to this incarnation. */
  readonly contactUpTo: number;
  /** What it is told when it calls. */
  readonly answer: MembershipMessage | undefined;
  readonly untilMs: number;
  isTold: boolean;
}

/** Excluded nodes by id. */
export class Exclusions {
  readonly #host: Host;
  readonly #byId = new Map<string, Exclusion>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** CLUSTER FORGET here. `isTold`: it could be told at once. */
  forgot(id: string, isTold: boolean): void {
    this.#put(id, ALL, ALL, { type: "forgotten" }, isTold);
  }

  /** CLUSTER RESET here, which ended `incarnation`: others may bring it back, but not its own call. */
  leftBehind(id: string, incarnation: number, isTold: boolean): void {
    this.#put(id, NONE, ALL, { type: "departed", incarnation }, isTold);
  }

  /** It has forgotten this node; when it calls, it has changed its mind. */
  wasForgottenBy(id: string): void {
    this.#put(id, ALL, NONE, undefined, true);
  }

  /** It was reset: what it was up to this incarnation is over. */
  hasDeparted(id: string, incarnation: number): void {
    this.#put(id, incarnation, incarnation, undefined, true);
  }

  /** It is wanted. */
  end(id: string): void {
    this.#byId.delete(id);
  }

  /** Whether what others tell of this node is to be ignored. */
  refusesHearsay(id: string, incarnation: number): boolean {
    const exclusion = this.#find(id);
    if (exclusion === undefined || exclusion.untilMs <= this.#host.nowMs) return false;
    return incarnation <= exclusion.hearsayUpTo;
  }

  /** Whether this node may not call, and what to tell it; it is told with that. */
  refusalOf(
    id: string,
    incarnation: number,
  ): { answer: MembershipMessage | undefined } | undefined {
    const exclusion = this.#find(id);
    if (exclusion === undefined || incarnation > exclusion.contactUpTo) return undefined;
    exclusion.isTold = true;
    return { answer: exclusion.answer };
  }

  /** Ends when its time is over and the node knows. */
  #find(id: string): Exclusion | undefined {
    const exclusion = this.#byId.get(id);
    if (exclusion?.isTold && exclusion.untilMs <= this.#host.nowMs) {
      this.#byId.delete(id);
      return undefined;
    }
    return exclusion;
  }

  #put(
    id: string,
    hearsayUpTo: number,
    contactUpTo: number,
    answer: MembershipMessage | undefined,
    isTold: boolean,
  ): void {
    this.#byId.delete(id);
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined && this.#byId.size >= EXCLUSIONS_MAX) this.#byId.delete(oldest);
    const untilMs = this.#host.nowMs + LIFETIME_MS;
    this.#byId.set(id, { hearsayUpTo, contactUpTo, answer, untilMs, isTold });
  }
}
