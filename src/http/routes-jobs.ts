/**
 * Routes about jobs: lists, one job, its body, queueing it again and getting rid of it.
 *
 * Deleting is acknowledging unless told otherwise: DELJOB removes the copy of one node, and another node
 * would bring the job back.
 */
import { ApiError } from "./api-error.ts";
import type { CommandArgument, CommandReply } from "./command-session.ts";
import {
  BODY_BYTES,
  bodyOf,
  jobSchema,
  jobStates,
  jobsJson,
  jobWithId,
  PREVIEW_BYTES,
} from "./job-json.ts";
import type { Call, RawAnswer, Route } from "./route.ts";
import { nextSchema } from "./routes-queue-list.ts";
import { boolean, list, object, optionalFields } from "./schema.ts";

/** A larger body is for a client of the Redis protocol: here it would stop everybody for too long. */
const RAW_BODY_BYTES_MAX = 16 * 1024 * 1024;
const ANY_STATE = "any";

const segments = { id: "Id of a job; its `/` is written `%2F`." };

async function listJobs({ node, query, command }: Call): Promise<object> {
  const args: CommandArgument[] = [query.integer("cursor") ?? 0];
  args.push("COUNT", query.integer("count") ?? 0);
  const queue = query.bytes("queue");
  if (queue !== undefined) args.push("QUEUE", queue);
  if (query.choice("state") !== ANY_STATE) args.push("STATE", query.choice("state"));
  const [next, ids] = (await command("JSCAN", ...args)) as [Buffer, CommandReply[]];
  const { server } = node;
  const jobs = ids.flatMap((id) => {
    try {
      return [jobWithId(server, Buffer.from(String(id), "latin1"))];
    } catch {
      // It went in the moment between.
      return [];
    }
  });
  const cursor = Number(next.toString("latin1"));
  return { jobs: jobsJson(server, jobs, PREVIEW_BYTES), next: cursor === 0 ? null : cursor };
}

function oneJob({ node, path }: Call): object {
  const job = jobWithId(node.server, path.id as Buffer);
  return jobsJson(node.server, [job], BODY_BYTES)[0] as object;
}

function wholeBody({ node, path }: Call): RawAnswer {
  const job = jobWithId(node.server, path.id as Buffer);
  const bytes = node.server.broker.jobs.bodyBytes(job);
  if (bytes > RAW_BODY_BYTES_MAX) {
    const message = `The body has ${bytes} bytes, more than are given by HTTP: use SHOW.`;
    throw new ApiError(413, "TOOLARGE", message);
  }
  return {
    contentType: "application/octet-stream",
    body: bodyOf(node.server, job, bytes),
    headers: { "Content-Disposition": 'attachment; filename="job-body"' },
  };
}

async function requeue({ node, path, command }: Call): Promise<object> {
  const id = path.id as Buffer;
  jobWithId(node.server, id);
  return { isQueued: Number(await command("ENQUEUE", id)) > 0 };
}

async function remove({ node, path, query, command }: Call): Promise<object> {
  const id = path.id as Buffer;
  jobWithId(node.server, id);
  const name = query.choice("scope") === "node" ? "DELJOB" : "ACKJOB";
  return { isDeleted: Number(await command(name, id)) > 0 };
}

/** The routes. */
export const jobRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/jobs",
    tag: "jobs",
    shows: ["show"],
    summary: "Lists jobs known to this node, page by page (JSCAN); a page may be empty.",
    query: [
      { name: "cursor", kind: "integer", absent: 0, help: "`next` of the page before." },
      { name: "count", kind: "integer", min: 1, max: 250, absent: 50, help: "Jobs of a page." },
      { name: "queue", kind: "bytes", help: "Only jobs of this queue." },
      { name: "state", kind: "choice", choices: [ANY_STATE, ...jobStates], help: "Only these." },
    ],
    reply: object({ jobs: list(jobSchema), next: nextSchema }),
    run: listJobs,
  },
  {
    method: "GET",
    path: "/api/jobs/{id}",
    tag: "jobs",
    shows: ["show"],
    summary: "Describes a job as this node knows it (SHOW), with the first 64 KB of its body.",
    segments,
    reply: jobSchema,
    run: oneJob,
  },
  {
    method: "GET",
    path: "/api/jobs/{id}/body",
    tag: "jobs",
    shows: ["show"],
    summary: "The body of a job, up to 16 MB.",
    segments,
    reply: { contentType: "application/octet-stream" },
    run: wholeBody,
  },
  {
    method: "POST",
    path: "/api/jobs/{id}/requeue",
    tag: "jobs",
    summary: "Puts a job back into its queue now (ENQUEUE).",
    segments,
    body: optionalFields({}),
    reply: object({ isQueued: boolean("False: it was queued already, or may not be.") }),
    run: requeue,
  },
  {
    method: "DELETE",
    path: "/api/jobs/{id}",
    tag: "jobs",
    summary: "Gets rid of a job: on all nodes (ACKJOB), or this node's copy alone (DELJOB).",
    segments,
    query: [
      {
        name: "scope",
        kind: "choice",
        choices: ["cluster", "node"],
        help: "node: another node that has a copy may bring the job back.",
      },
    ],
    reply: object({ isDeleted: boolean() }),
    run: remove,
  },
];
