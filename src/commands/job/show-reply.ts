/**
 * The description of a job as SHOW and JSCAN REPLY ALL give it.
 *
 * Fifteen pairs in the reference's order; some clients read them by position, so new pairs may only
 * be appended (compatibility rules). Nulls where a moment does not exist.
 */
import type { Job } from "../../core/job.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { jobFacts } from "./job-facts.ts";
import { writeBody, writeIdBulk } from "./job-reply.ts";

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
  const { broker } = server;
  const { reply } = session;
  const facts = jobFacts(server, job);
  const { queue } = facts;
  reply.array(PAIRS * 2);
  reply.bulkText("id");
  writeIdBulk(reply, broker, job);
  reply.bulkText("queue");
  reply.bulk(queue, 0, queue.length);
  reply.bulkText("state");
  reply.bulkText(facts.state);
  reply.bulkText("repl");
  reply.integer(facts.replicate);
  reply.bulkText("ttl");
  reply.integer(facts.ttlLeftSeconds);
  reply.bulkText("ctime");
  reply.joinedInteger(facts.createdMs, facts.createdCounter);
  reply.bulkText("delay");
  reply.integer(facts.delaySeconds);
  reply.bulkText("retry");
  reply.integer(facts.retrySeconds);
  reply.bulkText("nacks");
  reply.integer(facts.nacks);
  reply.bulkText("additional-deliveries");
  reply.integer(facts.additionalDeliveries);
  reply.bulkText("nodes-delivered");
  writeTexts(session, facts.holderIds);
  reply.bulkText("nodes-confirmed");
  writeTexts(session, confirmedIds);
  reply.bulkText("next-requeue-within");
  writeMs(session, facts.requeueWithinMs);
  reply.bulkText("next-awake-within");
  writeMs(session, facts.awakeWithinMs);
  reply.bulkText("body");
  writeBody(reply, broker, job);
}

function writeTexts(session: Session, texts: readonly string[]): void {
  session.reply.array(texts.length);
  for (const text of texts) session.reply.bulkText(text);
}

function writeMs(session: Session, ms: number): void {
  if (ms === Number.POSITIVE_INFINITY) session.reply.nullBulk();
  else session.reply.integer(Math.floor(ms));
}
