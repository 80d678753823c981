/**
 * The members of a cluster as the log names them: by the numbers that jobs use, and by their ids.
 *
 * The journal knows no members, and the cluster no log.
 */
import type { Cluster } from "../../cluster/cluster.ts";
import type { LogNodes } from "../../journal/log-nodes.ts";

/** This node included; whoever is no member any more has neither number nor id. */
export function clusterLogNodes(cluster: Cluster): LogNodes {
  const { nodes } = cluster;
  return { id: (index) => nodes.id(index), index: (id) => nodes.findId(id) };
}
