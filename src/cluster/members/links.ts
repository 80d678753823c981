/**
 * What membership asks of the transport, and what it is told.
 *
 * The transport keeps one duplex link for each pair of nodes, knows for certain who is at the other
 * end, and carries messages in order until the link ends. Which addresses to dial, when again, and
 * whether the right node answered is decided here. Nothing is told from inside a call.
 */
import type { MembershipMessage } from "../messages.ts";

/** Where a node listens for others: a literal address or a name, and its bus port. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** A link that is up. The object itself is its name: the transport hands in the same one every time. */
export interface PeerLink {
  /** The authenticated id of the node at the other end. */
  readonly remoteId: string;
  /** Of that node, when the link was made. */
  readonly incarnation: number;
  /** Its address as seen from here, without port. */
  readonly remoteIp: string;
  /** The address given to `dial`; undefined when the other side has dialled. */
  readonly dialled: PeerAddress | undefined;
}

/** How a dial ended that did not become a link. */
export interface FailedDial {
  /** Who answered there, as far as it said so. */
  readonly remoteId: string | undefined;
  /** That node has proven that it belongs to the cluster. */
  readonly isProven: boolean;
  /** Why, for the log. */
  readonly text?: string;
}

/** What the transport does for membership. */
export interface MembershipLinks {
  /** Ends in `linkUp` or `dialFailed`, within a time the transport limits. */
  dial(address: PeerAddress): void;
  /** Ends the link after what was sent on it. Nothing more is heard from it but `linkDown`. */
  hangUp(link: PeerLink): void;
  send(link: PeerLink, message: MembershipMessage): void;
}

/** Equal for equal addresses. */
export function addressKey(address: PeerAddress): string {
  return `${address.port} ${address.host}`;
}
