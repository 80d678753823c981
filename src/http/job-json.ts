/**
 * Jobs as JSON: the facts of SHOW, times as ISO text and seconds, and the beginning of the body.
 *
 * Bodies may be half a gigabyte; here nobody gets more than is looked at. The whole body has a route of
 * its own.
 */

import { jobFacts, STATE_NAMES } from "../commands/job/job-facts.ts";
import { idText } from "../commands/job/job-reply.ts";
import type { ServerState } from "../commands/server-state.ts";
import { type Job, NO_JOB } from "../core/job.ts";
import { JOB_ID_WORDS, parseJobId } from "../core/job-id.ts";
import { badRequest, notFound } from "./api-error.ts";
import { shownBody, shownName } from "./bytes-text.ts";
import {
  boolean,
  count,
  list,
  number,
  object,
  orNull,
  type Schema,
  string,
  words,
} from "./schema.ts";

/** Bytes of a body that are shown in a list. */
export const PREVIEW_BYTES = 256;
/** ... and with a single job. */
export const BODY_BYTES = 64 * 1024;
/** Bodies up to here are copied as a whole. */
const WHOLE_BYTES = 4096;

/** Words that `state` may be. */
export const jobStates = STATE_NAMES;

/** The shape of `jobJson`. */
export const jobSchema: Schema = object({
  id: string(),
  queue: object({ name: string(), nameUrl: string("The name as a segment of a path.") }),
  state: words(...STATE_NAMES),
  replicate: count("Copies asked for."),
  createdAt: string("ISO 8601."),
  ttlLeftSeconds: count(),
  delaySeconds: count(),
  retrySeconds: count("0: delivered at most once."),
  nacks: count(),
  additionalDeliveries: count(),
  holders: list(string("Id of a node that may have a copy; the keeper comes first.")),
  confirmed: list(string("Id of a node that knows of the acknowledgement.")),
  requeueWithinSeconds: orNull(number()),
  awakeWithinSeconds: orNull(number()),
  body: object({
    bytes: count("Size of the whole body."),
    isCut: boolean("Only the beginning is shown."),
    text: orNull(string(), "Null when the body is no UTF-8."),
    base64: orNull(string()),
  }),
});

/** Descriptions of jobs with the first bytes of their bodies. */
export function jobsJson(server: ServerState, found: readonly Job[], bodyBytes: number): object[] {
  const confirmedIds = server.cluster.jobs.confirmedIds(found);
  return found.map((job, at) => jobJson(server, job, confirmedIds[at] ?? [], bodyBytes));
}

function jobJson(
  server: ServerState,
  job: Job,
  confirmed: readonly string[],
  bodyBytes: number,
): object {
  const { broker } = server;
  const facts = jobFacts(server, job);
  return {
    id: idText(broker, job),
    queue: shownName(facts.queue),
    state: facts.state,
    replicate: facts.replicate,
    createdAt: new Date(facts.createdMs).toISOString(),
    ttlLeftSeconds: facts.ttlLeftSeconds,
    delaySeconds: facts.delaySeconds,
    retrySeconds: facts.retrySeconds,
    nacks: facts.nacks,
    additionalDeliveries: facts.additionalDeliveries,
    holders: facts.holderIds,
    confirmed,
    requeueWithinSeconds: secondsOf(facts.requeueWithinMs),
    awakeWithinSeconds: secondsOf(facts.awakeWithinMs),
    body: shownBody(bodyOf(server, job, bodyBytes), broker.jobs.bodyBytes(job)),
  };
}

/** The first bytes of a body. */
export function bodyOf({ broker }: ServerState, job: Job, bytesMax: number): Buffer {
  const bytes = broker.jobs.bodyBytes(job);
  // The arena copies as much as there is room for, except small bodies, which need all of it.
  const body = Buffer.allocUnsafe(Math.min(bytes, Math.max(bytesMax, WHOLE_BYTES)));
  broker.jobs.copyBody(job, body, 0);
  return body.subarray(0, bytesMax);
}

/** The job with this id; throws an ApiError when it is not known here, or no id at all. */
export function jobWithId({ broker }: ServerState, id: Buffer): Job {
  const words = new Int32Array(JOB_ID_WORDS);
  const kind = parseJobId(id, 0, id.length, words);
  if (kind === "malformed") throw badRequest("That is no job id.");
  const job = kind === "canonical" ? broker.find(words) : NO_JOB;
  if (job === NO_JOB) throw notFound("No such job is known to this node.");
  return job;
}

function secondsOf(ms: number): number | null {
  return Number.isFinite(ms) ? ms / 1000 : null;
}
