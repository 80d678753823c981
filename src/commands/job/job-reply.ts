/**
 * How jobs look in replies.
 *
 * Field numbers and orders are fixed: clients read them by position (compatibility rules: exactly
 * three fields, seven with counters; new facts only behind new options).
 */
import type { Broker } from "../../core/broker.ts";
import type { Job } from "../../core/job.ts";
import { JOB_ID_CHARS } from "../../core/job-id.ts";
import type { ReplyWriter } from "../../protocol/reply-writer.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

const ID_HEADER = Buffer.from(`$${JOB_ID_CHARS}\r\n`, "latin1");
const CR = 0x0d;
const LF = 0x0a;

/** `[queue, id, body]`, with counters `[queue, id, body, "nacks", n, "additional-deliveries", n]`. */
export function writeJob(reply: ReplyWriter, broker: Broker, job: Job, counters: boolean): void {
  const name = broker.lifecycle.queueOf(job).name;
  reply.array(counters ? 7 : 3);
  reply.bulk(name, 0, name.length);
  writeIdBulk(reply, broker, job);
  writeBody(reply, broker, job);
  if (!counters) return;
  reply.bulkText("nacks");
  reply.integer(broker.jobs.nacks(job));
  reply.bulkText("additional-deliveries");
  reply.integer(broker.jobs.additionalDeliveries(job));
}

/** Answers a GETJOB; the jobs stay noted with the session until the reply has left. */
export function writeJobs(
  server: ServerState,
  session: Session,
  jobs: readonly Job[],
  counters: boolean,
): void {
  session.jobsTaken += jobs.length;
  session.tookAtMs = server.host.nowMs;
  session.reply.array(jobs.length);
  for (const job of jobs) {
    session.unwritten.add(server.broker, job);
    writeJob(session.reply, server.broker, job, counters);
  }
}

/** The id as a bulk string. */
export function writeIdBulk(reply: ReplyWriter, broker: Broker, job: Job): void {
  reply.raw(ID_HEADER);
  reply.ensure(JOB_ID_CHARS + 2);
  broker.jobs.copyId(job, reply.buffer, reply.length);
  reply.length += JOB_ID_CHARS;
  reply.buffer[reply.length++] = CR;
  reply.buffer[reply.length++] = LF;
}

/** The body as a bulk string. */
export function writeBody(reply: ReplyWriter, broker: Broker, job: Job): void {
  const bytes = broker.jobs.bodyBytes(job);
  reply.bulkHeader(bytes);
  reply.ensure(bytes + 2);
  broker.jobs.copyBody(job, reply.buffer, reply.length);
  reply.length += bytes;
  reply.buffer[reply.length++] = CR;
  reply.buffer[reply.length++] = LF;
}

/** The id as text, for replies that need a simple string. */
export function idText(broker: Broker, job: Job): string {
  broker.jobs.copyId(job, scratch, 0);
  return scratch.toString("latin1");
}

const scratch = Buffer.alloc(JOB_ID_CHARS);
