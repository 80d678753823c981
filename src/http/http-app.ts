/**
 * From a request to a route and back: the gates every request passes, in order.
 *
 *   one Host? -> health? -> Host, password -> path, method? -> action header -> may it be shown? -> parameters -> body -> handler -> answer
 *
 * hono finds the route; what the gates check stands in access.ts, query.ts, body-text.ts and schema.ts. Nothing that a request can contain makes it fail in another way than with an ApiError.
 */
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { portToTell } from "../commands/own-address.ts";
import { removedOf } from "../commands/permissions.ts";
import { type Endpoints, tcpEndpoints } from "../io/endpoints.ts";
import { Access, checkHostHeader } from "./access.ts";
import { ApiError, badRequest, removedCommand } from "./api-error.ts";
import { readBody } from "./body-text.ts";
import { fromSegment } from "./bytes-text.ts";
import { CommandSession } from "./command-session.ts";
import type { HttpNode } from "./http-node.ts";
import { readQuery } from "./query.ts";
import { type Call, type RawAnswer, type Route, WithStatus } from "./route.ts";
import { schemaProblem } from "./schema.ts";
import { NO_SITE, type StaticSite, sitePolicy } from "./static-site.ts";

/** Routes that would show half of what there is while a log is loaded. */
const JOB_TAGS: readonly Route["tag"][] = ["queues", "jobs"];
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** For every answer. */
const HEADERS: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/** The app, as hono knows it. */
export type App = Hono<{ Bindings: HttpBindings }>;
type AppContext = Context<{ Bindings: HttpBindings }>;

/** What an app is made with. */
export interface AppParts {
  readonly node: HttpNode;
  readonly routes: readonly Route[];
  readonly site?: StaticSite;
}

/** Makes the app. */
export function makeApp({ node, routes, site = NO_SITE }: AppParts): App {
  const app: App = new Hono();
  const access = new Access(node.server, () => node.clients.touch());
  app.use(async (context, next) => {
    node.clients.touch();
    await next();
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
    if (!context.res.headers.has("Content-Security-Policy")) {
      context.res.headers.set("Content-Security-Policy", API_POLICY);
    }
  });
  const openPaths = new Set(routes.filter(({ isOpen }) => isOpen).map(({ path }) => path));
  const isOpen = ({ method, path }: AppContext["req"]): boolean =>
    openPaths.has(path) || (site.isOpen && isRead(method) && site.find(path) !== undefined);
  app.use(async (context, next) => {
    checkHostHeader(context.env.incoming);
    if (!isOpen(context.req)) {
      await access.check(context.env.incoming, endpointsOf(context));
      node.clients.touch();
    }
    await next();
  });
  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ":$1");
    app.on(route.method, path, (context) => {
      if (route.method !== "GET") access.checkAction(context.env.incoming);
      return serve(node, route, context);
    });
  }
  app.notFound((context) => page(site, context) ?? refusal(unknownPath(routes, site, context)));
  app.onError((error) => refusal(apiErrorOf(node, error)));
  return app;
}

async function serve(node: HttpNode, route: Route, context: AppContext): Promise<Response> {
  const removed = removedOf(node.server, route.shows ?? []);
  if (removed !== undefined) throw removedCommand(removed);
  if (node.server.log.isLoading && JOB_TAGS.includes(route.tag)) {
    throw new ApiError(503, "LOADING", "Jobs are being read from the log.");
  }
  // Nobody would read a stream that HEAD has opened, or end it.
  if (context.req.method === "HEAD" && "contentType" in route.reply) {
    return new Response(null, { headers: { "Content-Type": route.reply.contentType } });
  }
  const { pathname, search } = new URL(context.req.url);
  let session: CommandSession | undefined;
  const call: Call = {
    node,
    path: segmentsOf(route, pathname),
    query: readQuery(search.slice(1), route.query ?? []),
    body: await bodyOf(route, context),
    command: (name, ...args) => {
      session ??= openSession(node, endpointsOf(context));
      return session.run(name, ...args);
    },
  };
  try {
    const answer = await route.run(call);
    if ("contentType" in route.reply) return rawResponse(answer as RawAnswer);
    if (answer instanceof WithStatus) return jsonResponse(answer.json, answer.status);
    return jsonResponse(answer, 200);
  } finally {
    session?.close();
  }
}

function openSession({ server, clients, reasons }: HttpNode, from: Endpoints): CommandSession {
  const [reason] = reasons();
  if (reason !== undefined) throw new ApiError(503, "NOTREADY", `This node is ${reason}.`);
  if (clients.count >= server.config.settings.maxclients) {
    throw new ApiError(503, "BUSY", "max number of clients reached");
  }
  // Commands that show this node's address mean the one for clients.
  return new CommandSession(clients, { ...from, localPort: portToTell(server) });
}

/** By position: hono would have decoded them as text. */
function segmentsOf({ path }: Route, pathname: string): Record<string, Buffer> {
  const given = pathname.split("/");
  const found: Record<string, Buffer> = {};
  for (const [at, segment] of path.split("/").entries()) {
    if (!segment.startsWith("{")) continue;
    const bytes = fromSegment(given[at] ?? "");
    if (bytes === undefined) throw badRequest("The path is not percent-encoded as it should be.");
    found[segment.slice(1, -1)] = bytes;
  }
  return found;
}

/** No body is an empty object. */
async function bodyOf(route: Route, { req }: AppContext): Promise<Record<string, unknown>> {
  if (route.method === "GET") return {};
  const text = await readBody(req.raw);
  if (text === "") return {};
  if (route.body === undefined) throw badRequest("There must be no body.");
  if (!/^application\/json\b/i.test(req.header("content-type") ?? "")) {
    throw new ApiError(415, "NOTJSON", "The body must be application/json.");
  }
  const json = parsed(text);
  const problem = schemaProblem(route.body, json, "body");
  if (problem !== undefined) throw badRequest(`${problem}.`);
  return json as Record<string, unknown>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("The body is no JSON.");
  }
}

function endpointsOf({ env }: AppContext): Endpoints {
  const endpoints = tcpEndpoints(env.incoming.socket);
  if (endpoints === undefined) throw badRequest("The connection is gone.");
  return endpoints;
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function page(site: StaticSite, { req }: AppContext): Response | undefined {
  if (!isRead(req.method)) return undefined;
  const file = site.find(req.path);
  if (file === undefined) return undefined;
  const headers = {
    "Content-Type": file.contentType,
    "Content-Security-Policy": sitePolicy(site),
    "Cache-Control": "no-cache",
    ETag: file.etag,
  };
  if (req.header("if-none-match") === file.etag)
    return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(file.body), { headers });
}

/** 405 where another method would do. */
function unknownPath(routes: readonly Route[], site: StaticSite, { req }: AppContext): ApiError {
  const isHere = ({ path }: Route): boolean => {
    const pattern = path.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+");
    return new RegExp(`^${pattern}$`).test(req.path);
  };
  const methods = new Set<string>(routes.filter(isHere).map(({ method }) => method));
  if (site.find(req.path) !== undefined) methods.add("GET");
  if (methods.has("GET")) methods.add("HEAD");
  if (methods.size === 0) return new ApiError(404, "NOTFOUND", "There is nothing here.");
  const allow = [...methods].join(", ");
  return new ApiError(405, "BADMETHOD", `Only ${allow} is possible here.`, { Allow: allow });
}

function apiErrorOf({ server }: HttpNode, error: Error): ApiError {
  if (error instanceof ApiError) return error;
  server.host.log("warning", "a request by HTTP failed", { error: error.stack ?? String(error) });
  return new ApiError(500, "INTERNAL", "That should not have happened; the log says more.");
}

/** The answer for an error. */
export function refusal(error: ApiError): Response {
  const headers = { "Content-Type": "application/json", ...error.headers };
  return new Response(error.line, { status: error.status, headers });
}

function jsonResponse(json: unknown, status: number): Response {
  const headers = { "Content-Type": "application/json" };
  return new Response(`${JSON.stringify(json)}\n`, { status, headers });
}

function rawResponse({ contentType, body, headers = {}, status = 200 }: RawAnswer): Response {
  const bytes = Buffer.isBuffer(body) ? new Uint8Array(body) : body;
  return new Response(bytes, { status, headers: { ...headers, "Content-Type": contentType } });
}
