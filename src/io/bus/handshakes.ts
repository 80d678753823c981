/**
 * All connections of a bus that are not links yet, and what the log hears of those that fail.
 *
 * When too many from outside are under way the oldest of them goes: a peer needs a few round trips,
 * only somebody who does nothing stays long. So what strangers can make this hold is bounded, and
 * they cannot keep peers out. A failed handshake costs one line of log per address and minute.
 */
import type { Socket } from "node:net";
import { Complaints } from "../complaints.ts";
import type { Endpoints } from "../endpoints.ts";
import type { Logger } from "../logger.ts";
import { hostOf } from "./addresses.ts";
import type { BusAddress, DialFailure, DialFailureReason } from "./bus-events.ts";
import type { BusStatistics } from "./bus-statistics.ts";
import {
  type Agreed,
  type HandshakeOwner,
  type HandshakeTerms,
  Handshaking,
  type Rest,
} from "./handshaking.ts";

/** Connections from outside whose handshake is not over. */
export const ACCEPTING_MAX = 256;
/** Dials under way; further ones fail as "busy". */
export const DIALLING_MAX = 256;

/** What somebody should know of: the rest is everyday life of networks and port checks. */
const NOTEWORTHY: ReadonlySet<DialFailureReason> = new Set([
  "version",
  "no-secret",
  "wrong-secret",
  "protected",
  "outdated",
  "same-id",
  "not-a-peer",
  "tls",
]);

/** Who wants to hear of handshakes. */
export interface HandshakesOwner {
  readonly log: Logger;
  readonly statistics: BusStatistics;
  readonly nowMs: number;
  touch(): void;
  /** As things are now; asked for every connection. */
  terms(): HandshakeTerms;
  succeeded(handshaking: Handshaking, agreed: Agreed, rest: Rest): void;
  dialFailed(address: BusAddress, failure: DialFailure): void;
}

/** Accepts and dials. */
export class Handshakes implements HandshakeOwner {
  readonly #owner: HandshakesOwner;
  /** In the order of their arrival. */
  readonly #accepting = new Set<Handshaking>();
  readonly #dialling = new Set<Handshaking>();
  readonly #complaints = new Complaints();

  constructor(owner: HandshakesOwner) {
    this.#owner = owner;
  }

  /** Handshakes under way. */
  get count(): number {
    return this.#accepting.size + this.#dialling.size;
  }

  /** Somebody has connected; the socket was created paused. */
  accept(accepted: Socket, endpoints: Endpoints): void {
    this.#accepting.add(Handshaking.accept(this, this.#owner.terms(), accepted, endpoints));
    if (this.#accepting.size <= ACCEPTING_MAX) return;
    const [oldest] = this.#accepting;
    oldest?.expire();
  }

  /** Connects to another node. */
  dial(address: BusAddress, expectedId: string | undefined): void {
    if (this.#dialling.size >= DIALLING_MAX) {
      this.reject(address, "busy", "too many connections to other nodes are being made");
      return;
    }
    this.#dialling.add(Handshaking.dial(this, this.#owner.terms(), { address, expectedId }));
  }

  /** Fails a dial that is not even tried. */
  reject(address: BusAddress, reason: DialFailureReason, text: string): void {
    this.#owner.dialFailed(address, { reason, text, remoteId: undefined, isProven: false });
  }

  /** Ends all that are under way; diallers are told by `dialFailed`. */
  stop(): void {
    for (const handshaking of [...this.#accepting, ...this.#dialling]) {
      handshaking.giveUp("stopping");
    }
  }

  touch(): void {
    this.#owner.touch();
  }

  succeeded(handshaking: Handshaking, agreed: Agreed, rest: Rest): void {
    this.#forget(handshaking);
    this.#owner.succeeded(handshaking, agreed, rest);
  }

  failed(handshaking: Handshaking, failure: DialFailure, isByPeer: boolean): void {
    this.#forget(handshaking);
    if (NOTEWORTHY.has(failure.reason)) this.#complain(handshaking, failure, isByPeer);
    const { dial } = handshaking;
    if (dial !== undefined) this.#owner.dialFailed(dial.address, failure);
  }

  #forget(handshaking: Handshaking): void {
    this.#accepting.delete(handshaking);
    this.#dialling.delete(handshaking);
  }

  #complain(handshaking: Handshaking, failure: DialFailure, isByPeer: boolean): void {
    const { role, dial, socket } = handshaking;
    this.#owner.statistics.connectionsRefused++;
    const { remoteAddress = "" } = socket.endpoints ?? {};
    const address =
      dial === undefined ? remoteAddress : `${dial.address.host}:${dial.address.port}`;
    // A stranger has another port each time.
    const who = dial === undefined ? hostOf(remoteAddress) : address;
    if (!this.#complaints.mayLog(who, this.#owner.nowMs)) return;
    this.#owner.log.warning(
      isByPeer ? "refused by another node" : "refused a connection with another node",
      { address, role, reason: failure.reason, text: failure.text },
    );
  }
}
