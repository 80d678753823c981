/**
 * One look at a whole cluster: every node's figures and every node's queues.
 *
 * A node that does not answer is part of the picture. What two looks together tell is in queue-rows.ts.
 */
import { Cluster, type ClusterMember } from "../../client/cluster.ts";
import { type ClusterNode, nodeAddress } from "../../client/cluster-nodes.ts";
import type { Connection } from "../../client/connection.ts";
import { ConnectionError, ServerError } from "../../client/connection-error.ts";
import { type InfoFields, readInfo } from "../../client/info.ts";
import type { Target } from "../../client/target.ts";
import { type QueueFigures, readQueues, serverTimeMs } from "../queue-figures.ts";

/** A node that says nothing for so long is silent; longer than nodes wait for one another (QSTAT queue CLUSTER). */
const SILENT_MS = 2000;

/** The cluster, for looks: a silent node must not keep others from being seen. Rejects as `Cluster.open`. */
export function openForLooks(target: Target): Promise<Cluster> {
  return Cluster.open({ ...target, replyTimeoutMs: SILENT_MS });
}

/** A node as it was. */
export interface NodeLook {
  readonly node: ClusterNode;
  readonly address: string;
  readonly connection: Connection | undefined;
  /** Undefined: it did not answer, see `problem`. */
  readonly info: InfoFields | undefined;
  readonly queues: readonly QueueFigures[];
  /** It has more queues than that. */
  readonly isCut: boolean;
  /** The node's own clock, milliseconds since 1970. */
  readonly nowMs: number;
  readonly problem: string;
}

/** All nodes as they were at about the same time. */
export interface Look {
  /** By our own clock. */
  readonly atMs: number;
  readonly nodes: readonly NodeLook[];
}

/** Looks at all nodes. Rejects with ConnectionError when none answers. */
export async function lookAt(cluster: Cluster): Promise<Look> {
  await cluster.refresh();
  const nodes = await Promise.all(cluster.members.map(lookAtNode));
  return { atMs: performance.now(), nodes };
}

async function lookAtNode({ node, connection, problem }: ClusterMember): Promise<NodeLook> {
  const empty = { info: undefined, queues: [], isCut: false, nowMs: 0 };
  const nothing = { node, address: nodeAddress(node), connection, ...empty };
  if (connection === undefined) return { ...nothing, problem };
  try {
    const [info, { queues, isCut }, nowMs] = await Promise.all([
      readInfo(connection),
      readQueues(connection),
      serverTimeMs(connection),
    ]);
    return { ...nothing, info, queues, isCut, nowMs, problem: "" };
  } catch (error) {
    if (!(error instanceof ConnectionError || error instanceof ServerError)) throw error;
    return { ...nothing, problem: error.message };
  }
}
