/**
 * CLUSTER NODES as values: who is in the cluster, as one of its nodes sees it.
 *
 * Two nodes may see different things, for a moment or because something is wrong; `ringq cluster check`
 * compares.
 */
import type { Connection } from "./connection.ts";
import { type Reply, textOf } from "./reply.ts";

/** One line of CLUSTER NODES. */
export interface ClusterNode {
  readonly id: string;
  /** Empty when the address is not known. */
  readonly host: string;
  readonly port: number;
  /** `myself`, `fail`, `fail?`, `noaddr`, `leaving`, `handshake`, or `noflags`. */
  readonly flags: readonly string[];
  readonly isMyself: boolean;
  /** The node that was asked has a link to it. */
  readonly isLinked: boolean;
}

/** The nodes as this one sees them, itself first. Rejects as `ask`. */
export async function readClusterNodes(connection: Connection): Promise<ClusterNode[]> {
  return parseClusterNodes(await connection.ask("CLUSTER", "NODES"));
}

/** Reads the reply of CLUSTER NODES; lines that are none are left out. */
export function parseClusterNodes(reply: Reply): ClusterNode[] {
  return textOf(reply)
    .split("\n")
    .map(parseLine)
    .filter((node) => node !== undefined);
}

/** Of those who are members: no stranger who has not answered yet. */
export function isMember(node: ClusterNode): boolean {
  return !node.flags.includes("handshake");
}

/** `host:port` for people. */
export function nodeAddress({ host, port }: ClusterNode): string {
  if (host === "") return "unknown address";
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseLine(line: string): ClusterNode | undefined {
  const [id, address, flagText, , , link] = line.trim().split(" ");
  if (id === undefined || address === undefined || flagText === undefined) return undefined;
  const colon = address.lastIndexOf(":");
  const flags = flagText.split(",");
  return {
    id,
    host: address.slice(0, colon),
    port: Number(address.slice(colon + 1)),
    flags,
    isMyself: flags.includes("myself"),
    isLinked: link === "connected",
  };
}
