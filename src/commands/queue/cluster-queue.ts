/**
 * QSTAT and QLEN with the word CLUSTER: a queue as all nodes see it together.
 *
 * Behind the joined figures stands every node, also one that did not answer: without it a length
 * would look like all there is. A job that went from one node to another is counted in and out on both.
 */
import { PAUSED_NAME_BYTES_MAX } from "../../cluster/messages.ts";
import type { NodeTotals } from "../../cluster/totals.ts";
import { NO_AGE, PAUSE_WORDS, queueFigures } from "../../cluster/totals-figures.ts";
import { joinQueues, missingCount, queueOn } from "../../cluster/totals-sum.ts";
import type { ReplyWriter } from "../../protocol/reply-writer.ts";
import type { Request } from "../../protocol/request.ts";
import { askCluster, CLUSTER_WORD, shownAgeMs } from "../ask-cluster.ts";
import { errorAbout, errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

const QUEUE = 1;
const SCOPE = 2;
const MS_PER_SECOND = 1000;
const LENGTH = 0;

/** Runs `onNode` for `<command> queue` and `onCluster` for `<command> queue CLUSTER`. */
export function nodeOrCluster(
  onNode: (server: ServerState, session: Session, request: Request) => void,
  onCluster: (reply: ReplyWriter, queue: Buffer, nodes: readonly NodeTotals[]) => void,
) {
  return (server: ServerState, session: Session, request: Request): void => {
    if (request.count === SCOPE) {
      onNode(server, session, request);
    } else if (request.count > SCOPE + 1 || !request.is(SCOPE, CLUSTER_WORD)) {
      // Without the word one argument is all that there can be, as in the reference.
      session.reply.error(errorAbout.arity(session.lastCommand?.name ?? ""));
    } else if (request.size(QUEUE) > PAUSED_NAME_BYTES_MAX) {
      session.reply.error(errors.queueNameTooLong);
    } else {
      const queue = Buffer.from(request.bytes(QUEUE));
      const question = { queues: [queue], scanFrom: 0, scanCount: 0 };
      askCluster(server, session, question, (reply, nodes) => onCluster(reply, queue, nodes));
    }
  };
}

/** Pairs as QSTAT has them, as far as they can be joined, and then `nodes`. */
export function writeClusterStat(
  reply: ReplyWriter,
  name: Buffer,
  nodes: readonly NodeTotals[],
): void {
  const [joined] = joinQueues(nodes);
  if (joined === undefined && missingCount(nodes) === 0) {
    reply.nullArray();
    return;
  }
  reply.array((queueFigures.length + 2) * 2);
  reply.bulkText("name");
  reply.bulk(name, 0, name.length);
  writeFigures(reply, joined?.figures ?? []);
  reply.bulkText("nodes");
  reply.array(nodes.length);
  for (const node of nodes) {
    reply.array((queueFigures.length + 3) * 2);
    writeNode(reply, node);
    writeFigures(reply, queueOn(node, name)?.figures ?? []);
  }
}

/** The sum, then for each node its id, what became of the question, its age in ms and its length. */
export function writeClusterLength(
  reply: ReplyWriter,
  name: Buffer,
  nodes: readonly NodeTotals[],
): void {
  const [joined] = joinQueues(nodes);
  reply.array(2);
  reply.integer(joined?.figures[LENGTH] ?? 0);
  reply.array(nodes.length);
  for (const node of nodes) {
    reply.array(8);
    writeNode(reply, node);
    reply.bulkText("len");
    reply.integer(queueOn(node, name)?.figures[LENGTH] ?? 0);
  }
}

function writeNode(reply: ReplyWriter, node: NodeTotals): void {
  reply.bulkText("node");
  reply.bulkText(node.nodeId);
  reply.bulkText("answer");
  reply.bulkText(node.answer);
  reply.bulkText("answer-age-ms");
  reply.integer(shownAgeMs(node));
}

/** Seconds where QSTAT has seconds; a node without the queue has zeros. */
function writeFigures(reply: ReplyWriter, figures: readonly number[]): void {
  queueFigures.forEach(({ name }, at) => {
    const value = figures[at] ?? 0;
    reply.bulkText(name);
    if (name === "pause") reply.bulkText(PAUSE_WORDS[value & 3] ?? "none");
    else if (name === "oldest") reply.integer(value === NO_AGE ? -1 : seconds(value - 1));
    else reply.integer(name === "age" || name === "idle" ? seconds(value) : value);
  });
}

function seconds(ms: number): number {
  return Math.floor(ms / MS_PER_SECOND);
}
