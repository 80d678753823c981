/**
 * Routes about one queue: its figures, its jobs, pausing, and adding a job. Lists: routes-queue-list.ts.
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
  queueJson,
  queueSchema,
  toldQueueJson,
} from "./queue-json.ts";
import { type Call, type Route, WithStatus } from "./route.ts";
import { scope } from "./routes-queue-list.ts";
import { boolean, count, list, object, optionalFields, orNull, string, words } from "./schema.ts";

const JOBS_PER_PAGE = 100;

const segments = {
  queue:
    "Name of a queue, percent-encoded; `~`, `~.` and `~..` for the names that paths have no place for.",
};
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
