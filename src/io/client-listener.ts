/**
 * Where clients come in: TCP on several addresses, with and without TLS, and a unix socket.
 *
 * A connection is refused here for reasons that do not depend on what it would ask: too many
 * clients, or a stranger from outside while no password is set (protected mode). One on the TLS port
 * becomes a client when its handshake is over; until then it takes the place of one.
 */
import { chmodSync, statSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { resolve } from "node:path";
import type { Settings } from "../config/directives.ts";
import { ANY_PORT } from "../config/kinds-network.ts";
import type { ClientPorts } from "../config/told-port.ts";
import { fullLimits, unauthenticatedLimits } from "../protocol/request.ts";
import { readAccepted } from "./accepted-socket.ts";
import { ClientConnection } from "./client-connection.ts";
import type { Clients } from "./clients.ts";
import { type Endpoints, tcpEndpoints, unixEndpoints } from "./endpoints.ts";
import { closeGently } from "./linger.ts";
import { systemErrorCode, systemErrorText } from "./system-error.ts";
import { listen, listenTcp, type TcpPlace } from "./tcp-listen.ts";
import { TlsAcceptor } from "./tls/tls-acceptor.ts";
import type { TlsKeeper } from "./tls/tls-keeper.ts";

const REFUSED_TOO_MANY = "-ERR max number of clients reached\r\n";
const REFUSED_STRANGER =
  "-DENIED ringq is in protected mode: no password is set, so only clients on this machine may " +
  "connect. Set requirepass, or protected-mode no if strangers cannot reach this port.\r\n";
/** A machine that cannot accept says so at most this often. */
const COMPLAINT_MS = 1000;

/** What to listen on. */
export interface ListenOptions {
  /** Addresses; a leading "-" means it may be missing. Empty: all. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** 0 is a free port, not "no TCP". */
  readonly anyPort: boolean;
  /** 0: none. */
  readonly tlsPort: number;
  readonly backlog: number;
  readonly unixSocket: string;
  /** 0: as the process' umask gives it. */
  readonly unixSocketPermissions: number;
}

/** As the settings say. */
export function listenOptions(settings: Settings): ListenOptions {
  return {
    addresses: settings.bind,
    port: settings.port,
    anyPort: settings["ports-file"] !== "" && settings["tls-port"] === 0,
    tlsPort: settings["tls-port"],
    backlog: settings["tcp-backlog"],
    unixSocket: settings.unixsocket,
    unixSocketPermissions: settings.unixsocketperm,
  };
}

/** Accepts clients of one server. */
export class ClientListener {
  readonly #clients: Clients;
  readonly #servers: Server[] = [];
  readonly #handshakes: TlsAcceptor;
  #complainedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clients: Clients, tls: TlsKeeper) {
    this.#clients = clients;
    const { host, stats, config } = clients.server;
    this.#handshakes = new TlsAcceptor({
      context: () => tls.context,
      rule: () => config.settings["tls-auth-clients"],
      who: "client",
      warn: (message, data) => host.log("warning", message, data),
      nowMs: () => host.nowMs,
      touch: () => clients.touch(),
      failed: () => {
        stats.tlsHandshakesFailed++;
      },
    });
  }

  /** Opens all listeners. Throws an Error that names the address. */
  async listen(options: ListenOptions): Promise<ClientPorts> {
    let { port, tlsPort } = options;
    const addresses = options.addresses.length === 0 ? [""] : options.addresses;
    if (port !== 0 || options.anyPort) {
      const newServer = () => this.#newServer(tcpEndpoints, (...one) => this.#accept(...one));
      for (const address of addresses)
        port = await this.#listenTcp(newServer(), { ...options, address, port });
    }
    if (tlsPort !== 0) {
      if (tlsPort === ANY_PORT) tlsPort = 0;
      const newServer = () => this.#newServer(tcpEndpoints, (...one) => this.#acceptTls(...one));
      for (const address of addresses)
        tlsPort = await this.#listenTcp(newServer(), { ...options, address, port: tlsPort });
    }
    if (options.unixSocket !== "") await this.#listenUnix(options);
    if (this.#servers.length === 0) {
      throw new Error("nothing to listen on: see port, bind and unixsocket in the configuration");
    }
    return { port, tlsPort };
  }

  /** Stops accepting; established connections are not touched. */
  close(): void {
    for (const server of this.#servers) server.close();
    this.#servers.length = 0;
    this.#handshakes.stop();
  }

  async #listenTcp(server: Server, place: TcpPlace): Promise<number> {
    const found = await listenTcp(server, place);
    if (found !== undefined) this.#opened(server);
    return found ?? place.port;
  }

  async #listenUnix(options: ListenOptions): Promise<void> {
    // Absolute: it is removed at the end, when the working directory may be another.
    const path = resolve(options.unixSocket);
    const server = this.#newServer(
      () => unixEndpoints(options.unixSocket),
      (...one) => this.#accept(...one),
    );
    try {
      await listen(server, { path, backlog: options.backlog }).catch(async (error: unknown) => {
        if (systemErrorCode(error) !== "EADDRINUSE" || !(await isLeftOver(path))) throw error;
        unlinkSync(path);
        await listen(server, { path, backlog: options.backlog });
      });
      if (options.unixSocketPermissions !== 0) chmodSync(path, options.unixSocketPermissions);
    } catch (error) {
      server.close();
      throw new Error(`cannot listen on unix socket ${path}: ${systemErrorText(error)}`);
    }
    this.#opened(server);
  }

  #newServer(
    endpointsOf: (socket: Socket) => Endpoints | undefined,
    accept: (socket: Socket, endpoints: Endpoints) => void,
  ): Server {
    return createServer(
      { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
      (socket: Socket) => {
        const endpoints = endpointsOf(socket);
        if (endpoints === undefined) socket.destroy();
        else accept(socket, endpoints);
      },
    );
  }

  /** From now on an error of the listener is one of accepting, and must not end the process. */
  #opened(server: Server): void {
    this.#servers.push(server);
    server.on("error", (error) => {
      const { host } = this.#clients.server;
      if (host.nowMs - this.#complainedAtMs < COMPLAINT_MS) return;
      this.#complainedAtMs = host.nowMs;
      host.log("warning", "a connection was not accepted", { error: systemErrorText(error) });
    });
  }

  /** What is refused before the handshake is refused without a word: nobody could read it. */
  #acceptTls(raw: Socket, endpoints: Endpoints): void {
    const { server } = this.#clients;
    this.#clients.touch();
    const taken = this.#clients.count + this.#handshakes.count;
    if (taken >= server.config.settings.maxclients) {
      server.stats.connectionsRejected++;
      raw.destroy();
      return;
    }
    this.#handshakes.accept(raw, endpoints, (socket) => this.#accept(socket, endpoints));
  }

  #accept(accepted: Socket, endpoints: Endpoints): void {
    const { server } = this.#clients;
    this.#clients.touch();
    const refusal = this.#refusal(endpoints);
    if (refusal !== undefined) {
      server.stats.connectionsRejected++;
      refuse(accepted, refusal);
      return;
    }
    server.stats.connectionsReceived++;
    const { settings } = server.config;
    const limits = settings.requirepass === "" ? fullLimits() : unauthenticatedLimits();
    const connection = new ClientConnection(this.#clients, endpoints, limits);
    this.#clients.add(connection);
    const socket = readAccepted(accepted, (buffer, bytes) => connection.received(buffer, bytes));
    connection.attach(socket);
    if (!endpoints.isUnixSocket) {
      socket.setNoDelay(true);
      const keepAliveSeconds = settings["tcp-keepalive"];
      if (keepAliveSeconds > 0) socket.setKeepAlive(true, keepAliveSeconds * 1000);
    }
  }

  #refusal(endpoints: Endpoints): string | undefined {
    const { settings } = this.#clients.server.config;
    if (this.#clients.count >= settings.maxclients) return REFUSED_TOO_MANY;
    const isStranger = !endpoints.isLoopback && !endpoints.isUnixSocket;
    if (isStranger && settings["protected-mode"] && settings.requirepass === "") {
      return REFUSED_STRANGER;
    }
    return undefined;
  }
}

function refuse(socket: Socket, reason: string): void {
  socket.on("error", () => {});
  socket.write(reason);
  closeGently(socket);
}

/** Whether a path is a unix socket that nobody listens on any more; anything else is left alone. */
async function isLeftOver(path: string): Promise<boolean> {
  if (!statSync(path).isSocket()) return false;
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error) => resolve(systemErrorCode(error) === "ECONNREFUSED"));
  });
}
