/**
 * Queues as JSON, on this node and over all nodes.
 *
 * Over all nodes every answer lists the nodes with what became of asking them, so that a sum without
 * one of them cannot be taken for the whole.
 */

import type { NodeTotals } from "../cluster/totals.ts";
import { NO_AGE, oldestAgeMs, PAUSE_WORDS, queueFigures } from "../cluster/totals-figures.ts";
import type { TotalsQuestion } from "../cluster/totals-own.ts";
import type { ServerState } from "../commands/server-state.ts";
import type { Queue } from "../core/queue.ts";
import { ApiError } from "./api-error.ts";
import { shownName } from "./bytes-text.ts";
import type { QueueRate } from "./queue-rates.ts";
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

const joined = {
  name: string("As text; bytes that are no UTF-8 are replaced."),
  nameUrl: string("The name as a segment of a path, exactly."),
  length: count("Jobs that can be handed out."),
  ageSeconds: number("Since the queue was made."),
  idleSeconds: number("Since a job entered or somebody asked for one."),
  blockedClients: count(),
  jobsIn: count(),
  jobsOut: count(),
  pause: words(...PAUSE_WORDS),
  oldestAgeSeconds: orNull(number(), "How long its oldest job could have been handed out."),
};

const own = {
  ...joined,
  heldJobs: count("Jobs held back until a pause ends."),
  knownJobs: count("Jobs of the queue known here, in any state."),
  importRate: number("Jobs a second that come from other nodes."),
  importFrom: list(string("Id of a node.")),
};

/** The shape of `queueJson`. */
export const queueSchema: Schema = object(own);

const rate = (direction: string): Schema =>
  orNull(number(`Jobs a second that ${direction}, over some seconds; null: not known yet.`));

/** The shape of `ratedQueueJson`. */
export const ratedQueueSchema: Schema = object({
  ...own,
  inRate: rate("entered"),
  outRate: rate("were handed out"),
});

/** The shape of a queue over several nodes. */
export const joinedQueueSchema: Schema = object(joined);

/** A queue of this node and how fast jobs come and go. */
export function ratedQueueJson(server: ServerState, queue: Queue, rate: QueueRate): object {
  const json = queueJson(server, queue);
  return Object.assign(json, { inRate: rate.in, outRate: rate.out });
}

/** A queue of this node. */
export function queueJson(server: ServerState, queue: Queue): object {
  const { broker, cluster, host } = server;
  const oldest = oldestAgeMs(queue, broker, host.wallMs);
  // Not `...shownName()`: with a spread at its head the engine makes a slow object of each of ten thousand.
  const { name, nameUrl } = shownName(queue.name);
  return {
    name,
    nameUrl,
    length: queue.length,
    ageSeconds: Math.round(host.nowMs - queue.createdAtMs) / 1000,
    idleSeconds: Math.round(host.nowMs - queue.usedAtMs) / 1000,
    blockedClients: queue.waiterCount,
    jobsIn: queue.jobsIn,
    jobsOut: queue.jobsOut,
    pause: queue.pauseState,
    oldestAgeSeconds: oldest === undefined ? null : Math.round(oldest) / 1000,
    heldJobs: queue.held.length,
    knownJobs: queue.knownJobs,
    importRate: cluster.jobs.lending.importRate(queue),
    importFrom: [...cluster.jobs.lending.importsFrom(queue)],
  };
}

/** Where each figure stands in what nodes tell. */
const AT = Object.fromEntries(queueFigures.map(({ name }, at) => [name, at]));
const [LENGTH, AGE, IDLE, BLOCKED] = [AT.len, AT.age, AT.idle, AT.blocked] as number[];
const [JOBS_IN, JOBS_OUT, PAUSE, OLDEST] = [
  AT["jobs-in"],
  AT["jobs-out"],
  AT.pause,
  AT.oldest,
] as number[];

/** A queue as nodes tell of it: on one of them, or joined. */
export function toldQueueJson(bytes: Buffer, figures: readonly number[]): object {
  const of = (at: number | undefined): number => figures[at ?? -1] ?? 0;
  const oldest = of(OLDEST);
  const { name, nameUrl } = shownName(bytes);
  return {
    name,
    nameUrl,
    length: of(LENGTH),
    ageSeconds: of(AGE) / 1000,
    idleSeconds: of(IDLE) / 1000,
    blockedClients: of(BLOCKED),
    jobsIn: of(JOBS_IN),
    jobsOut: of(JOBS_OUT),
    pause: PAUSE_WORDS[of(PAUSE) & 3],
    oldestAgeSeconds: oldest === NO_AGE ? null : (oldest - 1) / 1000,
  };
}

/** What became of asking a node. */
export const answerSchema = {
  nodeId: string(),
  answer: words("answered", "silent", "not connected"),
  answerAgeSeconds: orNull(number(), "Its figures are at most so old; null without an answer."),
  heardSecondsAgo: orNull(number(), "Since anything was heard of it; null: never."),
};

/** The same as values. */
export function answerJson({ nodeId, answer, ageMs, heardMsAgo }: NodeTotals): object {
  return {
    nodeId,
    answer,
    answerAgeSeconds: Number.isFinite(ageMs) ? ageMs / 1000 : null,
    heardSecondsAgo: Number.isFinite(heardMsAgo) ? heardMsAgo / 1000 : null,
  };
}

/** Ids of nodes that did not answer. */
export const missingSchema: Schema = list(string("Id of a node that did not answer."));

/** The same as values. */
export function missingJson(nodes: readonly NodeTotals[]): string[] {
  return nodes.filter(({ reading }) => reading === undefined).map(({ nodeId }) => nodeId);
}

/** Asks all nodes; throws an ApiError when too many questions are open. */
export function askAll(
  { cluster }: ServerState,
  question: TotalsQuestion,
): Promise<readonly NodeTotals[]> {
  return new Promise((resolve, reject) => {
    if (cluster.totals.ask(question, { totalsKnown: resolve })) return;
    reject(new ApiError(503, "BUSY", "Too many questions to all nodes are open, try again."));
  });
}

/** Whether more queues were to be told of. */
export const partialSchema: Schema = boolean("A node has more queues than are told of here.");
