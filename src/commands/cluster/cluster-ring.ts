/**
 * CLUSTER RING: how jobs and queues are spread over the nodes.
 *
 * Without a key it lists the members on the ring with their shares. With the id of a job or the name
 * of a queue it gives the walk: the nodes in the order in which they are asked to hold a copy of that
 * job, or to bring together those who add to that queue and those who wait for it.
 */

import { flagsOf } from "../../cluster/members/node-lines.ts";
import { OWN_INDEX } from "../../cluster/nodes.ts";
import { NO_NODE } from "../../cluster/ring.ts";
import { TOKENS_PER_NODE } from "../../cluster/ring-tokens.ts";
import { Walk } from "../../cluster/ring-walk.ts";
import { JOB_ID_WORDS, parseJobId } from "../../core/job-id.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { ownAddress } from "../own-address.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

const KEY = 2;
const SHARE_DIGITS = 4;

/** Rows of `[node id, ip:port, flags, tokens, share]`, or of `[node id, ip:port, flags]` for a key. */
export const clusterRing: CommandSpec["run"] = (server, session, request) => {
  if (request.count > KEY) showWalk(server, session, request);
  else showShares(server, session);
};

function showShares(server: ServerState, session: Session): void {
  const { ring } = server.cluster.view;
  const shares = ring.shares();
  session.reply.array(ring.nodes.length);
  for (const node of ring.nodes) {
    writeNode(server, session, node, 5);
    session.reply.integer(TOKENS_PER_NODE);
    session.reply.bulkText((shares.get(node) ?? 0).toFixed(SHARE_DIGITS));
  }
}

function showWalk(server: ServerState, session: Session, request: Request): void {
  const { ring } = server.cluster.view;
  const walk = new Walk();
  walk.start(ring, keyOf(server, request));
  session.reply.array(ring.nodes.length);
  for (let rank = 0; walk.at(rank) !== NO_NODE; rank++)
    writeNode(server, session, walk.at(rank), 3);
}

/** A job's id is one, anything else is the name of a queue. */
function keyOf({ cluster }: ServerState, request: Request) {
  const [start, end] = [request.start(KEY), request.end(KEY)];
  const id = new Int32Array(JOB_ID_WORDS);
  if (parseJobId(request.buffer, start, end, id) === "canonical") return cluster.hash.ofJob(id);
  return cluster.hash.ofQueue(request.buffer.subarray(start, end));
}

/** The first three columns of a row. */
function writeNode(server: ServerState, session: Session, node: number, columns: number): void {
  const { reply } = session;
  reply.array(columns);
  if (node === OWN_INDEX) {
    const { ip, port } = ownAddress(server, session);
    reply.bulkText(server.broker.nodeId);
    reply.bulkText(`${ip}:${port}`);
    reply.bulkText("myself");
    return;
  }
  const member = server.cluster.memberAt(node);
  reply.bulkText(member?.id ?? "");
  reply.bulkText(`${member?.record.host ?? ""}:${member?.record.port ?? 0}`);
  reply.bulkText(member === undefined ? "noaddr" : flagsOf(member));
}
