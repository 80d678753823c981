/**
 * CLUSTER NODES, CLUSTER INFO and the node list of HELLO: membership as clients read it.
 *
 * The columns, their order and the words are those of the reference; client libraries split the lines
 * at spaces and compare the third column with `myself`. How this node looks to the client that asks
 * is not known here.
 */
import type { Introduction } from "./introductions.ts";
import type { Member } from "./member.ts";
import type { Membership } from "./membership.ts";

/** The node itself as the asking client sees it. */
export interface ShownAddress {
  readonly ip: string;
  readonly port: number;
}

/** One node in the answer to HELLO. */
export interface HelloRow {
  readonly nodeId: string;
  readonly ip: string;
  readonly port: number;
  readonly priority: number;
}

const PRIORITY_GOOD = 1;
const PRIORITY_UNLINKED = 5;
const PRIORITY_SUSPECTED = 10;
const PRIORITY_UNUSABLE = 100;

/** `<id> <ip>:<port> <flags> <ping sent> <pong received> <link state>`, each line ended by LF. */
export function clusterNodesText(membership: Membership, own: ShownAddress): string {
  const { nodeId, isLeaving } = membership;
  const flags = isLeaving ? "myself,leaving" : "myself";
  const lines = [`${nodeId} ${own.ip}:${own.port} ${flags} 0 0 connected`];
  for (const member of membership.members()) lines.push(memberLine(member));
  for (const introduction of membership.introductions()) lines.push(strangerLine(introduction));
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * The lines of CLUSTER INFO, each ended by CR LF. `sent` and `received` are messages of all kinds since
 * the node started.
 */
export function clusterInfoText(
  membership: Membership,
  sent: number,
  received: number,
  more: readonly (readonly [name: string, value: number])[],
): string {
  const fields: readonly (readonly [name: string, value: string | number])[] = [
    ["state", "ok"],
    ["known_nodes", membership.knownCount],
    ["reachable_nodes", membership.reachableCount],
    ["size", membership.size],
    ["stats_messages_sent", sent],
    ["stats_messages_received", received],
    ...more,
  ];
  return fields.map(([name, value]) => `cluster_${name}:${value}\r\n`).join("");
}

/** The nodes of HELLO, this one first. Strangers are left out: their ids may be invented. */
export function helloRows(membership: Membership, own: ShownAddress): HelloRow[] {
  const { nodeId, isLeaving } = membership;
  const rows = [{ nodeId, ...own, priority: isLeaving ? PRIORITY_UNUSABLE : PRIORITY_GOOD }];
  for (const member of membership.members()) {
    const { host, port } = member.record;
    rows.push({ nodeId: member.id, ip: host, port, priority: priorityOf(member) });
  }
  return rows;
}

/** How a member looks: `fail?`, `fail`, `noaddr` and `leaving` in this order, or `noflags`. */
export function flagsOf(member: Member): string {
  const flags = [];
  if (member.isFailed) flags.push("fail");
  else if (member.isSuspected) flags.push("fail?");
  if (!member.isAddressKnown) flags.push("noaddr");
  if (member.isLeaving) flags.push("leaving");
  return flags.length === 0 ? "noflags" : flags.join(",");
}

/** The lower, the better for clients: 1, 5 without a link, 10 for `fail?`, 100 for `fail` and leaving. */
export function priorityOf(member: Member): number {
  if (member.isFailed || member.isLeaving) return PRIORITY_UNUSABLE;
  if (member.isSuspected) return PRIORITY_SUSPECTED;
  return member.link === undefined ? PRIORITY_UNLINKED : PRIORITY_GOOD;
}

function memberLine(member: Member): string {
  const { host, port } = member.record;
  const address = member.isAddressKnown ? `${host}:${port}` : ":0";
  const pingSentMs = member.pingSentAtMs === undefined ? 0 : member.pingSentWallMs;
  const state = member.link === undefined ? "disconnected" : "connected";
  const times = `${pingSentMs} ${member.pongWallMs}`;
  return `${member.id} ${address} ${flagsOf(member)} ${times} ${state}`;
}

function strangerLine({ shownId, address }: Introduction): string {
  return `${shownId} ${address.host}:${address.port} handshake 0 0 disconnected`;
}
