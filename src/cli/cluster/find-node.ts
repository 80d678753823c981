/**
 * Which node is meant by an id, the beginning of one, or an address.
 *
 * It must be exactly one: what follows cannot be undone.
 */
import { parseHostPort, printAddress } from "../../client/address.ts";
import type { Cluster, ClusterMember } from "../../client/cluster.ts";
import { nodeAddress } from "../../client/cluster-nodes.ts";
import { FailedError, UsageError } from "../cli-error.ts";

/** Shorter beginnings are more likely mistakes than ids. */
const PREFIX_MIN = 4;

/** The member. Throws UsageError for what is no name of a node, FailedError when not exactly one has it. */
export function findNode(cluster: Cluster, name: string): ClusterMember {
  const address = parseHostPort(name);
  const shown = address === undefined ? undefined : printAddress(address);
  const isPrefix = /^[0-9a-f]{4,40}$/.test(name) && name.length >= PREFIX_MIN;
  if (!isPrefix && shown === undefined) {
    throw new UsageError(
      `${name} is neither HOST:PORT nor an id, or at least ${PREFIX_MIN} digits of one`,
    );
  }
  const found = cluster.members.filter(
    ({ node }) => nodeAddress(node) === shown || (isPrefix && node.id.startsWith(name)),
  );
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const known = cluster.members.map(({ node }) => `${nodeAddress(node)} ${node.id.slice(0, 8)}`);
  const problem = found.length > 1 ? `${name} is more than one node` : `there is no node ${name}`;
  throw new FailedError(`${problem}; known are ${known.join(", ")}`);
}
