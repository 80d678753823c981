/**
 * What the bus tells the node it belongs to, and the words both use for it.
 *
 * The bus knows connections and bytes, the node knows members and messages: which address to dial,
 * what to do when a link is gone. Everything is told in the turn in which it happens, and in order,
 * but nothing from inside a call of the bus other than `flush` and `stop`.
 */
import type { Refusal } from "./refusal.ts";

/** Where a node listens for its peers: a literal address or a name, and the bus port. */
export interface BusAddress {
  readonly host: string;
  readonly port: number;
}

/** Who this node says it is. */
export interface BusIdentity {
  /** 40 lower-case hexadecimal digits. */
  readonly nodeId: string;
  /** Whole number, 0 to 2^53 - 1; another one with every start. */
  readonly incarnation: number;
}

/** What is true of a link from its first moment to its last. */
export interface LinkFacts {
  /** Names the link in this process; never used again. */
  readonly linkId: number;
  readonly remoteId: string;
  readonly incarnation: number;
  /** The peer's address as seen here, without port. */
  readonly remoteIp: string;
  /** Ours as the peer sees it or as we chose it, without port. */
  readonly localIp: string;
  /** This node opened the connection; `dialled` is where to. */
  readonly isInitiator: boolean;
  readonly dialled: BusAddress | undefined;
  /** The version of the protocol that is spoken on it. */
  readonly version: number;
}

/** Why a dial did not become a link. Refusals may come from either side. */
export type DialFailureReason =
  | Refusal
  /** No connection: refused, no route, no such host. */
  | "unreachable"
  /** It took too long to connect, or the peer fell silent during the handshake. */
  | "timeout"
  /** The connection ended during the handshake, without a reason given. */
  | "closed"
  /** Something else than a node of this kind answers there. */
  | "not-a-peer"
  /** Another process says that it is this node. */
  | "same-id"
  /** One of the two nodes does not like the other's certificate, or speaks no TLS. */
  | "tls"
  /** Too many dials are under way. */
  | "busy";

/** How a dial failed. */
export interface DialFailure {
  readonly reason: DialFailureReason;
  /** For the log and for operators. */
  readonly text: string;
  /** Who answers there, as far as it said so. */
  readonly remoteId: string | undefined;
  /** That node has proven that it knows the cluster secret (or needs none). */
  readonly isProven: boolean;
}

/** Why a link ended. */
export type LinkEnd =
  /** The peer, the network or the system ended the connection. */
  | "lost"
  /** `hangUp` was called, or the bus stopped. */
  | "hung-up"
  /** The peer has opened another connection, so this one is dead; `linkUp` follows. */
  | "replaced"
  /** What came was damaged, or nothing this version can read. */
  | "damaged"
  /** More waits for the peer than the hard limit allows. */
  | "overflow";

/** A link as the node sees it. */
export interface Link {
  readonly facts: LinkFacts;
  /** When bytes of the peer last arrived (monotonic ms); the beginning of the link counts. */
  readonly lastHeardMs: number;
  /** More waits for the peer than the soft limit: choose others for new copies. */
  readonly isCongested: boolean;
  /** Bytes held for the peer: not sent, or sent and to be confirmed. */
  readonly outstandingBytes: number;
}

/** The callbacks of a bus; `Message` is whatever its codec reads. All may call the bus. */
export interface BusEvents<Message> {
  /** Messages may be sent and will be received from now on. */
  linkUp(link: Link): void;
  /**
   * Told once for each link, before anything arrives: whether the peer remembers what it has sent us
   * on earlier links. If not (`isNewStream`), control messages may be missing.
   */
  opened(link: Link, isNewStream: boolean): void;
  received(link: Link, message: Message): void;
  /** Told once for each link; nothing more comes from it. `text` is for the log. */
  linkDown(link: Link, end: LinkEnd, text: string): void;
  /** The link passed the soft limit, or has come below it again. */
  congestionChanged(link: Link): void;
  /**
   * All that waited for the peer was dropped: it was too much, or it was for its former life, and the
   * peer has started again (then `linkUp` follows).
   */
  streamBroken(remoteId: string): void;
  /** Told for every dial that did not become a link. */
  dialFailed(address: BusAddress, failure: DialFailure): void;
}
