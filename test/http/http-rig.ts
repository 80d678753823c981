/**
 * The HTTP of a server in this process, asked without a port: everything between a request and its
 * answer is real, its clock is the test's.
 *
 *     const rig = new HttpRig(t);
 *     const { status, json } = await rig.get("/api/queues");
 */
import type { IncomingMessage } from "node:http";
import type { TestContext } from "node:test";
import type { Rename } from "../../src/config/config.ts";
import { type App, makeApp } from "../../src/http/http-app.ts";
import { type HttpNode, makeHttpNode } from "../../src/http/http-node.ts";
import { LiveFeed } from "../../src/http/live-feed.ts";
import { Metrics } from "../../src/http/metrics.ts";
import { QueueTexts } from "../../src/http/queue-metrics.ts";
import type { Route } from "../../src/http/route.ts";
import { makeRoutes } from "../../src/http/routes.ts";
import type { StaticSite } from "../../src/http/static-site.ts";
import { type FakeSocket, WiredServer } from "../io/wired-server.ts";

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined for what is no JSON. */
  readonly json: unknown;
}

/** What a request may have. */
export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Where it comes from; 127.0.0.1 unless told. */
  readonly remoteAddress?: string;
  /** Connections with the same number are the same one. */
  readonly connection?: number;
}

/** What actions need. */
export const ACTION = { "x-ringq-action": "1", "content-type": "application/json" };

/** A server, and its HTTP. */
export class HttpRig {
  readonly wired: WiredServer;
  readonly node: HttpNode;
  readonly routes: readonly Route[];
  readonly metrics: Metrics;
  readonly feed: LiveFeed;
  /** Why nobody should be sent here. */
  reasons: string[] = [];
  readonly #app: App;
  readonly #sockets = new Map<string, object>();

  constructor(
    t: TestContext,
    settings: Readonly<Record<string, unknown>> = {},
    site?: StaticSite,
    renames: readonly Rename[] = [],
  ) {
    this.wired = new WiredServer(t, settings, renames);
    const { state: server, clients } = this.wired;
    this.node = makeHttpNode({ server, clients, reasons: () => this.reasons });
    this.metrics = new Metrics(this.node);
    this.feed = new LiveFeed(this.node, this.metrics.lag);
    this.routes = makeRoutes({
      metrics: this.metrics,
      queueTexts: new QueueTexts(this.node),
      feed: this.feed,
      version: "1.2.3",
    });
    const parts = { node: this.node, routes: this.routes };
    this.#app = makeApp(site === undefined ? parts : { ...parts, site });
    t.after(() => this.feed.close());
  }

  /** A client of the Redis protocol. */
  client(): FakeSocket {
    return this.wired.attach();
  }

  get(path: string, asked: Asked = {}): Promise<Answer> {
    return this.ask(path, asked);
  }

  /** An action with everything it needs; `body` becomes JSON. */
  post(path: string, body?: object, asked: Asked = {}): Promise<Answer> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return this.ask(path, {
      method: "POST",
      ...text,
      ...asked,
      headers: { ...ACTION, ...asked.headers },
    });
  }

  async ask(path: string, asked: Asked): Promise<Answer> {
    const response = await this.response(path, asked);
    const text = await response.text();
    const { status, headers } = response;
    const isJson = text !== "" && headers.get("content-type") === "application/json";
    return { status, headers, text, json: isJson ? JSON.parse(text) : undefined };
  }

  /** The answer before it is read. */
  async response(path: string, asked: Asked = {}): Promise<Response> {
    const { method = "GET", body } = asked;
    const headers = { host: "127.0.0.1:8711", ...asked.headers };
    const socket = this.#socketOf(asked);
    const rawHeaders = Object.entries(headers).flat();
    const request = { headers, rawHeaders, httpVersion: "1.1", method, url: path, socket };
    const incoming = request as unknown as IncomingMessage;
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    return this.#app.request(path, init, { incoming });
  }

  #socketOf({ remoteAddress = "127.0.0.1", connection = 1 }: Asked): object {
    const key = `${remoteAddress} ${connection}`;
    const known = this.#sockets.get(key);
    if (known !== undefined) return known;
    const socket = {
      remoteAddress,
      remotePort: 40_000 + connection,
      localAddress: "127.0.0.1",
      localPort: 8711,
    };
    this.#sockets.set(key, socket);
    return socket;
  }
}
