/**
 * QPEEK: looks at queued jobs without taking them.
 *
 * Nothing changes by it: no lease, no counter, no idle time, and a pause does not matter.
 */
import type { Job } from "../../core/job.ts";
import type { Queue } from "../../core/queue.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import { writeJob } from "../job/job-reply.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

/** One reply is not larger than this, unless its first job alone is. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;
/** What a job takes in a reply beside its body and its queue's name, at least. */
const JOB_BYTES = 64;

export const qpeek: CommandSpec = {
  name: "qpeek",
  arity: 3,
  flags: ["readonly"],
  group: "queue",
  summary:
    "Shows queued jobs without taking them: the oldest, or with a negative count the newest.",
  since: "0.1.0",
  arguments: [
    { name: "queue", type: "queue" },
    { name: "count", type: "integer" },
  ],
  errors: [],
  reply: "A list of [queue, id, body].",
  run: peek,
};

function peek(server: ServerState, session: Session, request: Request): void {
  const count = request.integer(2);
  if (Number.isNaN(count)) {
    session.reply.error(errors.notAnInteger);
    return;
  }
  const queue = server.broker.queues.find(request.buffer, request.start(1), request.end(1));
  const jobs = queue === undefined ? [] : waitingJobs(server, queue, count);
  session.reply.array(jobs.length);
  for (const job of jobs) writeJob(session.reply, server.broker, job, false);
}

/** As many as asked for and as fit into a reply; expired ones are not there any more. */
function waitingJobs(server: ServerState, queue: Queue, count: number): Job[] {
  const { clock, jobs } = server.broker;
  const most = Math.min(Math.abs(count), REPLY_BYTES_MAX / JOB_BYTES);
  const seen = count < 0 ? queue.jobs.newest(most) : queue.jobs.oldest(most);
  const shown: Job[] = [];
  let bytes = 0;
  for (const job of seen) {
    if (clock.isExpired(job)) continue;
    bytes += jobs.bodyBytes(job) + queue.name.length + JOB_BYTES;
    if (bytes > REPLY_BYTES_MAX && shown.length > 0) break;
    shown.push(job);
  }
  return shown;
}
