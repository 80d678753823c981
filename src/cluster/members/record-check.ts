/**
 * Whether what another node said can be right.
 *
 * The codec bounds lengths and types. What ends up in CLUSTER NODES must also fit in one of its
 * columns, and a port must be one that can be dialled.
 */
import type { MemberRecord } from "../messages.ts";

const PORT_MAX = 65_535;
/** IPv4, IPv6 and host names. */
const HOST = /^[0-9A-Za-z_.:-]+$/;
/** Any name without spaces or control characters. */
const ZONE = /^[^\s\p{Cc}]*$/u;

/** Whether a node with this record can be a member. */
export function isSound(record: MemberRecord): boolean {
  const { host, port, busPort, zone, incarnation, memoryIncarnation } = record;
  // A node can be without a client port, but not without one for its peers.
  const arePorts = port <= PORT_MAX && busPort > 0 && busPort <= PORT_MAX;
  const isMemoryOld = memoryIncarnation <= incarnation;
  return HOST.test(host) && arePorts && ZONE.test(zone) && isMemoryOld;
}
