/**
 * GET /api/queues: queues in the order of their numbers, to read all of them, or the first ones of some order, to show
 * them.
 *
 * By number a page costs what is on it, and pages meet every queue that is there all the time. Any other order
 * needs a look at all queues (queue-ranking.ts, cluster-ranking.ts); its pages are of different moments.
 */
import { JobState } from "../core/job.ts";
import type { Queue } from "../core/queue.ts";
import { badRequest } from "./api-error.ts";
import {
  answerJson,
  answerSchema,
  joinedQueueSchema,
  missingJson,
  missingSchema,
  partialSchema,
  queueJson,
  queueSchema,
  ratedQueueJson,
  ratedQueueSchema,
  toldQueueJson,
} from "./queue-json.ts";
import {
  isClusterOrder,
  type PageWish,
  QUEUE_ORDERS,
  QUEUE_SELECTIONS,
  type QueueOrder,
  type QueueSelection,
  queueTest,
} from "./queue-order.ts";
import type { Call, Query, QueryParameter, Route } from "./route.ts";
import { count, list, object, orNull } from "./schema.ts";

/** Numbers of queues looked at for one page. */
const NUMBERS_PER_PAGE = 20_000;
/** Queues of a page: a millisecond. */
const PAGE_MAX = 250;

/** One node or all. */
export const scope = {
  name: "scope",
  kind: "choice",
  choices: ["node", "cluster"],
  help: "This node alone, or all nodes together.",
} as const;

/** The next page's cursor; shape and help are the same wherever there are pages. */
export const nextSchema = orNull(count(), "Cursor of the next page; null: this was the last one.");

function listQueues(call: Call): object | Promise<object> {
  const wish = wishOf(call.query);
  if (call.query.choice("scope") === "cluster") return listAll(call, wish);
  return call.query.choice("order") === "number"
    ? listByNumber(call, wish)
    : listInOrder(call, wish);
}

/** By number the order of the wish means nothing. */
function wishOf(query: Query): PageWish {
  const order = query.choice("order");
  const direction = query.choice("direction");
  return {
    order: (order === "number" ? "name" : order) as QueueOrder,
    isDescending: order !== "number" && direction === "descending",
    only: query.choice("only") as QueueSelection,
    contains: query.bytes("contains"),
    offset: query.integer("cursor") ?? 0,
    count: query.integer("count") ?? 0,
  };
}

function listByNumber({ node: { server } }: Call, wish: PageWish): object {
  const { queues } = server.broker;
  const isMeant = queueTest(wish);
  const found: Queue[] = [];
  let number = wish.offset;
  const end = Math.min(queues.numberLimit, number + NUMBERS_PER_PAGE);
  while (number < end && found.length < wish.count) {
    const queue = queues.at(number++);
    if (queue?.isRegistered && isMeant(queue)) found.push(queue);
  }
  const rows = found.map((queue) => queueJson(server, queue));
  return { queues: rows, next: number < queues.numberLimit ? number : null };
}

async function listInOrder({ node }: Call, wish: PageWish): Promise<object> {
  const { server, ranking } = node;
  const { queues, found, isPartial } = await ranking.take(wish);
  // A page may be seconds old; what does not fit any more would look like a mistake.
  const isMeant = queueTest(wish);
  const rows = queues.filter((queue) => queue.isRegistered && isMeant(queue));
  const { nowMs } = server.host;
  return {
    queues: rows.map((queue) => ratedQueueJson(server, queue, ranking.rates.of(queue, nowMs))),
    next: nextOf(wish, found),
    found,
    queueCount: server.broker.queues.registeredCount,
    jobCount: server.broker.stats.jobsByState[JobState.queued] ?? 0,
    isPartial,
  };
}

/** The queues of all nodes. */
async function listAll({ node }: Call, wish: PageWish): Promise<object> {
  if (!isClusterOrder(wish.order)) throw badRequest("Rates are orders for scope=node.");
  const page = await node.clusterRanking.take(wish);
  return {
    queues: page.rows.map(({ queue, figures }) => toldQueueJson(queue, figures)),
    next: nextOf(wish, page.found),
    found: page.found,
    queueCount: page.queueCount,
    jobCount: page.jobCount,
    isPartial: page.isPartial,
    nodes: page.nodes.map(answerJson),
    missing: missingJson(page.nodes),
  };
}

function nextOf({ offset, count: wanted }: PageWish, found: number): number | null {
  return offset + wanted < found ? offset + wanted : null;
}

const parameters: readonly QueryParameter[] = [
  scope,
  {
    name: "order",
    kind: "choice",
    choices: ["number", ...QUEUE_ORDERS],
    help:
      "number: pages meet every queue, at little cost; everything else needs a look at all of them. " +
      "oldest: age of the oldest job; in, out: rates, of one node only. Over all nodes number is name.",
  },
  {
    name: "direction",
    kind: "choice",
    choices: ["descending", "ascending"],
    help: "Of the order; equal ones by name.",
  },
  {
    name: "only",
    kind: "choice",
    choices: QUEUE_SELECTIONS,
    help: "waiting: with jobs; starving: with jobs and nobody waiting; paused: in any way.",
  },
  { name: "contains", kind: "bytes", help: "Only names with this in them, whatever the case." },
  {
    name: "cursor",
    kind: "integer",
    absent: 0,
    help: "`next` of the page before; except by number, so many queues are left out.",
  },
  { name: "count", kind: "integer", min: 1, max: PAGE_MAX, absent: 100, help: "Queues of a page." },
];

const ordered = {
  next: nextSchema,
  found: count("Queues that were meant, on this page or not."),
  queueCount: count("All queues."),
  jobCount: count("Jobs in all queues."),
  isPartial: partialSchema,
};

/** The route. */
export const queueListRoute: Route = {
  method: "GET",
  path: "/api/queues",
  tag: "queues",
  shows: ["qscan", "qstat"],
  summary: "Lists queues, page by page: of this node, or of all nodes joined.",
  query: parameters,
  reply: {
    anyOf: [
      object({ queues: list(queueSchema), next: nextSchema }),
      object({ queues: list(ratedQueueSchema), ...ordered }),
      object({
        queues: list(joinedQueueSchema),
        ...ordered,
        nodes: list(object(answerSchema)),
        missing: missingSchema,
      }),
    ],
  },
  run: listQueues,
};
