/**
 * The HTTP server of a node: listens, limits connections, and ends without waiting for anybody.
 *
 * Everything that runs as long as it does (metrics, the live feed) is made and stopped here.
 */
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerOptions,
  STATUS_CODES,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import { placeOf } from "../commands/login-guard.ts";
import { ANY_PORT } from "../config/kinds-network.ts";
import { Complaints } from "../io/complaints.ts";
import { tcpEndpoints } from "../io/endpoints.ts";
import { systemErrorText } from "../io/system-error.ts";
import { listenTcp } from "../io/tcp-listen.ts";
import type { TlsKeeper } from "../io/tls/tls-keeper.ts";
import { handshakeProblem, JUST_CLOSED } from "../io/tls/tls-problem.ts";
import { ApiError, badRequest } from "./api-error.ts";
import { makeApp, refusal } from "./http-app.ts";
import { HttpConnections } from "./http-connections.ts";
import type { HttpNode } from "./http-node.ts";
import { LiveFeed } from "./live-feed.ts";
import { Metrics } from "./metrics.ts";
import { QueueTexts } from "./queue-metrics.ts";
import { makeRoutes } from "./routes.ts";
import type { StaticSite } from "./static-site.ts";

const CONNECTIONS_MAX = 256;
const BACKLOG = 128;
const HEADER_BYTES_MAX = 16 * 1024;
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 30_000;
/** How often it is looked who has exceeded one of the two. */
const LATE_LOOK_MS = 1000;
const TLS_HANDSHAKE_MS_MAX = 10_000;
const KEEP_ALIVE_MS = 15_000;
/** A connection on which nothing moves for so long is ended; longer than any command waits. */
const SILENT_MS_MAX = 75_000;
/** What is under way when the server stops has so long to end. */
const GRACE_MS = 500;

/** Serves one node. */
export class HttpServer {
  readonly #node: HttpNode;
  readonly #metrics: Metrics;
  readonly #feed: LiveFeed;
  readonly #listener: ReturnType<typeof getRequestListener>;
  readonly #servers: Server[] = [];
  readonly #tls: TlsKeeper;
  readonly #complaints = new Complaints();

  constructor(node: HttpNode, tls: TlsKeeper, site?: StaticSite) {
    this.#node = node;
    this.#tls = tls;
    this.#metrics = new Metrics(node);
    this.#feed = new LiveFeed(node, this.#metrics.lag);
    const { version } = node.server.host.facts;
    const queueTexts = new QueueTexts(node);
    const routes = makeRoutes({ metrics: this.#metrics, queueTexts, feed: this.#feed, version });
    const app = makeApp({ node, routes, ...(site === undefined ? {} : { site }) });
    this.#listener = getRequestListener(app.fetch, {
      overrideGlobalObjects: false,
      // HTTP/1.0 has no Host; health checks of load balancers still come so.
      hostname: "unknown.invalid",
      errorHandler: (error) => this.#refuse(error),
    });
  }

  /** Opens the addresses of http-bind. Returns the port; throws an Error that names the address. */
  async listen(): Promise<number> {
    const { settings } = this.#node.server.config;
    let port = settings["http-port"] === ANY_PORT ? 0 : settings["http-port"];
    for (const address of settings["http-bind"]) {
      const server = this.#newServer();
      const found = await listenTcp(server, { address, port, backlog: BACKLOG }).catch(
        nameTheDirective,
      );
      if (found === undefined) continue;
      port = found;
      this.#servers.push(server);
      server.on("error", (error) => this.#complain("a connection was not accepted", error));
    }
    if (this.#servers.length === 0) throw new Error("nothing to serve HTTP on: see http-bind");
    this.#metrics.start();
    return port;
  }

  /** Ends all streams, then all connections. */
  async stop(): Promise<void> {
    this.#feed.close();
    this.#metrics.stop();
    await Promise.all(this.#servers.map(closed));
    this.#servers.length = 0;
  }

  #newServer(): Server {
    const options = {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: LATE_LOOK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
      // Its own refusal would be empty; the app says why.
      requireHostHeader: false,
    };
    const connections = new HttpConnections(CONNECTIONS_MAX);
    const answer: RequestListener = (request, response) => {
      connections.asked(request.socket, response);
      this.#listener(request, response).catch((error: unknown) =>
        this.#complain("a request by HTTP failed", error),
      );
    };
    const isTls = this.#node.server.config.settings["http-tls"];
    const server = isTls ? this.#newTlsServer(options, answer) : createServer(options, answer);
    server.on("connection", (socket) => connections.opened(socket));
    server.on("secureConnection", (socket: Socket) => connections.opened(socket));
    server.timeout = SILENT_MS_MAX;
    server.on("clientError", (error, socket) => {
      if (isTls && this.#isHandshakeOver(error, socket as Socket)) return;
      refuseGarbage(error, socket as Socket);
    });
    return server;
  }

  /** Nobody is asked for a certificate: health checks and browsers have none, the password guards. */
  #newTlsServer(options: ServerOptions, answer: RequestListener): Server {
    const server = createTlsServer({ ...options, handshakeTimeout: TLS_HANDSHAKE_MS_MAX }, answer);
    this.#tls.onRenewed(({ incoming }) => server.setSecureContext(incoming));
    return server;
  }

  /** Ends what never became a connection, counts it, and tells the log now and then. */
  #isHandshakeOver(error: Error & { code?: string }, socket: Socket): boolean {
    if (error.code?.startsWith("HPE_")) return false;
    const client = tcpEndpoints(socket)?.remoteAddress ?? "";
    const reason = handshakeProblem(error);
    socket.destroy();
    if (reason === JUST_CLOSED) return true;
    const { clients, server } = this.#node;
    clients.touch();
    server.stats.tlsHandshakesFailed++;
    const place = placeOf({ remoteAddress: client, isUnixSocket: false });
    if (this.#complaints.mayLog(place, server.host.nowMs)) {
      server.host.log("warning", "HTTP: refused a TLS connection", { client, reason });
    }
    return true;
  }

  /** What never became a request for the app, or went wrong around it. */
  #refuse(error: unknown): Response {
    if (error instanceof RequestError) {
      return refusal(badRequest("The request is not as HTTP wants it."));
    }
    this.#complain("a request by HTTP failed", error);
    return refusal(new ApiError(500, "INTERNAL", "That should not have happened."));
  }

  #complain(message: string, error: unknown): void {
    this.#node.server.host.log("warning", message, { error: systemErrorText(error) });
  }
}

function nameTheDirective(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(`HTTP: ${reason} (see http-port and http-bind)`, { cause: error });
}

/** What is no HTTP, too long, or too late, gets an answer that is HTTP. */
function refuseGarbage(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, line } = garbageError(error.code);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nConnection: close\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(line)}\r\n\r\n${line}`);
}

function garbageError(code: string | undefined): ApiError {
  if (code === "HPE_HEADER_OVERFLOW") {
    const message = `Address and headers may have ${HEADER_BYTES_MAX} bytes.`;
    return new ApiError(431, "TOOLARGE", message);
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new ApiError(408, "TIMEOUT", "The request did not come in time.");
  }
  return new ApiError(400, "NOHTTP", "That is no HTTP request.");
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
  });
}
