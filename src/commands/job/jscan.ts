/**
 * JSCAN: lists jobs, step by step.
 *
 * A cursor is a handle of the job table; what that guarantees stands in scan.ts. A reply with
 * descriptions stops at a size and leads on by its cursor.
 */

import { type Job, JobFlag } from "../../core/job.ts";
import { JOB_ID_CHARS } from "../../core/job-id.ts";
import type { Queue } from "../../core/queue.ts";
import type { ReplyWriter } from "../../protocol/reply-writer.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import { argumentOption, OptionReader, repeatedOption } from "../options.ts";
import { readScan, scan, scanOptions } from "../scan.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { STATE_NAMES } from "./job-facts.ts";
import { idText } from "./job-reply.ts";
import { writeDescriptions } from "./show-reply.ts";

/** Jobs in one reply stop here; the cursor leads on. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;
/** What a description takes beside the body and the queue's name, roughly. */
const DESCRIPTION_BYTES = 600;
const STATE_WORDS = STATE_NAMES.map((name) => Buffer.from(name, "latin1"));
const ID = Buffer.from("ID", "latin1");
const ALL = Buffer.from("ALL", "latin1");

const { count, busyloop } = scanOptions();
const queueName = argumentOption("QUEUE");
const stateName = repeatedOption("STATE");
const replyType = argumentOption("REPLY");
const options = new OptionReader([count, busyloop, queueName, stateName, replyType]);

export const jscan: CommandSpec = {
  name: "jscan",
  arity: -1,
  flags: ["readonly"],
  group: "job",
  summary: "Lists jobs step by step, optionally by queue and state.",
  since: "0.1.0",
  arguments: [
    { name: "cursor", type: "integer", isOptional: true },
    { name: "count", type: "integer", token: "COUNT", isOptional: true },
    { name: "busyloop", type: "token", token: "BUSYLOOP", isOptional: true },
    { name: "queue", type: "queue", token: "QUEUE", isOptional: true },
    { name: "state", type: "string", token: "STATE", isOptional: true, isMultiple: true },
    { name: "id|all", type: "string", token: "REPLY", isOptional: true },
  ],
  errors: [],
  reply: "The next cursor, 0 at the end, and a list of ids or descriptions.",
  run: scanJobs,
};

function scanJobs(server: ServerState, session: Session, request: Request): void {
  const cursor = readScan(options, request);
  const states = statesOf(request);
  const isFull = isFullReply(request);
  const error = [cursor, states, isFull].find((value) => typeof value === "string");
  if (error !== undefined) {
    session.reply.error(error as string);
    return;
  }
  const { jobs, queues } = server.broker;
  const at = queueName.value;
  const queue =
    at === 0 ? undefined : queues.known(request.buffer, request.start(at), request.end(at));
  if (at !== 0 && queue === undefined) {
    writePage(server, session, 0, [], false);
    return;
  }
  const found: Job[] = [];
  let bytes = 0;
  const limits = {
    count: count.value,
    isBusyloop: busyloop.value === 1,
    isFull: () => bytes > REPLY_BYTES_MAX,
    skip: (job: Job) => jobs.skipVacant(job),
  };
  const next = scan(cursor as number, jobs.handleLimit, limits, (job) => {
    if (!isWanted(server, job, queue, states as number)) return false;
    found.push(job);
    bytes += isFull === true ? descriptionBytes(server, job) : JOB_ID_CHARS;
    return true;
  });
  writePage(server, session, next, found, isFull as boolean);
}

function isWanted(
  server: ServerState,
  job: Job,
  queue: Queue | undefined,
  states: number,
): boolean {
  const { clock, jobs } = server.broker;
  // Acknowledged here and never had: no job of this node, though it is remembered for a while.
  const isJob = jobs.isLive(job) && !jobs.hasFlag(job, JobFlag.isDummy);
  if (!isJob || clock.isExpired(job)) return false;
  if (queue !== undefined && jobs.queueNumber(job) !== queue.number) return false;
  return states === 0 || (states & (1 << jobs.state(job))) !== 0;
}

function descriptionBytes(server: ServerState, job: Job): number {
  const { jobs, lifecycle } = server.broker;
  return jobs.bodyBytes(job) + lifecycle.queueOf(job).name.length + DESCRIPTION_BYTES;
}

function writePage(
  server: ServerState,
  session: Session,
  next: number,
  found: readonly Job[],
  isFull: boolean,
): void {
  const reply: ReplyWriter = session.reply;
  reply.array(2);
  reply.bulkText(String(next));
  reply.array(found.length);
  if (isFull) writeDescriptions(server, session, found);
  else for (const job of found) reply.simple(idText(server.broker, job));
}

/** The states asked for as bits by JobState, 0 for any; or the error to answer. */
function statesOf(request: Request): number | string {
  let states = 0;
  for (const i of stateName.values) {
    const state = STATE_WORDS.findIndex((word) => request.is(i, word));
    if (state === -1) return errors.badJobState;
    states |= 1 << state;
  }
  return states;
}

function isFullReply(request: Request): boolean | string {
  const at = replyType.value;
  if (at === 0 || request.is(at, ID)) return false;
  return request.is(at, ALL) ? true : errors.badReplyType;
}
