/**
 * Where other nodes come in: TCP on several addresses, one port.
 *
 * Who they are is found out later, by the handshake; nobody is refused here. The rules for addresses
 * are those of `bind` for clients.
 */
import { createServer, type Server, type Socket } from "node:net";
import { type Endpoints, tcpEndpoints } from "../endpoints.ts";
import { systemErrorCode, systemErrorText } from "../system-error.ts";

/** Connections the system keeps for us until they are accepted. */
const BACKLOG = 511;
/** Redis' names for all addresses of one kind. */
const ALL_ADDRESSES: Readonly<Record<string, string>> = { "*": "0.0.0.0", "::*": "::" };
/** An optional address may not exist on this machine. */
const MISSING_ADDRESS_CODES: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

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

/** Accepts connections of one node's bus. */
export class BusListener {
  readonly #events: BusListenerEvents;
  readonly #servers: Server[] = [];

  constructor(events: BusListenerEvents) {
    this.#events = events;
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
    const isOptional = address.startsWith("-");
    const name = isOptional ? address.slice(1) : address;
    const host = ALL_ADDRESSES[name] ?? name;
    const where = host === "" ? {} : { host, ipv6Only: host.includes(":") };
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      this.#accept(socket),
    );
    try {
      await opened(server, { ...where, port, backlog: BACKLOG });
    } catch (error) {
      if (isOptional && MISSING_ADDRESS_CODES.has(systemErrorCode(error) ?? "")) return port;
      const place = `${host === "" ? "any address" : host} port ${port}`;
      throw new Error(`cannot listen for other nodes on ${place}: ${systemErrorText(error)}`);
    }
    this.#servers.push(server);
    server.on("error", (error) => this.#events.failed(systemErrorText(error)));
    const bound = server.address();
    return bound !== null && typeof bound === "object" ? bound.port : port;
  }

  #accept(socket: Socket): void {
    const endpoints = tcpEndpoints(socket);
    // It has gone already; who it was nobody can tell any more.
    if (endpoints === undefined) socket.destroy();
    else this.#events.accepted(socket, endpoints);
  }
}

function opened(server: Server, options: Parameters<Server["listen"]>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
