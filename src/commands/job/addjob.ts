/**
 * ADDJOB: adds a job to a queue.
 *
 * The order of the checks is part of the interface (reference 6.1): options from left to right, the
 * timeout, combinations of options, replication, the length of the queue, its pause.
 */

import { JOB_ID_CHARS } from "../../core/job-id.ts";
import type { NewJob } from "../../core/job-maker.ts";
import type { Queue } from "../../core/queue.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import { integerOption, OptionReader, readAllOptions, switchOption } from "../options.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { timeoutError } from "../timeout.ts";

/** Times are refused above this many seconds (136 years); the reference kept them in 32 bits. */
const SECONDS_MAX = 4_294_967_295;
const REPLICATE_MAX = 65_535;
const TTL_DEFAULT_SECONDS = 86_400;
const RETRY_DEFAULT_MAX_SECONDS = 300;
/** A lone node's default number of copies. */
const REPLICATE_DEFAULT = 1;
const QUEUE = 1;
const BODY = 2;
const TIMEOUT = 3;
const PLUS = 0x2b;
const CR = 0x0d;
const LF = 0x0a;

const replicate = integerOption("REPLICATE", {
  min: 1,
  max: REPLICATE_MAX,
  absent: REPLICATE_DEFAULT,
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

export const addjob: CommandSpec = {
  name: "addjob",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  group: "job",
  summary: "Adds a job to a queue and answers its id.",
  since: "0.1.0",
  arguments: [
    { name: "queue", type: "string" },
    { name: "job", type: "string" },
    { name: "ms-timeout", type: "integer" },
    { name: "count", type: "integer", token: "REPLICATE", isOptional: true },
    { name: "sec", type: "integer", token: "DELAY", isOptional: true },
    { name: "sec", type: "integer", token: "RETRY", isOptional: true },
    { name: "sec", type: "integer", token: "TTL", isOptional: true },
    { name: "count", type: "integer", token: "MAXLEN", isOptional: true },
    { name: "async", type: "token", token: "ASYNC", isOptional: true },
  ],
  errors: ["NOREPL", "PAUSED", "MAXLEN", "OOM"],
  reply: "The id of the job.",
  run: addJob,
};

function addJob(server: ServerState, session: Session, request: Request): void {
  const { broker } = server;
  const known = broker.queues.known(request.buffer, request.start(QUEUE), request.end(QUEUE));
  const error = readOptions(request) ?? sizeError(server, request) ?? stateError(server, known);
  if (error !== undefined) {
    session.reply.error(error);
    return;
  }
  const queue =
    known ?? broker.queues.entry(request.buffer, request.start(QUEUE), request.end(QUEUE));
  const job = broker.addJob(queue, request.buffer, request.start(BODY), request.end(BODY), asked);
  const reply = session.reply;
  reply.ensure(JOB_ID_CHARS + 3);
  reply.buffer[reply.length] = PLUS;
  broker.jobs.copyId(job, reply.buffer, reply.length + 1);
  reply.buffer[reply.length + JOB_ID_CHARS + 1] = CR;
  reply.buffer[reply.length + JOB_ID_CHARS + 2] = LF;
  reply.length += JOB_ID_CHARS + 3;
}

/** Checks 1-4 of the reference: what can be said without looking at this node. */
function readOptions(request: Request): string | undefined {
  const error = readAllOptions(options, request, TIMEOUT + 1) ?? timeoutError(request, TIMEOUT);
  if (error !== undefined) return error;
  asked.replicate = replicate.value;
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

/** Checks 5-7: can this node keep the promise, and does the queue take jobs? */
function stateError(server: ServerState, queue: Queue | undefined): string | undefined {
  if (server.broker.isLeaving) {
    return asked.replicate === 1 ? errors.noReplicasLeaving : errors.noReplicas;
  }
  if (asked.replicate > 1) return errors.noReplicas;
  if (queue === undefined) return undefined;
  if (queue.length >= maxlen.value) return errors.queueTooLong;
  return queue.isPausedIn ? errors.queuePaused : undefined;
}

/** A tenth of the lifetime, at least 1 s and at most 5 minutes (reference 3.3). */
function defaultRetrySeconds(ttlSeconds: number): number {
  return Math.min(RETRY_DEFAULT_MAX_SECONDS, Math.max(1, Math.floor(ttlSeconds / 10)));
}
