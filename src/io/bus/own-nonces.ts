/**
 * The nonces this node has lately put into its greetings.
 *
 * A node that dials an address and is answered by itself must be sure of it: whoever is there instead
 * of a member has taken its place. An id proves nothing, and a greeting may have been sent back as it
 * came. A nonce that only this node knows, from another handshake than this one, does.
 */

/** More than there are handshakes at a time. */
const NONCES_MAX = 1024;

/** Remembers nonces, the latest ones. */
export class OwnNonces {
  readonly #nonces = new Set<string>();

  add(nonce: Buffer): void {
    this.#nonces.add(nonce.toString("latin1"));
    if (this.#nonces.size <= NONCES_MAX) return;
    const [oldest] = this.#nonces;
    if (oldest !== undefined) this.#nonces.delete(oldest);
  }

  /** Whether this node made `nonce`, for another handshake than that of `own`. */
  hasOther(nonce: Buffer, own: Buffer): boolean {
    return !nonce.equals(own) && this.#nonces.has(nonce.toString("latin1"));
  }
}
