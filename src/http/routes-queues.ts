/**
 * Routes about queues: lists, one queue, its jobs, pausing, and adding a job.
 *
 * What is shown is read from the node; what changes something is the command of the same meaning.
 */
import { joinQueues, queueOn } from "../cluster/totals-sum.ts";
import type { Queue } from "../core/queue.ts";
import { badRequest, notFound } from "./api-error.ts";
import type { CommandArgument, CommandReply } from "./command-session.ts";
import { jobSchema, jobsJson, PREVIEW_BYTES } from "./job-json.ts";
import {
  answerJson,
  answerSchema,
  askAll,
  joinedQueueSchema,
  missingJson,
  missingSchema,
  partialSchema,
  queueJson,
  queueSchema,
  toldQueueJson,
} from "./queue-json.ts";
import { type Call, type Route, WithStatus } from "./route.ts";
import { boolean, count, list, object, optionalFields, orNull, string, words } from "./schema.ts";

/** Numbers of queues looked at for one page. */
const NUMBERS_PER_PAGE = 20_000;
/** Queues of a page: some milliseconds. */
const PAGE_MAX = 250;
const JOBS_PER_PAGE = 100;

const segments = { queue: "Name of a queue, percent-encoded." };
const scope = {
  name: "scope",
  kind: "choice",
  choices: ["node", "cluster"],
  help: "This node alone, or all nodes together.",
} as const;

/** The next page's cursor; shape and help are the same wherever there are pages. */
export const nextSchema = orNull(count(), "Cursor of the next page; null: this was the last one.");

function listQueues(call: Call): object | Promise<object> {
  const { node, query } = call;
  if (query.choice("scope") === "cluster") return listAll(call);
  const { queues } = node.server.broker;
  const wanted = query.integer("count") ?? 0;
  const part = query.bytes("contains");
  const found: Queue[] = [];
  let number = query.integer("cursor") ?? 0;
  const end = Math.min(queues.numberLimit, number + NUMBERS_PER_PAGE);
  while (number < end && found.length < wanted) {
    const queue = queues.at(number++);
    if (queue?.isRegistered && (part === undefined || queue.name.includes(part))) found.push(queue);
  }
  const rows = found.map((queue) => queueJson(node.server, queue));
  return { queues: rows, next: number < queues.numberLimit ? number : null };
}

/** The first queues of every node, joined by name. */
async function listAll({ node, query }: Call): Promise<object> {
  if (query.bytes("contains") !== undefined || query.integer("cursor") !== 0) {
    throw badRequest("cursor and contains are for scope=node.");
  }
  const question = { queues: [], scanFrom: 0, scanCount: query.integer("count") ?? 0 };
  const nodes = await askAll(node.server, question);
  const rows = joinQueues(nodes).map(({ queue, figures }) => toldQueueJson(queue, figures));
  return {
    queues: rows,
    next: null,
    nodes: nodes.map(answerJson),
    missing: missingJson(nodes),
    isPartial: nodes.some(({ reading }) => (reading?.scanNext ?? 0) > 0),
  };
}

async function oneQueue({ node, path, query }: Call): Promise<object> {
  const { server } = node;
  const name = path.queue as Buffer;
  if (query.choice("scope") === "node") return queueJson(server, queueNamed(node.server, name));
  const nodes = await askAll(server, { queues: [name], scanFrom: 0, scanCount: 0 });
  const [joined] = joinQueues(nodes);
  const missing = missingJson(nodes);
  if (joined === undefined && missing.length === 0) throw notFound("There is no such queue.");
  return {
    queue: joined === undefined ? null : toldQueueJson(name, joined.figures),
    nodes: nodes.map((one) => {
      const there = queueOn(one, name);
      const queue = there === undefined ? null : toldQueueJson(name, there.figures);
      return { ...(answerJson(one) as object), queue };
    }),
    missing,
  };
}

function queueNamed({ broker }: Call["node"]["server"], name: Buffer): Queue {
  const queue = broker.queues.find(name, 0, name.length);
  if (queue === undefined) throw notFound("There is no such queue on this node.");
  return queue;
}

function peek({ node, path, query }: Call): object {
  const { server } = node;
  const queue = queueNamed(server, path.queue as Buffer);
  const wanted = query.integer("count") ?? 0;
  const isNewest = query.choice("end") === "newest";
  const jobs = isNewest ? queue.jobs.newest(wanted) : queue.jobs.oldest(wanted);
  const { clock } = server.broker;
  const live = jobs.filter((job) => !clock.isExpired(job));
  return { jobs: jobsJson(server, live, PREVIEW_BYTES) };
}

/** Body or bodyBase64, and the options of ADDJOB under their names. */
async function addJob({ path, body, command }: Call): Promise<WithStatus> {
  const { body: text, bodyBase64, timeoutMs = 5000, async: isAsync } = body;
  if ((text === undefined) === (bodyBase64 === undefined)) {
    throw badRequest("Either body or bodyBase64 is needed.");
  }
  const bytes =
    text === undefined ? fromBase64(String(bodyBase64)) : Buffer.from(String(text), "utf8");
  const args: CommandArgument[] = [path.queue as Buffer, bytes, timeoutMs as number];
  for (const option of ["replicate", "delay", "retry", "ttl", "maxlen"]) {
    if (body[option] !== undefined) args.push(option.toUpperCase(), body[option] as number);
  }
  if (isAsync === true) args.push("ASYNC");
  return new WithStatus(201, { id: String(await command("ADDJOB", ...args)) });
}

function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  const isExact = bytes.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, "");
  if (!isExact) throw badRequest("bodyBase64 is no base64.");
  return bytes;
}

async function setPause({ path, body, command }: Call, state: string): Promise<object> {
  const forAll = body.everywhere === true ? ["BCAST"] : [];
  const reply: CommandReply = await command("PAUSE", path.queue as Buffer, state, ...forAll);
  return { pause: String(reply) };
}

const everywhere = boolean("On all nodes, those that are away included (BCAST).");
const pauseReply = object({ pause: words("none", "in", "out", "all") });
const seconds = count();

/** The routes. */
export const queueRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/queues",
    tag: "queues",
    shows: ["qscan", "qstat"],
    summary: "Lists queues, of this node page by page, or the first ones of all nodes joined.",
    query: [
      scope,
      { name: "cursor", kind: "integer", absent: 0, help: "`next` of the page before." },
      {
        name: "count",
        kind: "integer",
        min: 1,
        max: PAGE_MAX,
        absent: 100,
        help: "Queues of a page, or of each node.",
      },
      { name: "contains", kind: "bytes", help: "Only names with this in them." },
    ],
    reply: {
      anyOf: [
        object({ queues: list(queueSchema), next: nextSchema }),
        object({
          queues: list(joinedQueueSchema),
          next: nextSchema,
          nodes: list(object(answerSchema)),
          missing: missingSchema,
          isPartial: partialSchema,
        }),
      ],
    },
    run: listQueues,
  },
  {
    method: "GET",
    path: "/api/queues/{queue}",
    tag: "queues",
    shows: ["qstat"],
    summary: "Describes a queue, on this node or on all.",
    segments,
    query: [scope],
    reply: {
      anyOf: [
        queueSchema,
        object({
          queue: orNull(joinedQueueSchema, "Null: on none of the nodes that answered."),
          nodes: list(object({ ...answerSchema, queue: orNull(joinedQueueSchema) })),
          missing: missingSchema,
        }),
      ],
    },
    run: oneQueue,
  },
  {
    method: "GET",
    path: "/api/queues/{queue}/jobs",
    tag: "queues",
    shows: ["qpeek"],
    summary: "Shows jobs that wait in a queue of this node, without taking them.",
    segments,
    query: [
      { name: "count", kind: "integer", min: 1, max: JOBS_PER_PAGE, absent: 20, help: "Jobs." },
      { name: "end", kind: "choice", choices: ["oldest", "newest"], help: "From which end." },
    ],
    reply: object({ jobs: list(jobSchema) }),
    run: peek,
  },
  {
    method: "POST",
    path: "/api/queues/{queue}/jobs",
    tag: "queues",
    summary: "Adds a job (ADDJOB).",
    segments,
    body: optionalFields({
      body: string("The body as text."),
      bodyBase64: string("The body as any bytes."),
      timeoutMs: { type: "integer", minimum: 1, maximum: 30_000 },
      replicate: { type: "integer", minimum: 1, maximum: 65_535 },
      delay: seconds,
      retry: seconds,
      ttl: seconds,
      maxlen: count(),
      async: boolean("Do not wait for copies."),
    }),
    otherStatus: 201,
    reply: object({ id: string() }),
    run: addJob,
  },
  {
    method: "POST",
    path: "/api/queues/{queue}/pause",
    tag: "queues",
    summary: "Stops a queue for producers (in), consumers (out) or both (PAUSE).",
    segments,
    body: optionalFields({ state: words("in", "out", "all"), everywhere }),
    reply: pauseReply,
    run: (call) => setPause(call, String(call.body.state ?? "all")),
  },
  {
    method: "POST",
    path: "/api/queues/{queue}/resume",
    tag: "queues",
    summary: "Opens a queue again (PAUSE none).",
    segments,
    body: optionalFields({ everywhere }),
    reply: pauseReply,
    run: (call) => setPause(call, "none"),
  },
];
