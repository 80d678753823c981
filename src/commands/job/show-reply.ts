/**
 * The description of a job as SHOW and JSCAN REPLY ALL give it.
 *
 * Fifteen pairs in the reference's order; some clients read them by position, so new pairs may only
 * be appended (compatibility rules). Nulls where a moment does not exist.
 */
import type { Job } from "../../core/job.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { writeBody, writeIdBulk } from "./job-reply.ts";

/** Names of states as clients see them, by JobState. */
export const STATE_NAMES: readonly string[] = ["wait-repl", "active", "queued", "acked"];
const PAIRS = 15;

/** Writes the descriptions of jobs, one after the other. */
export function writeDescriptions(
  server: ServerState,
  session: Session,
  found: readonly Job[],
): void {
  const confirmedIds = server.cluster.jobs.confirmedIds(found);
  found.forEach((job, at) => {
    writeDescription(server, session, job, confirmedIds[at] as string[]);
  });
}

function writeDescription(
  server: ServerState,
  session: Session,
  job: Job,
  confirmedIds: readonly string[],
): void {
  const { broker, host } = server;
  const { clock, jobs, lifecycle } = broker;
  const { reply } = session;
  const queue = lifecycle.queueOf(job);
  reply.array(PAIRS * 2);
  reply.bulkText("id");
  writeIdBulk(reply, broker, job);
  reply.bulkText("queue");
  reply.bulk(queue.name, 0, queue.name.length);
  reply.bulkText("state");
  reply.bulkText(STATE_NAMES[jobs.state(job)] as string);
  reply.bulkText("repl");
  reply.integer(jobs.replicate(job));
  reply.bulkText("ttl");
  reply.integer(Math.max(0, Math.ceil((jobs.expiresAtMs(job) - host.nowMs) / 1000)));
  reply.bulkText("ctime");
  reply.joinedInteger(jobs.createdMs(job), jobs.createdCounter(job));
  reply.bulkText("delay");
  reply.integer(jobs.delaySeconds(job));
  reply.bulkText("retry");
  reply.integer(jobs.retrySeconds(job));
  reply.bulkText("nacks");
  reply.integer(jobs.nacks(job));
  reply.bulkText("additional-deliveries");
  reply.integer(jobs.additionalDeliveries(job));
  reply.bulkText("nodes-delivered");
  writeTexts(session, server.cluster.jobs.holderIds(job));
  reply.bulkText("nodes-confirmed");
  writeTexts(session, confirmedIds);
  reply.bulkText("next-requeue-within");
  writeMs(session, clock.requeueWithinMs(job));
  reply.bulkText("next-awake-within");
  writeMs(session, awakeWithinMs(server, job));
  reply.bulkText("body");
  writeBody(reply, broker, job);
}

/** Until the job expires, or its retry clock goes round, which for a held job it has. */
function awakeWithinMs(server: ServerState, job: Job): number {
  const { clock } = server.broker;
  const withinMs = Math.max(0, clock.awakeAtMs(job) - server.host.nowMs);
  return Math.min(withinMs, clock.requeueWithinMs(job));
}

function writeTexts(session: Session, texts: readonly string[]): void {
  session.reply.array(texts.length);
  for (const text of texts) session.reply.bulkText(text);
}

function writeMs(session: Session, ms: number): void {
  if (ms === Number.POSITIVE_INFINITY) session.reply.nullBulk();
  else session.reply.integer(Math.floor(ms));
}
