/**
 * The bus of a simulated process: what src/io/bus is to a real one.
 *
 * One link a pair, streams that outlive links, everything told in order and never from inside a call.
 * What is said in a turn leaves at its end.
 */
import type { ClusterLinks } from "../../../src/cluster/cluster.ts";
import type { FailedDial, PeerAddress, PeerLink } from "../../../src/cluster/members/links.ts";
import type { Message } from "../../../src/cluster/messages.ts";
import { Pairing } from "../../../src/io/bus/pairing.ts";
import type { Xorshift } from "../../../src/util/xorshift.ts";
import type { Socket } from "./connection.ts";
import { type Greeting, Handshake, type HandshakeOwner } from "./handshake.ts";
import { SimLink } from "./link.ts";
import type { PeerStream, StreamReceiver } from "./streams.ts";

/** Everything between the first packet of a dial and its link, as in bus-options.ts. */
const HANDSHAKE_MS = 5000;
const STREAM_IDS = 2 ** 48;
const NOBODY: FailedDial = { remoteId: undefined, isProven: false };

/** What the bus needs of its process. */
export interface BusHome {
  readonly isAlive: boolean;
  readonly greeting: Greeting;
  readonly random: Xorshift;
  readonly congested: ReadonlySet<string>;
  post(run: () => void): void;
  touch(): void;
  /** Asks for a connection; `connected` is called in a turn, if ever. */
  connect(ip: string, connected: (socket: Socket | undefined) => void): void;
  /** In true time. */
  after(delayMs: number, run: () => void): void;
  newStream(receiver: StreamReceiver, streamId: number): PeerStream;
  ipOf(socket: Socket): string;
  linkUp(link: PeerLink): void;
  linkDown(link: PeerLink): void;
  received(link: PeerLink, message: Message): void;
  dialFailed(address: PeerAddress, failure: FailedDial): void;
  /** What was said to a node was dropped here; or, not ours, what it had said was dropped there. */
  streamBroken(nodeId: string, isOurs: boolean): void;
  /** A message is queued for a peer; for whoever watches. */
  sent(nodeId: string, message: Message): void;
  mark(what: string): void;
}

interface Peer {
  readonly stream: PeerStream;
  link: SimLink | undefined;
  incarnation: number;
  /** The incarnation that was last heard. */
  heard: number;
}

/** Links of one process. */
export class SimBus implements HandshakeOwner {
  /** What the cluster asks of the transport. */
  readonly links: ClusterLinks & { sendToPeer(nodeId: string, message: Message): boolean } = {
    dial: (address) => this.#dial(address),
    hangUp: (link) => this.#linkOf(link)?.part(),
    send: (link, message) => {
      const open = this.#linkOf(link);
      if (open === undefined) return;
      this.#home.sent(link.remoteId, message);
      open.send(message);
    },
    sendToPeer: (nodeId, message) => this.#sendToPeer(nodeId, message),
    isCongested: (nodeId) => this.#home.congested.has(nodeId),
  };
  pairing: Pairing<Handshake>;
  readonly #home: BusHome;
  readonly #peers = new Map<string, Peer>();
  readonly #handshakes = new Map<Handshake, PeerAddress | undefined>();
  readonly #open = new Map<PeerLink, SimLink>();
  #dirty: SimLink[] = [];
  #news: (() => void)[] = [];

  constructor(home: BusHome) {
    this.#home = home;
    this.pairing = this.#newPairing();
  }

  get greeting(): Greeting {
    return this.#home.greeting;
  }

  /** Peers with a link. */
  get linkCount(): number {
    return this.#open.size;
  }

  accept(socket: Socket): void {
    this.#handshakes.set(new Handshake(this, socket, false), undefined);
  }

  isOutdated(nodeId: string, incarnation: number): boolean {
    return incarnation < (this.#peers.get(nodeId)?.incarnation ?? 0);
  }

  succeeded(handshake: Handshake, remote: Greeting): void {
    const dialled = this.#handshakes.get(handshake);
    this.#handshakes.delete(handshake);
    const peer = this.#know(remote.nodeId);
    peer.link?.close();
    const isOther = peer.incarnation !== 0 && peer.incarnation !== remote.incarnation;
    // What waited for another process of the node is of no use to this one.
    if (isOther) this.#restart(remote.nodeId);
    peer.incarnation = remote.incarnation;
    const link = new SimLink(this, handshake.socket, peer.stream, {
      remoteId: remote.nodeId,
      incarnation: remote.incarnation,
      remoteIp: this.#home.ipOf(handshake.socket),
      dialled,
    });
    peer.link = link;
    this.#open.set(link.facts, link);
    this.#home.mark("link up");
    link.start();
    this.#tell(() => this.#home.linkUp(link.facts));
    this.#tellNews();
  }

  failed(handshake: Handshake, remoteId: string | undefined, isProven: boolean): void {
    const address = this.#handshakes.get(handshake);
    this.#handshakes.delete(handshake);
    if (address === undefined) return;
    this.#tell(() => this.#home.dialFailed(address, { remoteId, isProven }));
  }

  noteDirty(link: SimLink): void {
    this.#home.touch();
    this.#dirty.push(link);
  }

  overflowed(link: SimLink): void {
    this.#home.mark("stream broken");
    link.close();
    this.#restart(link.facts.remoteId);
  }

  ended(link: SimLink): void {
    this.#open.delete(link.facts);
    const peer = this.#peers.get(link.facts.remoteId);
    if (peer?.link === link) peer.link = undefined;
    this.#tell(() => this.#home.linkDown(link.facts));
  }

  /** The peer is no member any more: what waits for it is dropped. */
  forgetIfIdle(nodeId: string): void {
    if (this.#peers.get(nodeId)?.link === undefined) this.#peers.delete(nodeId);
  }

  /** This node has another identity: all links end. */
  become(): void {
    for (const handshake of [...this.#handshakes.keys()]) handshake.giveUp();
    for (const link of [...this.#open.values()]) link.part();
    this.#peers.clear();
    this.pairing = this.#newPairing();
  }

  /** The end of a turn. */
  flush(): void {
    this.#tellNews();
    while (this.#dirty.length > 0) {
      const dirty = this.#dirty;
      this.#dirty = [];
      for (const link of dirty) link.flush();
      this.#tellNews();
    }
  }

  /** A new id for a stream. */
  newStreamId(): number {
    return this.#home.random.below(STREAM_IDS);
  }

  #linkOf(link: PeerLink): SimLink | undefined {
    return this.#open.get(link);
  }

  #dial(address: PeerAddress): void {
    let isSettled = false;
    const settle = (run: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      this.#home.post(run);
    };
    this.#home.after(HANDSHAKE_MS, () => settle(() => this.#home.dialFailed(address, NOBODY)));
    this.#home.connect(address.host, (socket) => {
      if (isSettled) {
        socket?.destroy();
        return;
      }
      isSettled = true;
      if (socket === undefined) {
        this.#home.dialFailed(address, NOBODY);
        return;
      }
      const handshake = new Handshake(this, socket, true);
      this.#handshakes.set(handshake, address);
      this.#home.after(HANDSHAKE_MS, () =>
        this.#home.post(() => {
          if (this.#handshakes.has(handshake)) handshake.giveUp();
        }),
      );
    });
  }

  #sendToPeer(nodeId: string, message: Message): boolean {
    const peer = this.#know(nodeId);
    this.#home.sent(nodeId, message);
    if (peer.link !== undefined) return peer.link.send(message);
    const isQueued = peer.stream.send(message);
    if (!peer.stream.isOverflowing) return isQueued;
    this.#home.mark("stream broken");
    this.#restart(nodeId);
    return false;
  }

  #restart(nodeId: string): void {
    this.#know(nodeId).stream.restart(this.newStreamId());
    this.#tell(() => this.#home.streamBroken(nodeId, true));
  }

  #know(nodeId: string): Peer {
    const known = this.#peers.get(nodeId);
    if (known !== undefined) return known;
    const home = this.#home;
    const peer: Peer = {
      link: undefined,
      incarnation: 0,
      heard: 0,
      stream: home.newStream(
        {
          opened: (isNew) => this.#opened(nodeId, peer, isNew),
          received: (message) => peer.link && home.received(peer.link.facts, message),
        },
        this.newStreamId(),
      ),
    };
    this.#peers.set(nodeId, peer);
    return peer;
  }

  /** Not on first contact, nor after a restart: then nothing was awaited. */
  #opened(nodeId: string, peer: Peer, isNew: boolean): void {
    const isSameLife = peer.heard === peer.incarnation;
    peer.heard = peer.incarnation;
    this.#home.mark("stream opened");
    if (isNew && isSameLife) this.#home.streamBroken(nodeId, false);
  }

  #newPairing(): Pairing<Handshake> {
    const hasLink = (id: string) => this.#peers.get(id)?.link !== undefined;
    return new Pairing(this.#home.greeting.nodeId, hasLink);
  }

  /** Not told from inside a call. */
  #tell(news: () => void): void {
    this.#news.push(news);
    this.#home.post(() => {});
  }

  #tellNews(): void {
    while (this.#news.length > 0) {
      const news = this.#news;
      this.#news = [];
      for (const tell of news) tell();
    }
  }
}
