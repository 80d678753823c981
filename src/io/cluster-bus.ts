/**
 * The bus of this node, wired to its cluster: links up and down, messages in and out, settings.
 *
 * Between cluster/, which decides and knows no sockets, and io/bus/, which has sockets and knows no
 * members. It decides nothing itself, except where to listen.
 */
import type { Cluster, ClusterLinks } from "../cluster/cluster.ts";
import type { PeerLink } from "../cluster/members/links.ts";
import type { OwnProfile } from "../cluster/members/own-node.ts";
import { busMessages, type Message } from "../cluster/messages.ts";
import type { ServerStats } from "../commands/server-stats.ts";
import type { Settings } from "../config/directives.ts";
import { toldPort } from "../config/told-port.ts";
import { BUS_PORT_DISTANCE } from "../util/node-address.ts";
import { Bus } from "./bus/bus.ts";
import type { BusEvents, Link } from "./bus/bus-events.ts";
import { ClusterSecrets } from "./bus/secrets.ts";
import type { PromiseKeeper } from "./log/promise-keeper.ts";
import type { Logger } from "./logger.ts";
import { TlsAcceptor } from "./tls/tls-acceptor.ts";
import type { TlsKeeper } from "./tls/tls-keeper.ts";

const PORT_MAX = 65_535;

/** What the bus needs of its node. */
export interface ClusterBusOptions {
  readonly settings: Settings;
  readonly log: Logger;
  readonly clock: { readonly nowMs: number };
  /** A turn has begun, or goes on. */
  readonly touch: () => void;
  /** For tls-cluster. */
  readonly tls: TlsKeeper;
}

/** One node's bus. */
export class ClusterBus {
  /** What the cluster asks of the transport. */
  readonly links: ClusterLinks = {
    dial: (address) => this.#bus?.dial(address),
    hangUp: (link) => this.#hangUp(link),
    send: (link, message) => this.#send(link, message),
    sendToPeer: (nodeId, message) => this.#sendToPeer(nodeId, message),
    isCongested: (nodeId) => this.#bus?.isCongested(nodeId) ?? false,
  };
  readonly #options: ClusterBusOptions;
  readonly #open = new Map<PeerLink, Link>();
  /** The incarnations of nodes that were last heard, by node id. */
  readonly #heard = new Map<string, number>();
  #bus: Bus<typeof busMessages> | undefined;
  #cluster: Cluster | undefined;
  #acceptor: TlsAcceptor | undefined;
  #clientPort = 0;
  /** 0 while nobody can connect. */
  #busPort = 0;

  constructor(options: ClusterBusOptions) {
    this.#options = options;
  }

  /** Where other nodes connect; 0: nowhere. */
  get port(): number {
    return this.#busPort;
  }

  /** Whether there is a link with any other node. */
  get isLinked(): boolean {
    return this.#open.size > 0;
  }

  /**
   * Carries this cluster's messages from now on; nobody can connect before `listen`. Failed TLS
   * handshakes are counted in `stats`.
   */
  connect(cluster: Cluster, stats: Pick<ServerStats, "tlsHandshakesFailed">): void {
    const { settings, log, clock, touch, tls } = this.#options;
    const acceptor = new TlsAcceptor({
      context: () => tls.context,
      // Nodes always show who they are, whatever clients must do.
      rule: () => "yes",
      who: "node",
      warn: (message, data) => log.warning(message, data),
      nowMs: () => clock.nowMs,
      touch,
      failed: () => {
        stats.tlsHandshakesFailed++;
      },
    });
    this.#acceptor = acceptor;
    const { nodeId, incarnation } = cluster.membership;
    const secrets = new ClusterSecrets(settings["cluster-secret"]);
    this.#cluster = cluster;
    this.#bus = new Bus({
      identity: { nodeId, incarnation },
      table: busMessages,
      events: this.#events(cluster),
      log,
      clock,
      touch,
      tls: () =>
        settings["tls-cluster"] ? { acceptor, outgoing: tls.context.outgoing } : undefined,
      access: () => ({ secrets, isProtected: settings["cluster-protected-mode"] }),
    });
    cluster.bytes = this.#bus.statistics;
  }

  /**
   * Lets other nodes in, on the addresses for clients. Returns the port, 0 when there is none to be
   * had: then this node stays alone. Throws an Error that names the address.
   */
  async listen(clientPort: number): Promise<number> {
    const { settings } = this.#options;
    const port = busPortFor(settings, clientPort);
    if (this.#bus === undefined || this.#cluster === undefined) return 0;
    if (port === undefined) {
      this.#stayAlone(clientPort);
      return 0;
    }
    // Before clients have a turn.
    this.#cluster.standstill.processBegan();
    this.#busPort = await this.#bus.start({ addresses: settings.bind, port }).catch(nameTheBus);
    this.#clientPort = clientPort;
    this.#cluster.hasBus = true;
    this.followSettings();
    return this.#busPort;
  }

  /** Nobody who wants a cluster shall have to find out why there is none. */
  #stayAlone(clientPort: number): void {
    const { settings, log } = this.#options;
    if (settings["cluster-seeds"].length > 0) {
      throw new Error("cluster-seeds needs a port for other nodes: set cluster-port");
    }
    if (clientPort === 0) return;
    log.warning("no port for other nodes, this node stays alone: set cluster-port to have one", {
      port: clientPort,
    });
  }

  /** Tells the cluster what the settings say of this node and of others; nothing before `listen`. */
  followSettings(): void {
    if (this.#busPort === 0) return;
    const { settings } = this.#options;
    const membership = this.#cluster?.membership;
    membership?.setProfile(profileOf(settings, this.#clientPort, this.#busPort));
    membership?.setNodeTimeout(settings["cluster-node-timeout"]);
    const seeds = settings["cluster-seeds"];
    membership?.setSeeds(seeds.map(({ host, busPort: port }) => ({ host, port })));
    this.#options.touch();
  }

  /** This node has another id or incarnation: all links end. */
  identityChanged(): void {
    const membership = this.#cluster?.membership;
    if (membership === undefined) return;
    this.#heard.clear();
    this.#bus?.become({ nodeId: membership.nodeId, incarnation: membership.incarnation });
  }

  /** The end of a turn: sends what was said in it and is safe. */
  flush(promises: PromiseKeeper): void {
    this.#bus?.flush(promises);
  }

  /** Says what was to be said, and ends all links. */
  async stop(): Promise<void> {
    this.#acceptor?.stop();
    await this.#bus?.stop();
  }

  #events(cluster: Cluster): BusEvents<Message> {
    const { membership } = cluster;
    return {
      linkUp: (link) => {
        this.#open.set(link.facts, link);
        membership.linkUp(link.facts);
      },
      linkDown: (link) => {
        this.#open.delete(link.facts);
        membership.linkDown(link.facts);
        const { remoteId } = link.facts;
        // What waits for a node that is no member any more will never be asked for.
        const isGone = this.#bus?.linkWith(remoteId) === undefined;
        if (!isGone || membership.member(remoteId) !== undefined) return;
        this.#bus?.forget(remoteId);
        this.#heard.delete(remoteId);
      },
      received: (link, message) => {
        cluster.received(link.facts, message);
      },
      dialFailed: (address, failure) => membership.dialFailed(address, failure),
      opened: ({ facts }, isNewStream) => {
        const isSameLife = this.#heard.get(facts.remoteId) === facts.incarnation;
        this.#heard.set(facts.remoteId, facts.incarnation);
        if (isNewStream && isSameLife) cluster.answersLost(facts.remoteId);
      },
      congestionChanged: ({ facts }) => cluster.congestionChanged(facts.remoteId),
      streamBroken: (remoteId) => cluster.streamBroken(remoteId),
    };
  }

  #send(link: PeerLink, message: Message): void {
    const open = this.#open.get(link);
    if (open === undefined || this.#cluster === undefined) return;
    this.#cluster.messagesSent.add(message.type);
    this.#bus?.send(open.facts.linkId, message);
  }

  #sendToPeer(nodeId: string, message: Message): boolean {
    if (this.#bus === undefined || this.#cluster === undefined) return false;
    this.#cluster.messagesSent.add(message.type);
    return this.#bus.sendToPeer(nodeId, message);
  }

  /** Goes after what was said in this turn, a farewell perhaps. */
  #hangUp(link: PeerLink): void {
    const open = this.#open.get(link);
    if (open !== undefined) this.#bus?.hangUp(open.facts.linkId);
  }
}

function nameTheBus(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(`cluster bus: ${reason} (see cluster-port)`, { cause: error });
}

/** cluster-port, or 10000 above the client port; any free one where that was found by `ports-file`. */
function busPortFor(settings: Settings, clientPort: number): number | undefined {
  if (settings["cluster-port"] !== 0) return settings["cluster-port"];
  const told = toldPort(settings, { port: settings.port, tlsPort: settings["tls-port"] });
  // Any free one where the client port is any free one.
  if (told <= 0) return clientPort === 0 ? undefined : 0;
  const port = told + BUS_PORT_DISTANCE;
  return port > PORT_MAX ? undefined : port;
}

/** What this node tells the others of itself. */
export function profileOf(settings: Settings, clientPort: number, busPort: number): OwnProfile {
  return {
    host: settings["announce-ip"],
    port: settings["announce-port"] || clientPort,
    busPort: settings["announce-cluster-port"] || busPort,
    zone: settings["cluster-zone"],
  };
}
