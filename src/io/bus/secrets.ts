/**
 * The cluster secret: HMAC-SHA256 under it, and the comparison that tells nothing by its duration.
 *
 * Two secrets may be listed, so that they can be changed one node after the other: a proof under
 * either is accepted, this node proves itself with the first. The order for a change is
 * `old new` everywhere, then `new old` everywhere, then `new`.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Prover } from "./handshake.ts";

/** How many secrets may be listed. */
export const SECRETS_MAX = 2;

/** Proofs under these secrets (UTF-8); none: under the empty one, which everybody knows. */
export class ClusterSecrets implements Prover {
  readonly #secrets: readonly string[];

  /** Throws an Error when there are too many or an empty one: both are mistakes of the caller. */
  constructor(secrets: readonly string[]) {
    if (secrets.length > SECRETS_MAX) throw new Error(`more than ${SECRETS_MAX} cluster secrets`);
    if (secrets.includes("")) throw new Error("an empty cluster secret");
    this.#secrets = secrets.length === 0 ? [""] : [...secrets];
  }

  /** Whether a peer has to know something. */
  get isSet(): boolean {
    return this.#secrets[0] !== "";
  }

  prove(text: Buffer): Buffer {
    return hmac(this.#secrets[0] ?? "", text);
  }

  /** Always tries all secrets: which one it was is nobody's business either. */
  isProof(text: Buffer, proof: Buffer): boolean {
    let isRight = false;
    for (const secret of this.#secrets) {
      const expected = hmac(secret, text);
      if (proof.length === expected.length && timingSafeEqual(proof, expected)) isRight = true;
    }
    return isRight;
  }
}

function hmac(secret: string, text: Buffer): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
