/**
 * The cluster bus: one authenticated link with each peer, and messages over it.
 *
 *   dial, accept -> handshake (handshaking.ts) -> link (bus-link.ts) -> messages, until it ends
 *
 * It carries messages and does not know what they mean; whom to dial, when to dial again and when a
 * silent peer counts as failed is decided by the node, which is told everything through `BusEvents`.
 * What is sent in a turn leaves at its end (`flush`), with one write for each link. Control messages
 * survive a link: they are sent again over the next one with the same peer, and handed up once.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { MessageIn, MessageTable } from "../../cluster/wire/codec.ts";
import { Complaints } from "../complaints.ts";
import type { Endpoints } from "../endpoints.ts";
import { HeldBack } from "../held-back.ts";
import { nothingPromised, type PromiseKeeper } from "../log/promise-keeper.ts";
import type { Logger } from "../logger.ts";
import { hostOf } from "./addresses.ts";
import type { BusAddress, BusIdentity, DialFailure, Link, LinkEnd } from "./bus-events.ts";
import { BusLink, type LinkOwner } from "./bus-link.ts";
import { BusListener, type BusListenOptions } from "./bus-listener.ts";
import { type BusDefaults, type BusOptions, type BusSettings, busDefaults } from "./bus-options.ts";
import { type BusPeer, BusPeers, type PeersOwner } from "./bus-peers.ts";
import { BusStatistics, MeasuringCodec } from "./bus-statistics.ts";
import { Handshakes, type HandshakesOwner } from "./handshakes.ts";
import type { Agreed, HandshakeTerms, Handshaking, Rest } from "./handshaking.ts";
import { OwnNonces } from "./own-nonces.ts";
import { Pairing } from "./pairing.ts";

/** The bus of one node. */
export class Bus<Table extends MessageTable>
  implements HandshakesOwner, LinkOwner<Table>, PeersOwner<Table>
{
  readonly statistics = new BusStatistics();
  readonly codec: MeasuringCodec<Table>;
  readonly log: Logger;
  readonly #options: BusSettings<Table>;
  readonly #listener: BusListener;
  readonly #handshakes = new Handshakes(this);
  readonly #peers = new BusPeers<Table>(this);
  readonly #links = new Map<number, BusLink<Table>>();
  readonly #complaints = new Complaints();
  readonly #ownNonces = new OwnNonces();
  #identity: BusIdentity;
  #pairing: Pairing<Handshaking>;
  readonly #speaking = new HeldBack<BusLink<Table>>();
  #promises = nothingPromised;
  /** What is to be told of links and dials, in order. */
  #news: (() => void)[] = [];
  #lastLinkId = 0;
  #isStopped = false;
  #allEnded: (() => void) | undefined;

  constructor(options: BusOptions<Table> & Partial<BusDefaults>) {
    this.#options = { ...busDefaults, ...options };
    this.log = options.log;
    this.codec = new MeasuringCodec(options.table, this.statistics);
    this.#identity = options.identity;
    this.#pairing = this.#newPairing();
    const accepted = (socket: Socket, from: Endpoints) => this.#accepted(socket, from);
    const failed = (text: string) => this.#acceptFailed(text);
    this.#listener = new BusListener({ accepted, failed }, options.tls);
  }

  get nowMs(): number {
    return this.#options.clock.nowMs;
  }

  get links(): Iterable<Link> {
    return this.#links.values();
  }

  get handshakeCount(): number {
    return this.#handshakes.count;
  }

  /** Listens. Returns the port; throws an Error that names the address. Dialling needs no listener. */
  start(options: BusListenOptions): Promise<number> {
    return this.#listener.listen(options);
  }

  /**
   * Stops for good: says what was to be said, then ends all links. Resolves when everything has
   * reached the kernel or `stopMs` is over.
   */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#listener.close();
    this.#handshakes.stop();
    for (const link of [...this.#links.values()]) link.finish();
    if (this.#links.size > 0) await this.#ended();
    for (const link of [...this.#links.values()]) link.close("hung-up", "this node is stopping");
    this.#tellNews();
  }

  /** Takes another identity (CLUSTER RESET HARD): all links end, nothing of the old one is kept. */
  become(identity: BusIdentity): void {
    this.#handshakes.stop();
    for (const link of [...this.#links.values()]) link.part("this node changed its id");
    this.#peers.clear();
    this.#identity = identity;
    this.#pairing = this.#newPairing();
  }

  /**
   * Connects to a node; ends in `linkUp` or in `dialFailed` with this very address. With `expectedId` another
   * node's answer is a failure ("wrong-id") that tells who it was; without, whoever answers is a peer.
   */
  dial(address: BusAddress, expectedId?: string): void {
    if (!this.#isStopped) this.#handshakes.dial(address, expectedId);
    else this.#handshakes.reject(address, "stopping", "this node is stopping");
  }

  /**
   * Ends a link after what was sent on it, as far as the connection takes that. Nothing more comes
   * from it but `linkDown`; nothing happens if it has ended already.
   */
  hangUp(linkId: number): void {
    this.#links.get(linkId)?.part("this node closed the connection");
  }

  /** Queues a message. False: the link has ended or is about to, and the message is lost. */
  send(linkId: number, message: MessageIn<Table>): boolean {
    return this.#links.get(linkId)?.send(message) ?? false;
  }

  /**
   * Queues a message for a peer, whether it has a link now or not. Without a link, control messages
   * wait for the next one, others are lost (false). At the hard limit all that waits is dropped, and
   * the peer learns it from a new stream (`opened`).
   */
  sendToPeer(remoteId: string, message: MessageIn<Table>): boolean {
    const peer = this.#peers.know(remoteId);
    if (peer.link !== undefined) return peer.link.send(message);
    const isQueued = peer.channel.send(message);
    if (!peer.channel.outbox.isOverflowing) return isQueued;
    this.#break(peer, remoteId);
    this.log.warning("too much waited for a node that is away; it was dropped", { remoteId });
    return false;
  }

  /** More waits for a peer than the soft limit, whether it has a link now or not. */
  isCongested(remoteId: string): boolean {
    const peer = this.#peers.find(remoteId);
    return peer?.link?.isCongested ?? peer?.channel.outbox.isCongested ?? false;
  }

  linkWith(remoteId: string): Link | undefined {
    return this.#peers.find(remoteId)?.link;
  }

  /** The peer is no member any more: its link ends, and what waits for it is dropped. */
  forget(remoteId: string): void {
    this.#peers.find(remoteId)?.link?.part("this node was told to forget the peer");
    this.#peers.forget(remoteId);
  }

  /** The end of a turn: tells what has happened, and sends what was queued and is safe. */
  flush(promises: PromiseKeeper = nothingPromised): void {
    this.#promises = promises;
    this.#speaking.flush(promises, this.#tellNews);
  }

  get mayTellAtOnce(): boolean {
    return !this.#promises.isNeeded;
  }

  touch(): void {
    this.#options.touch();
  }

  randomBytes(length: number): Buffer {
    return randomBytes(length);
  }

  terms(): HandshakeTerms {
    const { access, versions, handshakeMs, isLocal, tls } = this.#options;
    const [identity, pairing] = [this.#identity, this.#pairing];
    const isOutdated = (id: string, incarnation: number) =>
      incarnation < (this.#peers.find(id)?.incarnation ?? 0);
    const given = { versions, handshakeMs, isLocal, access: access(), randomBytes };
    const secureContext = tls?.()?.outgoing;
    return { identity, pairing, isOutdated, ownNonces: this.#ownNonces, secureContext, ...given };
  }

  succeeded(handshaking: Handshaking, { remote, version }: Agreed, rest: Rest): void {
    const peer = this.#peers.know(remote.nodeId);
    peer.link?.close("replaced", "the peer has opened another connection");
    // What waited for its former life means nothing to this one.
    const hasRestarted = peer.incarnation !== 0 && peer.incarnation !== remote.incarnation;
    if (hasRestarted) this.#break(peer, remote.nodeId);
    peer.incarnation = remote.incarnation;
    const { socket, dial } = handshaking;
    const { remoteAddress = "", localIp = "" } = socket.endpoints ?? {};
    const link = new BusLink(this, socket, peer.channel, {
      linkId: ++this.#lastLinkId,
      remoteId: remote.nodeId,
      incarnation: remote.incarnation,
      remoteIp: hostOf(remoteAddress),
      localIp,
      isInitiator: dial !== undefined,
      dialled: dial?.address,
      version,
    });
    peer.link = link;
    this.#links.set(link.facts.linkId, link);
    this.statistics.linksOpened++;
    this.#tell(() => this.#options.events.linkUp(link));
    this.#tellNews();
    link.received(rest.buffer, rest.start, rest.end);
  }

  dialFailed(address: BusAddress, failure: DialFailure): void {
    this.#tell(() => this.#options.events.dialFailed(address, failure));
  }

  noteDirty(link: BusLink<Table>): void {
    this.#speaking.noteDirty(link);
  }

  opened(link: BusLink<Table>, isNewStream: boolean): void {
    this.#options.events.opened(link, isNewStream);
  }

  received(link: BusLink<Table>, message: MessageIn<Table>): void {
    this.#options.events.received(link, message);
  }

  congestionChanged(link: BusLink<Table>): void {
    this.#tell(() => this.#options.events.congestionChanged(link));
  }

  ended(link: BusLink<Table>, end: LinkEnd, text: string): void {
    const { linkId, remoteId, remoteIp } = link.facts;
    this.#links.delete(linkId);
    const peer = this.#peers.find(remoteId);
    if (peer?.link === link) {
      peer.link = undefined;
      if (end === "overflow") this.#break(peer, remoteId);
    }
    const isOurComplaint = end === "damaged" || end === "overflow";
    if (isOurComplaint && this.#complaints.mayLog(remoteId, this.nowMs)) {
      this.log.warning("link with another node closed", { remoteId, remoteIp, reason: end, text });
    }
    this.#tell(() => this.#options.events.linkDown(link, end, text));
    if (this.#links.size === 0) this.#allEnded?.();
  }

  #break(peer: BusPeer<Table>, remoteId: string): void {
    this.#peers.restart(peer);
    this.#tell(() => this.#options.events.streamBroken(remoteId));
  }

  #accepted(socket: Socket, endpoints: Endpoints): void {
    this.touch();
    if (this.#isStopped) socket.destroy();
    else this.#handshakes.accept(socket, endpoints);
  }

  #acceptFailed(text: string): void {
    this.touch();
    if (!this.#complaints.mayLog("listener", this.nowMs)) return;
    this.log.warning("a connection of another node was not accepted", { error: text });
  }

  /** Not told from inside a call: whoever hangs up a link need not expect its end at once. */
  #tell(news: () => void): void {
    this.#news.push(news);
    this.touch();
  }

  readonly #tellNews = (): void => {
    while (this.#news.length > 0) {
      const news = this.#news;
      this.#news = [];
      for (const tell of news) tell();
    }
  };

  #newPairing(): Pairing<Handshaking> {
    return new Pairing(this.#identity.nodeId, (id) => this.linkWith(id) !== undefined);
  }

  #ended(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.stopMs);
      this.#allEnded = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
