/**
 * Two handshakes that talk to each other without sockets.
 *
 * What each side has sent waits until the test lets it arrive, in pieces of any size, and may be
 * changed on the way. The judges refuse nothing unless told.
 */
import type { Greeting } from "../../../src/io/bus/greeting.ts";
import {
  Handshake,
  type HandshakeJudge,
  type HandshakeVerdict,
  type Role,
} from "../../../src/io/bus/handshake.ts";
import { ClusterSecrets } from "../../../src/io/bus/secrets.ts";

/** A judge that finds nothing wrong. */
export const agreeable: HandshakeJudge = { greeted: () => undefined, proven: () => undefined };

/** What one side of a test is like; the rest is ordinary. */
export interface SideOptions {
  readonly greeting?: Partial<Greeting>;
  readonly secrets?: readonly string[];
  readonly judge?: Partial<HandshakeJudge>;
}

let nonces = 0;

/** A greeting with a nonce of its own. */
export function greetingOf(given: Partial<Greeting> = {}): Greeting {
  return {
    versionMin: 1,
    versionMax: 2,
    hasSecret: false,
    nodeId: "a".repeat(40),
    incarnation: 7,
    nonce: Buffer.alloc(32, ++nonces),
    ...given,
  };
}

/** One side, with what it has sent. */
export class Side {
  readonly handshake: Handshake;
  /** Every message, in order. */
  readonly sent: Buffer[] = [];
  #taken = 0;

  constructor(role: Role, { greeting = {}, secrets = [], judge = {} }: SideOptions = {}) {
    const nodeId = role === "dialler" ? "d".repeat(40) : "a".repeat(40);
    const hasSecret = secrets.length > 0;
    this.handshake = new Handshake({
      role,
      own: greetingOf({ nodeId, hasSecret, ...greeting }),
      prover: new ClusterSecrets(secrets),
      judge: { ...agreeable, ...judge },
      send: (bytes) => this.sent.push(Buffer.from(bytes)),
    });
  }

  /** Messages sent since the last call, as one piece. */
  take(): Buffer {
    const bytes = Buffer.concat(this.sent.slice(this.#taken));
    this.#taken = this.sent.length;
    return bytes;
  }

  /** Bytes arrive; returns how many of them were taken. */
  receive(bytes: Buffer): number {
    return this.handshake.receive(bytes, 0, bytes.length);
  }

  get verdict(): HandshakeVerdict | undefined {
    return this.handshake.verdict;
  }

  /** "up", the reason of a failure (with "peer: " when the other side gave it), or "open". */
  get outcome(): string {
    const { verdict } = this;
    if (verdict === undefined) return "open";
    if (verdict.isUp) return "up";
    return verdict.isByPeer ? `peer: ${verdict.reason}` : verdict.reason;
  }
}

/** Lets everything arrive, `pieceBytes` at a time, until nobody says anything more. */
export function converse(one: Side, other: Side, pieceBytes = 1000): void {
  let isQuiet = false;
  while (!isQuiet) {
    const [fromOne, fromOther] = [one.take(), other.take()];
    isQuiet = fromOne.length + fromOther.length === 0;
    deliver(fromOne, other, pieceBytes);
    deliver(fromOther, one, pieceBytes);
  }
}

function deliver(bytes: Buffer, to: Side, pieceBytes: number): void {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    to.receive(bytes.subarray(at, at + pieceBytes));
  }
}
