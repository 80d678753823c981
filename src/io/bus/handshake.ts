/**
 * How two nodes make sure of each other before either reads a message of the other.
 *
 *   dialler                                accepter
 *      |------------- greeting --------------->|  not one of ours: closed without a word
 *      |<------------ greeting ----------------|  both choose the version, or refuse
 *      |-------------- proof ----------------->|  the one who comes proves first
 *      |<------------- proof ------------------|
 *      |--------------- go ------------------->|  frames may follow at once
 *
 * A proof is an HMAC-SHA256 under the cluster secret over the prover's role and both greetings as
 * they were on the wire. So it is good for one connection only (both nonces), cannot be sent back to
 * its maker (the role), and vouches for ids, incarnations and version ranges. The dialler proves
 * first because a stranger who connects must not be given something to guess the secret with. Only
 * `go` makes a connection a link: until then either side may say a refusal in place of its next
 * message, also for reasons of its own (see `HandshakeJudge`).
 *
 * Without a secret the same is done with an empty one, which proves nothing.
 *
 * What this does not do: it does not encrypt, and nothing of it protects what follows from somebody
 * who can change bytes on the way. A network with such people in it needs TLS.
 *
 * No sockets, no clock, no chance: bytes in, bytes and a verdict out. Never holds more than one
 * message of bytes.
 */
import {
  beginsAsGreeting,
  commonVersion,
  decodeGreeting,
  encodeGreeting,
  GREETING_BYTES,
  type Greeting,
} from "./greeting.ts";
import { codeOfRefusal, type Refusal, refusalOfCode } from "./refusal.ts";

/** Bytes of a proof. */
export const PROOF_BYTES = 32;

/** Codes of messages behind the greeting; refusals have theirs in refusal.ts. */
const PROOF = 1;
const GO = 2;

const LABEL = Buffer.from("ringq bus proof 1\0", "latin1");
/** A role as it stands in a proof. */
const ROLE_BYTE = { dialler: 1, accepter: 2 } as const;

/** Who opened the connection. */
export type Role = keyof typeof ROLE_BYTE;

/** The secret, as far as a handshake needs it. */
export interface Prover {
  /** `PROOF_BYTES` bytes for this text. */
  prove(text: Buffer): Buffer;
  /** Whether somebody who knows the secret made this proof for this text; in constant time. */
  isProof(text: Buffer, proof: Buffer): boolean;
}

/** Reasons of the node's own, asked for at the two moments when more is known of the peer. */
export interface HandshakeJudge {
  /** The peer has said who it is. Nothing of it is proven. */
  greeted(remote: Greeting): Refusal | undefined;
  /** The peer has proven that it knows the secret. */
  proven(remote: Greeting): Refusal | undefined;
}

/** What a handshake needs. */
export interface HandshakeParts {
  readonly role: Role;
  /** With a nonce that was never used before. */
  readonly own: Greeting;
  readonly prover: Prover;
  readonly judge: HandshakeJudge;
  /** Called with each message, in order. */
  readonly send: (bytes: Buffer) => void;
}

/** How a handshake ended. */
export type HandshakeVerdict =
  | { readonly isUp: true; readonly remote: Greeting; readonly version: number }
  | {
      readonly isUp: false;
      /** "not-a-peer": what came cannot have been sent by a node of this kind. */
      readonly reason: Refusal | "not-a-peer";
      /** The other side said so; we had nothing against it. */
      readonly isByPeer: boolean;
      /** Who it claims to be, as far as it got. */
      readonly remote: Greeting | undefined;
      /** It has proven that it knows the secret, so `remote` is true. */
      readonly isProven: boolean;
    };

/** One side of one handshake. */
export class Handshake {
  readonly #parts: HandshakeParts;
  readonly #ownBytes: Buffer;
  /** Bytes of the message that is being received. */
  readonly #held = Buffer.alloc(GREETING_BYTES);
  #heldLength = 0;
  #state: "greeting" | "proof" | "go" = "greeting";
  #remote: Greeting | undefined;
  #remoteBytes: Buffer | undefined;
  #isProven = false;
  #verdict: HandshakeVerdict | undefined;

  /** The dialler's greeting is sent at once. */
  constructor(parts: HandshakeParts) {
    this.#parts = parts;
    this.#ownBytes = encodeGreeting(parts.own);
    if (parts.role === "dialler") parts.send(this.#ownBytes);
  }

  /** How it ended; undefined while it goes on. */
  get verdict(): HandshakeVerdict | undefined {
    return this.#verdict;
  }

  /**
   * Takes bytes of `buffer[start, end)`. Returns where it stopped: at `end`, or before when the
   * handshake is over; what follows one that succeeded are frames.
   */
  receive(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.#verdict === undefined) {
      const taken = Math.min(end - at, this.#wanted() - this.#heldLength);
      buffer.copy(this.#held, this.#heldLength, at, at + taken);
      this.#heldLength += taken;
      at += taken;
      this.#look();
    }
    return at;
  }

  /** Ends it because the node wants no peer any more. */
  refuse(refusal: Refusal): void {
    if (this.#verdict === undefined) this.#refuse(refusal);
  }

  /** Length of the message that is being received, as far as its first byte tells. */
  #wanted(): number {
    if (this.#state === "greeting") return GREETING_BYTES;
    return this.#heldLength > 0 && this.#held[0] === PROOF ? 1 + PROOF_BYTES : 1;
  }

  #look(): void {
    const isGreeting = this.#state === "greeting";
    if (isGreeting && !beginsAsGreeting(this.#held, this.#heldLength)) {
      this.#fail("not-a-peer", false);
    } else if (this.#heldLength === this.#wanted()) {
      const message = this.#held.subarray(0, this.#heldLength);
      this.#heldLength = 0;
      if (isGreeting) this.#greeted(message);
      else this.#answered(message);
    }
  }

  #greeted(message: Buffer): void {
    const { role, own, judge, send } = this.#parts;
    const remote = decodeGreeting(message);
    if (remote === undefined) {
      this.#fail("not-a-peer", false);
      return;
    }
    this.#remote = remote;
    this.#remoteBytes = Buffer.from(message);
    // Also before a refusal: the other side is to see for itself what does not fit.
    if (role === "accepter") send(this.#ownBytes);
    const refusal = mismatch(own, remote) ?? judge.greeted(remote);
    if (refusal !== undefined) {
      this.#refuse(refusal);
      return;
    }
    this.#state = "proof";
    if (role === "dialler") this.#prove();
  }

  #answered(message: Buffer): void {
    const code = message[0] ?? 0;
    const refusal = refusalOfCode(code);
    if (refusal !== undefined) this.#fail(refusal, true);
    else if (this.#state === "proof" && code === PROOF) this.#judgeProof(message.subarray(1));
    else if (this.#state === "go" && code === GO) this.#succeed();
    else this.#fail("not-a-peer", false);
  }

  #judgeProof(proof: Buffer): void {
    const { role, prover, judge, send } = this.#parts;
    const isDialler = role === "dialler";
    const text = this.#proofText(isDialler ? "accepter" : "dialler");
    if (!prover.isProof(text, proof)) {
      this.#refuse("wrong-secret");
      return;
    }
    this.#isProven = true;
    const refusal = judge.proven(this.#remote as Greeting);
    if (refusal !== undefined) {
      this.#refuse(refusal);
    } else if (isDialler) {
      send(Buffer.of(GO));
      this.#succeed();
    } else {
      this.#state = "go";
      this.#prove();
    }
  }

  #prove(): void {
    const { role, prover, send } = this.#parts;
    send(Buffer.concat([Buffer.of(PROOF), prover.prove(this.#proofText(role))]));
  }

  /** What the side with that role proves with. */
  #proofText(prover: Role): Buffer {
    const own = this.#ownBytes;
    const remote = this.#remoteBytes as Buffer;
    const both = this.#parts.role === "dialler" ? [own, remote] : [remote, own];
    return Buffer.concat([LABEL, Buffer.of(ROLE_BYTE[prover]), ...both]);
  }

  #succeed(): void {
    const remote = this.#remote as Greeting;
    const version = commonVersion(this.#parts.own, remote) as number;
    this.#verdict = { isUp: true, remote, version };
  }

  #refuse(refusal: Refusal): void {
    this.#parts.send(Buffer.of(codeOfRefusal(refusal)));
    this.#fail(refusal, false);
  }

  #fail(reason: Refusal | "not-a-peer", isByPeer: boolean): void {
    const [remote, isProven] = [this.#remote, this.#isProven];
    this.#verdict = { isUp: false, reason, isByPeer, remote, isProven };
  }
}

/** What both sides see from the two greetings alone. */
function mismatch(own: Greeting, remote: Greeting): Refusal | undefined {
  if (commonVersion(own, remote) === undefined) return "version";
  if (own.nodeId === remote.nodeId) return "self";
  return own.hasSecret === remote.hasSecret ? undefined : "no-secret";
}
