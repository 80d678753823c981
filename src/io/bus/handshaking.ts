/**
 * One connection on its way to become a link: the handshake on a socket, either role.
 *
 * Adds to the handshake what it has not: a deadline, the rule that without a secret only peers on
 * this machine are welcome, the claims that leave one link for each pair (pairing.ts), and the
 * check that a dial found whom it was looking for.
 */
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { Endpoints } from "../endpoints.ts";
import type { BusAddress, BusIdentity, DialFailure, DialFailureReason } from "./bus-events.ts";
import { BusSocket, type SocketUser } from "./bus-socket.ts";
import { type Greeting, NONCE_BYTES } from "./greeting.ts";
import { Handshake, type HandshakeVerdict, type Role } from "./handshake.ts";
import type { OwnNonces } from "./own-nonces.ts";
import type { Pairing } from "./pairing.ts";
import { type Refusal, refusalText } from "./refusal.ts";
import type { ClusterSecrets } from "./secrets.ts";

const NOT_A_PEER = "what is there does not speak the bus protocol";
const SAME_ID = "another process has this node's id: is its data directory a copy?";

type Refused = Extract<HandshakeVerdict, { isUp: false }>;

/** Who may be a peer. */
export interface BusAccess {
  readonly secrets: ClusterSecrets;
  /** Without a secret, only peers on this machine. */
  readonly isProtected: boolean;
}

/** Versions of the protocol that a node speaks. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** What a handshake needs to know. */
export interface HandshakeTerms {
  readonly identity: BusIdentity;
  readonly versions: VersionRange;
  readonly access: BusAccess;
  /** For all of it, from the first packet of a dial on. */
  readonly handshakeMs: number;
  readonly pairing: Pairing<Handshaking>;
  readonly randomBytes: (length: number) => Buffer;
  readonly ownNonces: OwnNonces;
  /** TLS is spoken with this on dialled connections; undefined: none is. */
  readonly secureContext: SecureContext | undefined;
  /** Whether a node of that id is known that has started later. */
  readonly isOutdated: (id: string, incarnation: number) => boolean;
  /** Whether the peer is on this machine. */
  readonly isLocal: (endpoints: Endpoints) => boolean;
}

/** Who wants to hear of it. */
export interface HandshakeOwner {
  /** Something happens. */
  touch(): void;
  /** It is a link from now on; bytes behind the handshake are in `rest`. */
  succeeded(handshaking: Handshaking, agreed: Agreed, rest: Rest): void;
  failed(handshaking: Handshaking, failure: DialFailure, isByPeer: boolean): void;
}

/** What a handshake found out. */
export interface Agreed {
  readonly remote: Greeting;
  readonly version: number;
}

/** Bytes in `buffer[start, end)`, valid during the call. */
export interface Rest {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Where a dial goes to, and who should be there. */
export interface Dial {
  readonly address: BusAddress;
  readonly expectedId: string | undefined;
}

/** One connection that is not a link yet. */
export class Handshaking implements SocketUser {
  readonly role: Role;
  readonly dial: Dial | undefined;
  readonly socket: BusSocket;
  readonly #owner: HandshakeOwner;
  readonly #terms: HandshakeTerms;
  readonly #deadline: NodeJS.Timeout;
  #handshake: Handshake | undefined;
  #nonce: Buffer = Buffer.alloc(0);
  #remote: Greeting | undefined;
  #isOver = false;

  /** A connection from outside. */
  static accept(
    owner: HandshakeOwner,
    terms: HandshakeTerms,
    accepted: Socket,
    endpoints: Endpoints,
  ): Handshaking {
    const open = (user: SocketUser): BusSocket => BusSocket.accept(accepted, endpoints, user);
    const handshaking = new Handshaking(owner, terms, undefined, open);
    handshaking.opened();
    return handshaking;
  }

  /** A connection to another node. */
  static dial(owner: HandshakeOwner, terms: HandshakeTerms, dial: Dial): Handshaking {
    const open = (user: SocketUser): BusSocket =>
      BusSocket.dial(dial.address, user, terms.secureContext);
    return new Handshaking(owner, terms, dial, open);
  }

  private constructor(
    owner: HandshakeOwner,
    terms: HandshakeTerms,
    dial: Dial | undefined,
    open: (user: SocketUser) => BusSocket,
  ) {
    this.#owner = owner;
    this.#terms = terms;
    this.dial = dial;
    this.role = dial === undefined ? "accepter" : "dialler";
    this.#deadline = setTimeout(() => this.#timedOut(), terms.handshakeMs);
    this.socket = open(this);
  }

  opened(): void {
    const { identity, versions, randomBytes, ownNonces, access } = this.#terms;
    const { secrets } = access;
    this.#nonce = randomBytes(NONCE_BYTES);
    ownNonces.add(this.#nonce);
    this.#handshake = new Handshake({
      role: this.role,
      own: {
        versionMin: versions.min,
        versionMax: versions.max,
        hasSecret: secrets.isSet,
        nodeId: identity.nodeId,
        incarnation: identity.incarnation,
        nonce: this.#nonce,
      },
      prover: secrets,
      judge: {
        greeted: (remote) => this.#greeted(remote),
        proven: (remote) => this.#proven(remote),
      },
      send: (bytes) => this.socket.write(bytes),
    });
  }

  received(buffer: Buffer, start: number, end: number): void {
    const handshake = this.#handshake;
    if (handshake === undefined) return;
    this.#owner.touch();
    const stoppedAt = handshake.receive(buffer, start, end);
    const { verdict } = handshake;
    if (verdict === undefined) return;
    if (verdict.isUp) {
      this.#over();
      this.#owner.succeeded(this, verdict, { buffer, start: stoppedAt, end });
      return;
    }
    this.#leave();
    this.#owner.failed(this, this.#failureOf(verdict), verdict.isByPeer);
  }

  drained(): void {}

  closed(text: string): void {
    this.#owner.touch();
    if (this.socket.isTlsProblem) this.#gone("tls", `TLS: ${text}`);
    else this.#gone(this.#handshake === undefined ? "unreachable" : "closed", text);
  }

  /** Ends it with a reason for the peer and for the owner. */
  giveUp(refusal: Refusal): void {
    if (this.#isOver) return;
    if (this.#handshake === undefined) {
      this.#gone(refusal, refusalText(refusal));
      return;
    }
    this.#handshake.refuse(refusal);
    this.#leave();
    const remoteId = this.#remote?.nodeId;
    const failure = { reason: refusal, text: refusalText(refusal), remoteId, isProven: false };
    this.#owner.failed(this, failure, false);
  }

  /** Ends it without a word to the peer; the owner is told that it took too long. */
  expire(): void {
    this.#gone("timeout", "no answer in time");
  }

  #timedOut(): void {
    this.#owner.touch();
    this.expire();
  }

  #gone(reason: DialFailureReason, text: string): void {
    if (this.#isOver) return;
    this.#over();
    this.socket.destroy();
    const remoteId = this.#remote?.nodeId;
    this.#owner.failed(this, { reason, text, remoteId, isProven: false }, false);
  }

  #greeted(remote: Greeting): Refusal | undefined {
    this.#remote = remote;
    const { endpoints } = this.socket;
    const { access, isLocal, pairing } = this.#terms;
    const { isProtected, secrets } = access;
    const isStranger = endpoints === undefined || !isLocal(endpoints);
    if (isStranger && isProtected && !secrets.isSet) return "protected";
    // Another node than expected is only asked to prove who it is.
    if (this.dial === undefined || !this.#isExpected(remote)) return undefined;
    const isClaimed = pairing.claimDialled(remote.nodeId, this);
    return isClaimed ? undefined : "already-linked";
  }

  #proven(remote: Greeting): Refusal | undefined {
    // Two nodes of one id would take each other's links for ever.
    if (this.#terms.isOutdated(remote.nodeId, remote.incarnation)) return "outdated";
    if (this.dial !== undefined) return this.#isExpected(remote) ? undefined : "wrong-id";
    const claimed = this.#terms.pairing.claimAccepted(remote.nodeId, this);
    if (!claimed.isAccepted) return "already-linked";
    claimed.loser?.giveUp("already-linked");
    return undefined;
  }

  #failureOf({ reason, remote, isProven }: Refused): DialFailure {
    const remoteId = remote?.nodeId;
    if (reason !== "self" || remote === undefined) {
      return { reason, text: this.#textOf(reason, remote), remoteId, isProven };
    }
    const isReallySelf = this.#terms.ownNonces.hasOther(remote.nonce, this.#nonce);
    // What came back as it was sent tells nothing of who is there.
    if (isReallySelf || remote.nonce.equals(this.#nonce)) {
      return { reason, text: refusalText(reason), remoteId, isProven: isReallySelf };
    }
    return { reason: "same-id", text: SAME_ID, remoteId, isProven };
  }

  #isExpected(remote: Greeting): boolean {
    const expectedId = this.dial?.expectedId;
    return expectedId === undefined || expectedId === remote.nodeId;
  }

  #textOf(reason: Refusal | "not-a-peer", remote: Greeting | undefined): string {
    if (reason === "not-a-peer") return NOT_A_PEER;
    const text = refusalText(reason);
    if (reason !== "version" || remote === undefined) return text;
    const { min, max } = this.#terms.versions;
    return `${text} (this node: ${min} to ${max}, the other: ${remote.versionMin} to ${remote.versionMax})`;
  }

  #leave(): void {
    this.#over();
    this.socket.leave();
  }

  /** What the socket says is not for this any more. */
  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    if (this.#remote !== undefined) this.#terms.pairing.unclaim(this.#remote.nodeId, this);
  }
}
