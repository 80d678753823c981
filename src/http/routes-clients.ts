/**
 * The route about clients: who is connected, what each does, which queues it waits for.
 *
 * A worker is a client that waits for jobs or was handed some, or whose last command was about jobs it got;
 * nobody says that of itself in this protocol. How many jobs it has in hand follows from how many it took
 * and settled on this connection; who acknowledges on another one seems to have them still.
 */
import type { ServerState } from "../commands/server-state.ts";
import type { Session } from "../commands/session.ts";
import { fromByteString } from "../config/text.ts";
import { shownName } from "./bytes-text.ts";
import type { Call, Route } from "./route.ts";
import { nextSchema } from "./routes-queue-list.ts";
import { boolean, count, list, number, object, orNull, string } from "./schema.ts";

/** A client may wait for thousands of queues. */
const QUEUES_SHOWN = 20;
const WORKERS_COMMANDS: ReadonlySet<string> = new Set([
  "getjob",
  "ackjob",
  "fastack",
  "nack",
  "working",
]);

function clientsJson({ node, query }: Call): object {
  const after = query.integer("after") ?? 0;
  const wanted = query.integer("count") ?? 0;
  const rows: object[] = [];
  let last = 0;
  let isMore = false;
  for (const session of node.server.clients.all()) {
    if (session.id <= after) continue;
    isMore = rows.length === wanted;
    if (isMore) break;
    rows.push(clientJson(node.server, session));
    last = session.id;
  }
  return { clients: rows, next: isMore ? last : null };
}

function clientJson({ host }: ServerState, session: Session): object {
  const { carrier, waiter, lastCommand, tookAtMs } = session;
  const queues = waiter?.queues ?? [];
  return {
    id: session.id,
    address: fromByteString(carrier.remoteAddress),
    name: fromByteString(session.name),
    library: fromByteString(`${session.libraryName} ${session.libraryVersion}`.trim()),
    ageSeconds: (host.nowMs - session.connectedAtMs) / 1000,
    idleSeconds: (host.nowMs - session.usedAtMs) / 1000,
    isWorker:
      waiter !== undefined ||
      session.jobsTaken > 0 ||
      WORKERS_COMMANDS.has(lastCommand?.name ?? ""),
    isMonitor: session.isMonitor,
    isBlocked: session.isBlocked || session.isAwaitingReplies,
    jobsTaken: session.jobsTaken,
    jobsSettled: session.jobsSettled,
    tookSecondsAgo: tookAtMs === undefined ? null : (host.nowMs - tookAtMs) / 1000,
    lastCommand: lastCommand?.name ?? null,
    waitsFor: queues.slice(0, QUEUES_SHOWN).map(({ name }) => shownName(name)),
    waitsForCount: queues.length,
    bufferedBytes: carrier.bufferedBytes,
    unsentBytes: carrier.unsentBytes,
  };
}

/** The route. */
export const clientRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/clients",
    tag: "clients",
    shows: ["client"],
    summary:
      "Connected clients in the order of their ids; workers show which queues they wait for.",
    query: [
      { name: "after", kind: "integer", absent: 0, help: "`next` of the page before." },
      {
        name: "count",
        kind: "integer",
        min: 1,
        max: 1000,
        absent: 100,
        help: "Clients of a page.",
      },
    ],
    reply: object({
      clients: list(
        object({
          id: count(),
          address: string(),
          name: string(),
          library: string(),
          ageSeconds: number(),
          idleSeconds: number(),
          isWorker: boolean(
            "It waits for jobs or was handed some, or its last command was a consumer's.",
          ),
          jobsTaken: count("Jobs it was handed since it connected."),
          jobsSettled: count("Jobs it acknowledged or gave back since it connected."),
          tookSecondsAgo: orNull(number(), "Since it was last handed a job; null: never."),
          isMonitor: boolean(),
          isBlocked: boolean(),
          lastCommand: orNull(string()),
          waitsFor: list(object({ name: string(), nameUrl: string() })),
          waitsForCount: count(),
          bufferedBytes: count(),
          unsentBytes: count(),
        }),
      ),
      next: nextSchema,
    }),
    run: clientsJson,
  },
];
