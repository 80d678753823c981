/**
 * One link for each pair of nodes, although both may dial at the same time.
 *
 * The dialler proves itself only while it has no link with that peer and no other handshake that has
 * come so far; it says so by proving. So a proof that arrives means that the peer has none: what this
 * node takes for a link with it is dead and gives way. The one exception is that both dialled: then
 * each has proven itself on its own connection before it saw the other's proof, and both keep the
 * connection that was opened by the node with the smaller id.
 *
 * A link is therefore never exchanged for another while it works, whatever is dialled meanwhile.
 * A dialled peer has proven nothing when it is claimed. Somebody who answers at an address this node
 * dials can therefore keep the node whose id he uses from being dialled by it, or, if that id is the
 * larger one, from being accepted; until the handshake's deadline, and without becoming a peer.
 *
 * Handshakes are only told apart here; closing those that lose, and a dead link when its successor
 * is there, is up to the caller.
 */

interface Claim<Handshake> {
  readonly handshake: Handshake;
  readonly isDialled: boolean;
}

/** What becomes of a handshake whose peer dialled and has proven itself. */
export type Claimed<Handshake> =
  | { readonly isAccepted: false }
  /** `loser` is another handshake with the same peer, to be given up. */
  | { readonly isAccepted: true; readonly loser: Handshake | undefined };

/** The handshakes of one node that have come so far that they exclude others with the same peer. */
export class Pairing<Handshake> {
  readonly #ownId: string;
  readonly #hasLink: (id: string) => boolean;
  readonly #claims = new Map<string, Claim<Handshake>>();

  /** @param hasLink whether there is a link with the peer of that id */
  constructor(ownId: string, hasLink: (id: string) => boolean) {
    this.#ownId = ownId;
    this.#hasLink = hasLink;
  }

  /** A dialled peer has said who it is: whether this node should prove itself to it. */
  claimDialled(id: string, handshake: Handshake): boolean {
    if (this.#hasLink(id) || this.#claims.has(id)) return false;
    this.#claims.set(id, { handshake, isDialled: true });
    return true;
  }

  /** A peer that dialled has proven itself. */
  claimAccepted(id: string, handshake: Handshake): Claimed<Handshake> {
    const rival = this.#claims.get(id);
    if (rival?.isDialled && this.#ownId < id) return { isAccepted: false };
    this.#claims.set(id, { handshake, isDialled: false });
    return { isAccepted: true, loser: rival?.handshake };
  }

  /** The handshake is over, one way or the other: what it claimed is free. */
  unclaim(id: string, handshake: Handshake): void {
    if (this.#claims.get(id)?.handshake === handshake) this.#claims.delete(id);
  }
}
