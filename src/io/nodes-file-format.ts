/**
 * The text of a nodes file: lines of JSON, closed by a checksum over all bytes before it.
 *
 *     {"file":"ringq nodes","version":5}
 *     {"node":"dcb8...","incarnation":7,"memory":5,"leaving":false,"untold":false,
 *      "strangers":["0c1f..."],"formerly":["77aa..."]}                               (in one line)
 *     {"pause":"in","queue":"mail","broadcast":{"counter":3,"node":"dcb8...","state":"in"}}
 *     {"member":"8f42...","incarnation":3,"memory":3,"version":1,"host":"10.0.0.2","port":7711,
 *      "busPort":17711,"zone":"","leaving":false,"failed":false}                     (in one line)
 *     {"crc32":"89abcdef"}
 *
 * People can read it; nobody should edit it. The checksum is there because a wrong node id is worse
 * than none: it would be somebody else's. Version 2 had no "memory": every start began a new one;
 * version 3 had no "formerly", version 4 no "strangers". A queue's name is one character a byte (latin1). Every
 * new kind of line or field needs a new version, because an older ringq must not read it and then
 * write it back without.
 */
import { crc32 } from "node:zlib";
import { STRANGERS_MAX } from "../cluster/job-messages.ts";
import type { StoredPeer } from "../cluster/members/snapshot.ts";
import { HOST_BYTES_MAX, ZONE_BYTES_MAX } from "../cluster/messages.ts";
import {
  NodesFormatError,
  type NodesState,
  type StoredBroadcast,
  type StoredPause,
  type StoredPauseState,
} from "./nodes-state.ts";

/** The first field of the first line, which no other file has. */
const FILE_KIND = "ringq nodes";
const VERSION = 5;
/** The oldest that is read. */
const VERSION_MIN = 2;

/**
 * The first line is read before the checksum is known to be right: it is short or it is not ours.
 */
const HEADER_BYTES_MAX = 200;

/** Former ids that are read and written; the oldest are forgotten. */
export const FORMER_IDS_MAX = 16;
const QUEUE_NAME_BYTES_MAX = 65_536;
const PORT_MAX = 65_535;
const NODE_ID = /^[0-9a-f]{40}$/;
const NEWLINE = 0x0a;

type Fields = Readonly<Record<string, unknown>>;

/** The bytes of a file holding `state`. */
export function encodeNodes(state: NodesState): Buffer {
  const lines: Fields[] = [
    { file: FILE_KIND, version: VERSION },
    ownFields(state),
    ...state.pauses.map(pauseFields),
    ...state.members.map(memberFields),
  ];
  const body = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return Buffer.concat([body, lastLine(body)]);
}

/** Whether these bytes claim to be a nodes file of ours, of whatever version. */
export function isOurNodesFile(bytes: Buffer): boolean {
  return bytes[0] === "{".charCodeAt(0);
}

/** Reads what `encodeNodes` wrote. Throws a NodesFormatError for anything else. */
export function decodeNodes(bytes: Buffer): NodesState {
  checkVersion(bytes);
  const end = bytes.lastIndexOf(NEWLINE, bytes.length - 2) + 1;
  const body = bytes.subarray(0, end);
  const lines = body.toString("utf8").trimEnd().split("\n");
  // Before the checksum: a line that cannot be read is where to look.
  const state = assemble(lines);
  if (!bytes.subarray(end).equals(lastLine(body))) {
    throw new NodesFormatError(
      `line ${lines.length + 1}: the checksum does not match what is above: it is damaged or was edited`,
    );
  }
  return state;
}

function lastLine(body: Buffer): Buffer {
  return Buffer.from(`{"crc32":"${crc32(body).toString(16).padStart(8, "0")}"}\n`);
}

/** A file of another ringq is told apart from a damaged one, whatever else it contains. */
function checkVersion(bytes: Buffer): void {
  const end = bytes.subarray(0, HEADER_BYTES_MAX).indexOf(NEWLINE);
  const header = end < 0 ? {} : parseLine(bytes.toString("utf8", 0, end));
  const version = header.version;
  if (header.file !== FILE_KIND || typeof version !== "number" || !(version >= 1)) {
    throw new NodesFormatError("its first line is damaged");
  }
  if (version < VERSION_MIN || version > VERSION) {
    const age = version > VERSION ? "a newer" : "an older";
    throw new NodesFormatError(
      `it was written by ${age} ringq (format ${version}; this one reads ${VERSION_MIN} to ${VERSION})`,
    );
  }
}

function parseLine(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    if (isFields(value)) return value;
  } catch {
    // Reported below, like valid JSON of the wrong shape.
  }
  throw new NodesFormatError(`not a line of a nodes file: ${JSON.stringify(line.slice(0, 60))}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type OwnLine = Omit<NodesState, "pauses" | "members">;

/** Sorts the lines behind the first one by kind. */
function assemble(lines: readonly string[]): NodesState {
  const found = { own: [] as OwnLine[], pauses: [] as StoredPause[], members: [] as StoredPeer[] };
  for (let at = 1; at < lines.length; at++) {
    try {
      readLine(parseLine(lines[at] as string), found);
    } catch (error) {
      if (!(error instanceof NodesFormatError)) throw error;
      throw new NodesFormatError(`line ${at + 1}: ${error.message}`);
    }
  }
  const { own, pauses, members } = found;
  const [node] = own;
  if (node === undefined || own.length > 1) {
    throw new NodesFormatError(`it names ${own.length} own node ids instead of one`);
  }
  return { ...node, pauses, members };
}

function readLine(
  line: Fields,
  found: { own: OwnLine[]; pauses: StoredPause[]; members: StoredPeer[] },
): void {
  if ("node" in line) {
    found.own.push({
      nodeId: nodeId(line.node),
      ...readIncarnations(line),
      isLeaving: boolean("leaving", line.leaving),
      ...("untold" in line && { isUntold: boolean("untold", line.untold) }),
      ...("strangers" in line && {
        untoldIds: readIds("strangers", line.strangers, STRANGERS_MAX),
      }),
      formerIds: readIds("formerly", line.formerly ?? [], FORMER_IDS_MAX),
    });
  } else if ("pause" in line) found.pauses.push(readPause(line));
  else if ("member" in line) found.members.push(readMember(line));
  else throw new NodesFormatError(`unknown kind of line: ${JSON.stringify(line).slice(0, 60)}`);
}

function ownFields(state: NodesState): Fields {
  const { nodeId, incarnation, memoryIncarnation, isLeaving, formerIds } = state;
  const life = { node: nodeId, incarnation, memory: memoryIncarnation, leaving: isLeaving };
  const untold = state.isUntold === undefined ? {} : { untold: state.isUntold };
  const strangers = state.untoldIds === undefined ? {} : { strangers: state.untoldIds };
  return { ...life, ...untold, ...strangers, formerly: formerIds };
}

function readIds(name: string, value: unknown, countMax: number): string[] {
  if (!Array.isArray(value) || value.length > countMax) throw wrongField(name, value);
  return value.map(nodeId);
}

function readIncarnations(line: Fields): { incarnation: number; memoryIncarnation: number } {
  const incarnation = integer(line.incarnation, Number.MAX_SAFE_INTEGER);
  return { incarnation, memoryIncarnation: integer(line.memory ?? incarnation, incarnation) };
}

function pauseFields(pause: StoredPause): Fields {
  const { broadcast } = pause;
  return {
    pause: pause.state,
    queue: pause.queue.toString("latin1"),
    ...(broadcast && {
      broadcast: { counter: broadcast.counter, node: broadcast.nodeId, state: broadcast.state },
    }),
  };
}

function readPause(line: Fields): StoredPause {
  const pause = { queue: queueName(line.queue), state: pauseState(line.pause) };
  return "broadcast" in line ? { ...pause, broadcast: readBroadcast(line.broadcast) } : pause;
}

function readBroadcast(value: unknown): StoredBroadcast {
  if (!isFields(value)) throw wrongField("broadcast", value);
  return {
    counter: integer(value.counter, Number.MAX_SAFE_INTEGER),
    nodeId: nodeId(value.node),
    state: pauseState(value.state),
  };
}

function memberFields({ record, isFailed }: StoredPeer): Fields {
  const { nodeId, incarnation, memoryIncarnation, isLeaving, ...rest } = record;
  const life = { member: nodeId, incarnation, memory: memoryIncarnation };
  return { ...life, ...rest, leaving: isLeaving, failed: isFailed };
}

function readMember(line: Fields): StoredPeer {
  const record = {
    nodeId: nodeId(line.member),
    ...readIncarnations(line),
    version: integer(line.version, Number.MAX_SAFE_INTEGER),
    host: text("host", line.host, HOST_BYTES_MAX),
    port: integer(line.port, PORT_MAX),
    busPort: integer(line.busPort, PORT_MAX),
    zone: text("zone", line.zone, ZONE_BYTES_MAX),
    isLeaving: boolean("leaving", line.leaving),
  };
  return { record, isFailed: boolean("failed", line.failed) };
}

function nodeId(value: unknown): string {
  if (typeof value === "string" && NODE_ID.test(value)) return value;
  throw wrongField("node id", value);
}

function boolean(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw wrongField(name, value);
}

function text(name: string, value: unknown, bytesMax: number): string {
  if (typeof value === "string" && Buffer.byteLength(value) <= bytesMax) return value;
  throw wrongField(name, value);
}

function integer(value: unknown, max: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max) {
    return value;
  }
  throw wrongField("number", value);
}

function pauseState(value: unknown): StoredPauseState {
  if (value === "none" || value === "in" || value === "out" || value === "all") return value;
  throw wrongField("pause", value);
}

function queueName(value: unknown): Buffer {
  if (typeof value === "string" && value.length <= QUEUE_NAME_BYTES_MAX) {
    const bytes = Buffer.from(value, "latin1");
    if (bytes.toString("latin1") === value) return bytes;
  }
  throw wrongField("queue", value);
}

function wrongField(name: string, value: unknown): NodesFormatError {
  return new NodesFormatError(`wrong ${name}: ${String(JSON.stringify(value)).slice(0, 60)}`);
}
