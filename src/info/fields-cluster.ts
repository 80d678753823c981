/**
 * Figures about the other nodes: the section Cluster, which the reference does not have.
 *
 * Its CLUSTER INFO shows the first three as well. How a single node looks stands in CLUSTER NODES.
 */
import type { Member } from "../cluster/members/member.ts";
import type { Membership } from "../cluster/members/membership.ts";
import { MESSAGE_TYPES } from "../cluster/traffic.ts";
import { rowsOf } from "./field.ts";

const cluster = rowsOf("Cluster");

/** The section Cluster. */
export const clusterFields = [
  cluster.gauge("cluster_known_nodes", {
    metric: "ringq_cluster_known_nodes",
    help: "Nodes this one knows, itself and those it is just being introduced to included.",
    read: (source) => source.cluster.membership.knownCount,
  }),
  cluster.gauge("cluster_size", {
    metric: "ringq_cluster_size",
    help: "Members of the cluster, this node and silent ones included.",
    read: (source) => source.cluster.membership.size,
  }),
  cluster.gauge("cluster_reachable_nodes", {
    metric: "ringq_cluster_reachable_nodes",
    help: "Other members that are neither silent nor leaving.",
    read: (source) => source.cluster.membership.reachableCount,
  }),
  cluster.gauge("cluster_connected_nodes", {
    metric: "ringq_cluster_connected_nodes",
    help: "Other members there is a connection with.",
    read: (source) => count(source.cluster.membership, ({ link }) => link !== undefined),
  }),
  cluster.gauge("cluster_suspected_nodes", {
    metric: "ringq_cluster_suspected_nodes",
    help: "Members this node has heard nothing of for cluster-node-timeout, failed ones included.",
    read: (source) => count(source.cluster.membership, ({ isSuspected }) => isSuspected),
  }),
  cluster.gauge("cluster_failed_nodes", {
    metric: "ringq_cluster_failed_nodes",
    help: "Members of which most nodes hear nothing.",
    read: (source) => count(source.cluster.membership, ({ isFailed }) => isFailed),
  }),
  cluster.gauge("cluster_round_trip_ms_max", {
    metric: "ringq_cluster_round_trip_max_milliseconds",
    help: "Round-trip time to the slowest member that answers, smoothed, milliseconds.",
    decimals: 3,
    read: (source) => slowest(source.cluster.membership),
  }),
  cluster.text("cluster_incarnation", {
    help: "How often this node has started or was reset under its id.",
    read: (source) => source.cluster.membership.incarnation,
  }),
  cluster.counter("cluster_messages_sent", {
    metric: "ringq_cluster_messages_sent_total",
    help: "Messages to other nodes.",
    read: (source) => source.cluster.messagesSent.total,
  }),
  cluster.counter("cluster_messages_received", {
    metric: "ringq_cluster_messages_received_total",
    help: "Messages from other nodes.",
    read: (source) => source.cluster.messagesReceived.total,
  }),
  cluster.counter("cluster_bytes_sent", {
    metric: "ringq_cluster_sent_bytes_total",
    help: "Bytes to other nodes.",
    read: (source) => source.cluster.bytes.linkBytesSent,
  }),
  cluster.counter("cluster_bytes_received", {
    metric: "ringq_cluster_received_bytes_total",
    help: "Bytes from other nodes.",
    read: (source) => source.cluster.bytes.linkBytesReceived,
  }),
];

const bus = rowsOf("Bus");

/** The section Bus: messages and their bytes by type. */
export const busFields = MESSAGE_TYPES.flatMap((type) => [
  bus.counter(`bus_${type}_sent`, {
    help: `Messages "${type}" to other nodes.`,
    read: (source) => source.cluster.messagesSent.of(type),
  }),
  bus.counter(`bus_${type}_received`, {
    help: `Messages "${type}" from other nodes.`,
    read: (source) => source.cluster.messagesReceived.of(type),
  }),
  bus.counter(`bus_${type}_sent_bytes`, {
    help: `Bytes of messages "${type}" to other nodes, without their frames.`,
    read: (source) => source.cluster.bytes.ofType(type)?.sentBytes ?? 0,
  }),
  bus.counter(`bus_${type}_received_bytes`, {
    help: `Bytes of messages "${type}" from other nodes, without their frames.`,
    read: (source) => source.cluster.bytes.ofType(type)?.receivedBytes ?? 0,
  }),
]);

function count(membership: Membership, isCounted: (member: Member) => boolean): number {
  let members = 0;
  for (const member of membership.members()) if (isCounted(member)) members++;
  return members;
}

function slowest(membership: Membership): number {
  let roundTripMs = 0;
  for (const member of membership.members()) {
    if (member.link !== undefined) roundTripMs = Math.max(roundTripMs, member.roundTripMs ?? 0);
  }
  return roundTripMs;
}
