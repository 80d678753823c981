/**
 * Whether a node should be sent clients, and if not, why.
 *
 * Being alive and being ready are two things: a node that leaves, stops or loads answers requests
 * and must not be killed for it, but new clients are better off elsewhere. A full memory is no reason:
 * taking consumers away from a full node keeps it full.
 */
import type { HttpNode } from "./http-node.ts";

/** Sentences; none when the node is ready. */
export function unreadyReasons({ server, reasons }: HttpNode): string[] {
  const { broker, cluster, log } = server;
  const found = [...reasons()];
  if (log.isLoading) found.push("loading: jobs are being read from the log");
  if (log.refusal !== "") found.push(`disk: the log cannot be written: ${log.refusal}`);
  if (broker.isLeaving) found.push("leaving: the node is being taken out of service");
  const members = [...cluster.membership.members()];
  const silent = members.filter(({ isSuspected, isFailed }) => isSuspected || isFailed).length;
  const size = members.length + 1;
  if ((size - silent) * 2 < size) {
    found.push(
      `cluster: nothing is heard of ${silent} of ${members.length} other nodes, most of the cluster`,
    );
  }
  return found;
}
