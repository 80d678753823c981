/**
 * Reading the job ids of a request.
 *
 * Commands that take several ids check all of them before they act on any (reference 3.1), so that
 * a typing error in the last one does not leave the first ones half done.
 */

import { type Job, NO_JOB } from "../core/job.ts";
import { isWellFormedJobId, JOB_ID_WORDS, parseJobId } from "../core/job-id.ts";
import type { Request } from "../protocol/request.ts";
import { errors } from "./errors.ts";
import type { ServerState } from "./server-state.ts";
import type { Session } from "./session.ts";

const id = new Int32Array(JOB_ID_WORDS);

/** Whether all arguments from `from` on are well formed; answers BADID when not. */
export function areJobIds(session: Session, request: Request, from: number): boolean {
  for (let i = from; i < request.count; i++) {
    if (!isWellFormedJobId(request.buffer, request.start(i), request.end(i))) {
      session.reply.error(errors.badId);
      return false;
    }
  }
  return true;
}

/** The job named by argument `i`, or NO_JOB when this node does not know it. */
export function jobAt(server: ServerState, request: Request, i: number): Job {
  const kind = parseJobId(request.buffer, request.start(i), request.end(i), id);
  return kind === "canonical" ? server.broker.find(id) : NO_JOB;
}

/**
 * Checks all ids, then answers, and returns, how many of them `act` said yes to. Ids that no node can
 * have given are passed over; the words of the others are only valid during the call.
 */
export function countIds(
  session: Session,
  request: Request,
  act: (id: Int32Array) => boolean,
): number {
  if (!areJobIds(session, request, 1)) return 0;
  let count = 0;
  for (let i = 1; i < request.count; i++) {
    const kind = parseJobId(request.buffer, request.start(i), request.end(i), id);
    if (kind === "canonical" && act(id)) count++;
  }
  session.reply.integer(count);
  return count;
}
