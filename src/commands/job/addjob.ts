/**
 * ADDJOB: adds a job to a queue.
 *
 * The order of the checks is part of the interface (reference 6.1): options from left to right, the
 * timeout, combinations of options, replication, the length of the queue, its pause. A job that is to
 * have copies is answered when they exist (pending-replies.ts), unless ASYNC says not to wait.
 */

import type { AddReceiver, AddWait } from "../../cluster/jobs/copies/add-receiver.ts";
import { type Job, JobState } from "../../core/job.ts";
import { JOB_ID_CHARS } from "../../core/job-id.ts";
import type { NewJob } from "../../core/job-maker.ts";
import type { Queue } from "../../core/queue.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import { integerOption, OptionReader, readAllOptions, switchOption } from "../options.ts";
import { PendingReplies } from "../pending-replies.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { timeoutError } from "../timeout.ts";

/** Times are refused above this many seconds (136 years); the reference kept them in 32 bits. */
const SECONDS_MAX = 4_294_967_295;
const REPLICATE_MAX = 65_535;
const TTL_DEFAULT_SECONDS = 86_400;
const RETRY_DEFAULT_MAX_SECONDS = 300;
/** REPLICATE was not given. */
const ABSENT = 0;
/** The queue gets no job when the reply is given, but later or never. */
const NO_QUEUE = -1;
const QUEUE = 1;
const BODY = 2;
const TIMEOUT = 3;
const PLUS = 0x2b;
const CR = 0x0d;
const LF = 0x0a;

const replicate = integerOption("REPLICATE", {
  min: 1,
  max: REPLICATE_MAX,
  absent: ABSENT,
  error: errors.replicateRange,
});
const delay = integerOption("DELAY", {
  min: 0,
  max: SECONDS_MAX,
  absent: 0,
  error: errors.delayRange,
  errorAbove: errors.notAnInteger,
});
const retry = integerOption("RETRY", {
  min: 0,
  max: SECONDS_MAX,
  absent: -1,
  error: errors.retryRange,
  errorAbove: errors.notAnInteger,
});
const ttl = integerOption("TTL", {
  min: 1,
  max: SECONDS_MAX,
  absent: TTL_DEFAULT_SECONDS,
  error: errors.ttlRange,
  errorAbove: errors.notAnInteger,
});
const maxlen = integerOption("MAXLEN", {
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
  absent: Number.POSITIVE_INFINITY,
  error: errors.maxlenRange,
});
const async = switchOption("ASYNC");
const options = new OptionReader([replicate, delay, retry, ttl, maxlen, async]);

/** Filled anew for every request; the broker copies from it. */
const asked: NewJob = { replicate: 1, delaySeconds: 0, retrySeconds: 0, ttlSeconds: 0 };
/** Likewise. */
const wait: { -readonly [Part in keyof AddWait]: AddWait[Part] } = {
  isAsync: false,
  deadlineMs: Number.POSITIVE_INFINITY,
  receiver: undefined,
};
/** For jobs that wait for nobody. */
const AT_ONCE: AddWait = { ...wait, isAsync: true };

export const addjob: CommandSpec = {
  name: "addjob",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  group: "job",
  summary: "Adds a job to a queue and answers its id.",
  since: "0.1.0",
  arguments: [
    { name: "queue", type: "queue" },
    { name: "job", type: "string" },
    { name: "ms-timeout", type: "integer" },
    { name: "count", type: "integer", token: "REPLICATE", isOptional: true },
    { name: "sec", type: "integer", token: "DELAY", isOptional: true },
    { name: "sec", type: "integer", token: "RETRY", isOptional: true },
    { name: "sec", type: "integer", token: "TTL", isOptional: true },
    { name: "count", type: "integer", token: "MAXLEN", isOptional: true },
    { name: "async", type: "token", token: "ASYNC", isOptional: true },
  ],
  errors: ["NOREPL", "PAUSED", "MAXLEN", "OOM", "LEAVING"],
  reply: "The id of the job.",
  run: addJob,
};

function addJob(server: ServerState, session: Session, request: Request): void {
  const { queues } = server.broker;
  const known = queues.known(request.buffer, request.start(QUEUE), request.end(QUEUE));
  const error =
    readOptions(server, request) ??
    sizeError(server, request) ??
    copiesError(server) ??
    queueError(session, known);
  if (error !== undefined) {
    session.reply.error(error);
    return;
  }
  const queue = known ?? queues.entry(request.buffer, request.start(QUEUE), request.end(QUEUE));
  if (needsOthers(server)) addWithOthers(server, session, request, queue);
  else writeId(server, session, add(server, request, queue, AT_ONCE));
}

function add(server: ServerState, request: Request, queue: Queue, until: AddWait): Job {
  const { buffer } = request;
  return server.cluster.jobs.addJob(
    queue,
    buffer,
    request.start(BODY),
    request.end(BODY),
    asked,
    until,
  );
}

/** Adds a job that other nodes have a part in: it is answered now, or has its place in line. */
function addWithOthers(
  server: ServerState,
  session: Session,
  request: Request,
  queue: Queue,
): void {
  const timeoutMs = request.integer(TIMEOUT);
  wait.isAsync = async.value === 1;
  wait.deadlineMs = timeoutMs > 0 ? server.host.nowMs + timeoutMs : Number.POSITIVE_INFINITY;
  wait.receiver = wait.isAsync ? undefined : nextReceiver(server, session);
  const job = add(server, request, queue, wait);
  wait.receiver = undefined;
  const isOpen = !wait.isAsync && server.broker.jobs.state(job) === JobState.replicating;
  if (isOpen) session.pending?.open(asked.delaySeconds > 0 ? NO_QUEUE : queue.number);
  else writeId(server, session, job);
}

function nextReceiver(server: ServerState, session: Session): AddReceiver {
  session.pending ??= new PendingReplies(server, session);
  return session.pending.next();
}

function writeId({ broker }: ServerState, { reply }: Session, job: Job): void {
  reply.ensure(JOB_ID_CHARS + 3);
  reply.buffer[reply.length] = PLUS;
  broker.jobs.copyId(job, reply.buffer, reply.length + 1);
  reply.buffer[reply.length + JOB_ID_CHARS + 1] = CR;
  reply.buffer[reply.length + JOB_ID_CHARS + 2] = LF;
  reply.length += JOB_ID_CHARS + 3;
}

/** Checks 1-4 of the reference: what can be said without looking at this node's jobs. */
function readOptions(server: ServerState, request: Request): string | undefined {
  const error = readAllOptions(options, request, TIMEOUT + 1) ?? timeoutError(request, TIMEOUT);
  if (error !== undefined) return error;
  const isGiven = replicate.value !== ABSENT;
  asked.replicate = isGiven ? replicate.value : server.cluster.jobs.defaultReplicate;
  asked.delaySeconds = delay.value;
  asked.ttlSeconds = ttl.value;
  asked.retrySeconds = retry.value === -1 ? defaultRetrySeconds(ttl.value) : retry.value;
  if (asked.retrySeconds === 0 && asked.replicate > 1) return errors.retryZeroReplicated;
  if (asked.delaySeconds >= asked.ttlSeconds) return errors.delayBeyondTtl;
  return undefined;
}

/** Limits the reference does not have; both are far away by default. */
function sizeError(server: ServerState, request: Request): string | undefined {
  const settings = server.config.settings;
  if (request.size(BODY) > settings["max-job-size"]) return errors.jobTooLarge;
  if (request.size(QUEUE) > settings["max-queue-name"]) return errors.queueNameTooLong;
  return undefined;
}

/** Whether this node alone cannot keep the promise. */
function needsOthers(server: ServerState): boolean {
  return asked.replicate > 1 || server.broker.isLeaving;
}

/** Check 5: are there nodes enough for the copies? */
function copiesError(server: ServerState): string | undefined {
  if (!needsOthers(server)) return undefined;
  const lack = server.cluster.jobs.addError(asked.replicate);
  if (lack === undefined) return undefined;
  return lack === "no replicas" ? errors.noReplicas : errors.noReplicasLeaving;
}

/** Checks 6-7: does the queue take jobs? Those of this client that are on their way count as there. */
function queueError(session: Session, queue: Queue | undefined): string | undefined {
  if (queue === undefined) return undefined;
  if (maxlen.value !== Number.POSITIVE_INFINITY) {
    const underWay = session.pending?.openIn(queue.number) ?? 0;
    if (queue.length + underWay >= maxlen.value) return errors.queueTooLong;
  }
  return queue.isPausedIn ? errors.queuePaused : undefined;
}

/** A tenth of the lifetime, at least 1 s and at most 5 minutes (reference 3.3). */
function defaultRetrySeconds(ttlSeconds: number): number {
  return Math.min(RETRY_DEFAULT_MAX_SECONDS, Math.max(1, Math.floor(ttlSeconds / 10)));
}
