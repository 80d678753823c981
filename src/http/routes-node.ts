/**
 * Routes about the node and its cluster: health, figures, members, the ring, settings, the slow log.
 *
 * Figures are the rows of INFO, so both say the same. Settings come without secrets: not even their
 * lengths.
 */

import { flagsOf } from "../cluster/members/node-lines.ts";
import type { NodeTotals } from "../cluster/totals.ts";
import { nodeFigures } from "../cluster/totals-figures.ts";
import { sumOfNodes } from "../cluster/totals-sum.ts";
import { portToTell } from "../commands/own-address.ts";
import { infoSource } from "../commands/server/info.ts";
import type { ServerState } from "../commands/server-state.ts";
import { findDirective } from "../config/directives.ts";
import { isSecretName } from "../config/problem.ts";
import { fromByteString } from "../config/text.ts";
import { INFO_SECTIONS } from "../info/field.ts";
import { infoFields } from "../info/fields.ts";
import { answerJson, answerSchema, askAll, missingJson, missingSchema } from "./queue-json.ts";
import { unreadyReasons } from "./readiness.ts";
import { ringJson, ringSchema } from "./ring-json.ts";
import { type Call, type Route, WithStatus } from "./route.ts";
import { anyFields, boolean, count, list, number, object, orNull, string } from "./schema.ts";

const NO_QUESTION = { queues: [], scanFrom: 0, scanCount: 0 };

/** Sections of INFO with their figures. */
export function infoJson(server: ServerState): Record<string, Record<string, number | string>> {
  const source = infoSource(server);
  const sections = INFO_SECTIONS.map((section) => {
    const fields = infoFields.filter((field) => field.section === section);
    return [section, Object.fromEntries(fields.map(({ name, read }) => [name, read(source)]))];
  });
  return Object.fromEntries(sections) as Record<string, Record<string, number | string>>;
}

function readyAnswer({ node }: Call): WithStatus {
  const reasons = unreadyReasons(node);
  return new WithStatus(reasons.length === 0 ? 200 : 503, {
    isReady: reasons.length === 0,
    reasons,
  });
}

function nodeJson({ node }: Call): object {
  const { server } = node;
  const { facts, wallMs } = server.host;
  return {
    id: server.broker.nodeId,
    version: facts.version,
    now: new Date(wallMs).toISOString(),
    startedAt: new Date(facts.startedWallMs).toISOString(),
    notReady: unreadyReasons(node),
    info: infoJson(server),
  };
}

const figureNames = Object.fromEntries(nodeFigures.map(({ name, help }) => [name, count(help)]));

/** Figures under their names. */
function figuresJson(figures: readonly number[]): object {
  return Object.fromEntries(nodeFigures.map(({ name }, at) => [name, figures[at] ?? 0]));
}

/** The shape of `clusterJson`. */
export const clusterSchema = object({
  totals: object(figureNames),
  nodes: list(
    object({
      ...answerSchema,
      isSelf: boolean(),
      host: string("Address; empty when it is not known."),
      port: count("For clients."),
      busPort: count("For nodes."),
      zone: string(),
      flags: list(string()),
      isConnected: boolean(),
      roundTripMs: orNull(number()),
      figures: orNull(object(figureNames), "Null: it did not answer."),
    }),
  ),
  missing: missingSchema,
});

/** All nodes with their figures, and the sum over those that answered. */
export async function clusterJson(server: ServerState): Promise<object> {
  const nodes = await askAll(server, NO_QUESTION);
  return {
    totals: figuresJson(sumOfNodes(nodes)),
    nodes: nodes.map((node) => memberJson(server, node)),
    missing: missingJson(nodes),
  };
}

function memberJson(server: ServerState, node: NodeTotals): object {
  const { membership } = server.cluster;
  const member = membership.member(node.nodeId);
  const isSelf = node.nodeId === membership.nodeId;
  const { profile } = membership;
  const record = member?.record ?? profile;
  const ownFlags = membership.isLeaving ? "leaving" : "noflags";
  return {
    ...answerJson(node),
    isSelf,
    host: record.host,
    port: record.port || (isSelf ? portToTell(server) : 0),
    busPort: record.busPort,
    zone: record.zone,
    flags: (member === undefined ? ownFlags : flagsOf(member)).split(","),
    isConnected: isSelf || member?.link !== undefined,
    roundTripMs: member?.roundTripMs ?? null,
    figures: node.reading === undefined ? null : figuresJson(node.reading.figures),
  };
}

/** Without the values of secrets. */
function configJson({ node }: Call): object {
  const { config } = node.server;
  return {
    directives: config.get("*").map(([name, text]) => {
      const isSecret = isSecretName(name);
      const isMutable = findDirective(name)?.mutable ?? false;
      return { name, value: isSecret ? null : fromByteString(text), isSecret, isMutable };
    }),
  };
}

function slowlogJson({ node, query }: Call): object {
  const entries = node.server.slowlog.newest(query.integer("count") ?? 0);
  return {
    entries: entries.map((entry) => ({
      id: entry.id,
      startedAt: new Date(entry.startedAtUnixSeconds * 1000).toISOString(),
      durationMicros: entry.durationMicros,
      args: entry.args.map(fromByteString),
      clientAddress: entry.clientAddress,
      clientName: fromByteString(entry.clientName),
    })),
  };
}

/** The routes. */
export const nodeRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/healthz",
    tag: "health",
    summary: "The process answers. Says nothing about whether it should get clients.",
    isOpen: true,
    reply: object({ isAlive: boolean() }),
    run: () => ({ isAlive: true }),
  },
  {
    method: "GET",
    path: "/readyz",
    tag: "health",
    summary: "Whether clients should be sent to this node; 503 and the reasons if not.",
    isOpen: true,
    otherStatus: 503,
    reply: object({ isReady: boolean(), reasons: list(string()) }),
    run: readyAnswer,
  },
  {
    method: "GET",
    path: "/api/node",
    tag: "node",
    shows: ["info"],
    summary: "This node: everything INFO knows.",
    reply: object({
      id: string(),
      version: string(),
      now: string("ISO 8601."),
      startedAt: string("ISO 8601."),
      notReady: list(string("Why clients should go elsewhere.")),
      info: anyFields(anyFields({ anyOf: [number(), string()] })),
    }),
    run: nodeJson,
  },
  {
    method: "GET",
    path: "/api/cluster",
    tag: "node",
    shows: ["cluster", "info"],
    summary: "All nodes with their figures, the sum over those that answered, and who did not.",
    reply: clusterSchema,
    run: ({ node }) => clusterJson(node.server),
  },
  {
    method: "GET",
    path: "/api/ring",
    tag: "node",
    shows: ["cluster"],
    summary: "Shares of the ring, or the order of nodes for the id of a job or a queue.",
    query: [{ name: "key", kind: "bytes", help: "Id of a job, or name of a queue." }],
    reply: ringSchema,
    run: ringJson,
  },
  {
    method: "GET",
    path: "/api/config",
    tag: "node",
    shows: ["config"],
    summary: "The settings that hold, without the values of secrets.",
    reply: object({
      directives: list(
        object({
          name: string(),
          value: orNull(string(), "Null: a secret."),
          isSecret: boolean(),
          isMutable: boolean("CONFIG SET may change it."),
        }),
      ),
    }),
    run: configJson,
  },
  {
    method: "GET",
    path: "/api/slowlog",
    tag: "node",
    shows: ["slowlog"],
    summary: "Slow commands, newest first.",
    query: [{ name: "count", kind: "integer", min: 1, max: 250, absent: 50, help: "Entries." }],
    reply: object({
      entries: list(
        object({
          id: count(),
          startedAt: string("ISO 8601."),
          durationMicros: count(),
          args: list(string()),
          clientAddress: string(),
          clientName: string(),
        }),
      ),
    }),
    run: slowlogJson,
  },
];
