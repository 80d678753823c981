/**
 * Makes TLS connections of those that were accepted, within limits.
 *
 * Whoever has connected has so long for the handshake, and when too many are under way the oldest goes:
 * a client needs two round trips, only somebody who does nothing stays long. Certificates are judged
 * here and not by Node.js, which would close without telling why. Failures are counted, and logged once
 * per address and minute.
 *
 * A server object of node:tls does the handshakes; it never listens. It hands over another socket than
 * it was given, so both are matched by their addresses. While that socket is telling something, only
 * it may be destroyed: without the one below, Node.js crashes.
 */
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { placeOf } from "../../commands/login-guard.ts";
import { Complaints } from "../complaints.ts";
import { type Endpoints, tcpEndpoints } from "../endpoints.ts";
import { closeGently } from "../linger.ts";
import type { LogData } from "../logger.ts";
import type { TlsContext } from "./tls-context.ts";
import {
  type CertificateRule,
  certificateProblem,
  handshakeProblem,
  JUST_CLOSED,
} from "./tls-problem.ts";

/** For a whole handshake. */
const HANDSHAKE_MS = 10_000;
/** Handshakes under way on one kind of port: more than the backlog, which a reconnecting crowd fills. */
const HANDSHAKES_MAX = 1024;

/** What an acceptor needs of its server. */
export interface TlsAcceptorParts {
  /** As it is now; asked for every connection. */
  readonly context: () => TlsContext;
  readonly rule: () => CertificateRule;
  /** What the log calls those who connect. */
  readonly who: "client" | "node";
  readonly warn: (message: string, data: LogData) => void;
  /** Monotonic ms, read after `touch`. */
  readonly nowMs: () => number;
  /** A turn has begun, or goes on. */
  readonly touch: () => void;
  /** A handshake failed; to be counted. */
  readonly failed: () => void;
  /** Tests do not wait as long. */
  readonly handshakeMs?: number;
  readonly handshakesMax?: number;
}

interface Handshake {
  readonly raw: Socket;
  readonly endpoints: Endpoints;
  readonly done: (socket: TLSSocket) => void;
  readonly deadline: NodeJS.Timeout;
}

/** The handshakes of one kind of port. */
export class TlsAcceptor {
  readonly #parts: TlsAcceptorParts;
  /** By the addresses of both ends, in the order of arrival. */
  readonly #handshakes = new Map<string, Handshake>();
  readonly #complaints = new Complaints();
  #server: { readonly context: TlsContext; readonly tls: Server } | undefined;

  constructor(parts: TlsAcceptorParts) {
    this.#parts = parts;
  }

  /** Handshakes under way. */
  get count(): number {
    return this.#handshakes.size;
  }

  /** Takes an accepted socket over. `done` is called with the one to use from then on, if any. */
  accept(raw: Socket, endpoints: Endpoints, done: (socket: TLSSocket) => void): void {
    const { handshakeMs = HANDSHAKE_MS, handshakesMax = HANDSHAKES_MAX } = this.#parts;
    const key = keyOf(endpoints);
    const expire = (): void => {
      raw.destroy();
      this.#fail(key, `no TLS handshake within ${handshakeMs / 1000} s`);
    };
    const deadline = setTimeout(expire, handshakeMs);
    this.#handshakes.set(key, { raw, endpoints, done, deadline });
    raw.on("error", () => {});
    raw.once("close", () => this.#fail(key, JUST_CLOSED));
    if (this.#handshakes.size > handshakesMax) {
      const [[oldest, waiting] = [key, { raw }]] = this.#handshakes;
      waiting.raw.destroy();
      this.#fail(oldest, "too many TLS handshakes were under way");
    }
    // Who closes a half before the end of the handshake is gone; afterwards it is allowed again.
    raw.allowHalfOpen = false;
    this.#currentServer().emit("connection", raw);
  }

  /** Ends all handshakes without a word. */
  stop(): void {
    for (const key of [...this.#handshakes.keys()]) this.#take(key)?.raw.destroy();
  }

  #currentServer(): Server {
    const context = this.#parts.context();
    if (this.#server?.context === context) return this.#server.tls;
    const tls = createServer({
      ...context.incoming,
      requestCert: this.#parts.rule() !== "no",
      rejectUnauthorized: false,
    });
    tls.on("secureConnection", (socket) => this.#secured(socket));
    tls.on("tlsClientError", (error, socket) => {
      const endpoints = tcpEndpoints(socket);
      if (endpoints !== undefined) this.#fail(keyOf(endpoints), handshakeProblem(error));
    });
    this.#server = { context, tls };
    return tls;
  }

  #secured(socket: TLSSocket): void {
    const endpoints = tcpEndpoints(socket);
    const key = endpoints === undefined ? "" : keyOf(endpoints);
    const problem = certificateProblem(socket, this.#parts.rule());
    if (problem !== undefined) {
      this.#fail(key, problem);
      this.#refuse(socket, problem);
      return;
    }
    const handshake = this.#take(key);
    if (handshake === undefined) socket.destroy();
    else {
      socket.allowHalfOpen = true;
      handshake.done(socket);
    }
  }

  /** A client can be told why, since the handshake itself went well; a node would take it for nonsense. */
  #refuse(socket: TLSSocket, problem: string): void {
    if (this.#parts.who === "node") {
      socket.destroy();
      return;
    }
    socket.on("error", () => {});
    socket.write(`-DENIED the client of this connection is refused: ${problem}\r\n`);
    closeGently(socket);
  }

  #fail(key: string, problem: string): void {
    const handshake = this.#take(key);
    if (handshake === undefined) return;
    if (problem === JUST_CLOSED) return;
    const { who, warn, touch, nowMs, failed } = this.#parts;
    touch();
    failed();
    if (!this.#complaints.mayLog(placeOf(handshake.endpoints), nowMs())) return;
    warn("refused a TLS connection", { [who]: handshake.endpoints.remoteAddress, reason: problem });
  }

  /** It is over, one way or the other. */
  #take(key: string): Handshake | undefined {
    const handshake = this.#handshakes.get(key);
    if (handshake === undefined) return undefined;
    this.#handshakes.delete(key);
    clearTimeout(handshake.deadline);
    return handshake;
  }
}

function keyOf({ remoteAddress, localIp, localPort }: Endpoints): string {
  return `${remoteAddress} ${localIp}:${localPort}`;
}
