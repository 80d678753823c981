/**
 * Reading the nodes.conf of a Disque 1.0 server, so that ringq can take over its data directory.
 *
 * The file is the output of CLUSTER NODES: six fields a line, this node marked `myself`. It is only
 * ever read; the first save writes our own format (nodes-file.ts keeps a copy). Pauses were not
 * stored there.
 */
import type { StoredPeer } from "../cluster/members/snapshot.ts";
import { NodesFormatError, type NodesState } from "./nodes-state.ts";

/** Fields of a line: id, address, flags, ping sent, pong received, link state. */
const FIELDS = 6;

const KNOWN_FLAGS = new Set([
  "myself",
  "fail?",
  "fail",
  "handshake",
  "noaddr",
  "leaving",
  "noflags",
]);

/** The reference's node bus is always this far above the client port. */
const BUS_PORT_OFFSET = 10_000;
const PORT_MAX = 55_535;
const NODE_ID = /^[0-9a-f]{40}$/;

/** One line understood. */
interface Line {
  readonly member: StoredPeer;
  readonly flags: ReadonlySet<string>;
}

/** The state such a file describes. Throws a NodesFormatError when it is not one, or damaged. */
export function readReferenceNodes(text: string): NodesState {
  const lines = text
    .split("\n")
    // The reference pads a file that got shorter with empty lines; `vars` lines hold nothing.
    .filter((line) => line.trim() !== "" && !line.startsWith("vars"))
    .map(readLine);
  const own = lines.filter((line) => line.flags.has("myself"));
  const [myself] = own;
  if (myself === undefined || own.length > 1) {
    throw new NodesFormatError(`it marks ${own.length} nodes as "myself" instead of one`);
  }
  const members = lines
    .filter(({ flags }) => !flags.has("myself") && !flags.has("handshake") && !flags.has("noaddr"))
    .map((line) => line.member);
  const { nodeId, isLeaving } = myself.member.record;
  const life = { incarnation: 0, memoryIncarnation: 0, isLeaving };
  return { nodeId, ...life, formerIds: [], pauses: [], members };
}

function readLine(line: string): Line {
  const fields = line.split(" ");
  const [nodeId = "", address = "", flagList = ""] = fields;
  if (fields.length !== FIELDS || !NODE_ID.test(nodeId)) throw wrongLine(line);
  const flags = new Set(flagList.split(","));
  for (const flag of flags) if (!KNOWN_FLAGS.has(flag)) throw wrongLine(line);
  const colon = address.lastIndexOf(":");
  const portText = address.slice(colon + 1);
  const port = Number(portText);
  if (colon < 0 || !/^\d{1,5}$/.test(portText) || port > PORT_MAX) throw wrongLine(line);
  return {
    member: {
      record: {
        nodeId,
        // What a node of the reference says of itself is older than anything a node of ours says.
        incarnation: 0,
        memoryIncarnation: 0,
        version: 0,
        host: address.slice(0, colon),
        port,
        busPort: port + BUS_PORT_OFFSET,
        zone: "",
        isLeaving: flags.has("leaving"),
      },
      isFailed: flags.has("fail"),
    },
    flags,
  };
}

function wrongLine(line: string): NodesFormatError {
  return new NodesFormatError(`not a line of CLUSTER NODES: ${JSON.stringify(line.slice(0, 60))}`);
}
