/**
 * Where other nodes come in: TCP on several addresses, one port.
 *
 * Who they are is found out later, by the handshake; nobody is refused here. The rules for addresses
 * are those of `bind` for clients.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { type Endpoints, tcpEndpoints } from "../endpoints.ts";
import { systemErrorText } from "../system-error.ts";
import { listenTcp } from "../tcp-listen.ts";
import type { TlsAcceptor } from "../tls/tls-acceptor.ts";

/** Connections the system keeps for us until they are accepted. */
const BACKLOG = 511;

/** Where to listen. */
export interface BusListenOptions {
  /** As in `bind`: "" or "*" is any, a leading "-" means it may be missing. Empty: all. */
  readonly addresses: readonly string[];
  /** 0: any free one. */
  readonly port: number;
}

/** What a listener tells. */
export interface BusListenerEvents {
  /** A socket that was created paused. */
  accepted(socket: Socket, endpoints: Endpoints): void;
  /** A connection was not accepted, for instance for lack of files. */
  failed(text: string): void;
}

/** TLS between nodes. */
export interface BusTls {
  /** Makes TLS connections of those that come in. */
  readonly acceptor: TlsAcceptor;
  /** For those that this node opens. */
  readonly outgoing: SecureContext;
}

/** Accepts connections of one node's bus. */
export class BusListener {
  readonly #events: BusListenerEvents;
  readonly #tls: (() => BusTls | undefined) | undefined;
  readonly #servers: Server[] = [];

  constructor(events: BusListenerEvents, tls?: () => BusTls | undefined) {
    this.#events = events;
    this.#tls = tls;
  }

  /**
   * Opens all addresses. Returns the port; throws an Error that names the address, and then listens
   * on none.
   */
  async listen(options: BusListenOptions): Promise<number> {
    const addresses = options.addresses.length === 0 ? [""] : options.addresses;
    let { port } = options;
    try {
      for (const address of addresses) port = await this.#listenOn(address, port);
      if (this.#servers.length === 0) {
        throw new Error("the cluster bus has no address to listen on: see bind");
      }
    } catch (error) {
      this.close();
      throw error;
    }
    return port;
  }

  /** Stops accepting; established connections are not touched. */
  close(): void {
    for (const server of this.#servers) server.close();
    this.#servers.length = 0;
  }

  async #listenOn(address: string, port: number): Promise<number> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      this.#accept(socket),
    );
    const found = await listenTcp(server, { address, port, backlog: BACKLOG });
    if (found === undefined) return port;
    this.#servers.push(server);
    server.on("error", (error) => this.#events.failed(systemErrorText(error)));
    return found;
  }

  #accept(socket: Socket): void {
    const endpoints = tcpEndpoints(socket);
    // It has gone already; who it was nobody can tell any more.
    const tls = this.#tls?.();
    const accepted = (ready: Socket): void => {
      if (endpoints !== undefined) this.#events.accepted(ready, endpoints);
    };
    if (endpoints === undefined) socket.destroy();
    else if (tls === undefined) accepted(socket);
    else tls.acceptor.accept(socket, endpoints, accepted);
  }
}
