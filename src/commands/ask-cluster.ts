/**
 * Commands whose answer is about all nodes: the reply comes when the others have said what they know.
 *
 * The client waits for at most a second (totals.ts); meanwhile its later requests wait, except ADDJOB
 * (pending-replies.ts). What is written of the answers is the command's business.
 */
import type { NodeTotals, TotalsReceiver } from "../cluster/totals.ts";
import type { TotalsQuestion } from "../cluster/totals-own.ts";
import type { ReplyWriter } from "../protocol/reply-writer.ts";
import { errors } from "./errors.ts";
import type { DeferredReply } from "./pending-place.ts";
import { PendingReplies } from "./pending-replies.ts";
import type { ServerState } from "./server-state.ts";
import type { Session } from "./session.ts";

/** The word behind a command that makes it about all nodes. */
export const CLUSTER_WORD = Buffer.from("CLUSTER", "latin1");

/** Asks all nodes; `write` gets the answers when they are there. */
export function askCluster(
  server: ServerState,
  session: Session,
  question: TotalsQuestion,
  write: (reply: ReplyWriter, nodes: readonly NodeTotals[]) => void,
): void {
  const { totals } = server.cluster;
  let place: DeferredReply | undefined;
  const receiver: TotalsReceiver = {
    totalsKnown: (nodes) => place?.settle((reply) => write(reply, nodes)),
  };
  if (!totals.ask(question, receiver)) {
    session.reply.error(errors.tooManyQuestions);
    return;
  }
  session.pending ??= new PendingReplies(server, session);
  place = session.pending.defer(() => totals.cancel(receiver));
}

/** How long ago a node was asked, ms, rounded; -1 when it did not answer. */
export function shownAgeMs({ ageMs }: NodeTotals): number {
  return Number.isFinite(ageMs) ? Math.round(ageMs) : -1;
}
