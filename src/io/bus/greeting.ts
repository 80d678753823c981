/**
 * The first bytes on every connection between two nodes: who speaks, and which versions it knows.
 *
 *   offset  bytes
 *        0      8  "ringqbus"
 *        8      2  oldest protocol version understood
 *       10      2  newest
 *       12      4  flags: bit 0 = has a cluster secret; the others are 0 and not looked at
 *       16     20  node id
 *       36      8  incarnation: another one means that the node has started again
 *       44     32  nonce, made for this connection only
 *
 * All numbers are big-endian. This layout never changes: it is what two versions that have nothing
 * else in common still understand of each other, to be able to say so. Nothing in here is proven
 * yet; see handshake.ts.
 */

const MAGIC = Buffer.from("ringqbus", "latin1");
const AT = { versionMin: 8, versionMax: 10, flags: 12, nodeId: 16, incarnation: 36, nonce: 44 };
const NODE_ID_BYTES = 20;
const HAS_SECRET = 1;
const HIGH_WORD = 2 ** 32;

/** Bytes of the random number that makes each connection's proofs its own. */
export const NONCE_BYTES = 32;

/** Bytes of a greeting. */
export const GREETING_BYTES = AT.nonce + NONCE_BYTES;

/** What one side says of itself. */
export interface Greeting {
  /** 1-65535, at most `versionMax`. */
  readonly versionMin: number;
  readonly versionMax: number;
  readonly hasSecret: boolean;
  /** 40 lower-case hexadecimal digits. */
  readonly nodeId: string;
  /** Whole number, 0 to 2^53 - 1. */
  readonly incarnation: number;
  readonly nonce: Buffer;
}

/** The greeting's bytes. */
export function encodeGreeting(greeting: Greeting): Buffer {
  const bytes = Buffer.alloc(GREETING_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt16BE(greeting.versionMin, AT.versionMin);
  bytes.writeUInt16BE(greeting.versionMax, AT.versionMax);
  bytes.writeUInt32BE(greeting.hasSecret ? HAS_SECRET : 0, AT.flags);
  bytes.write(greeting.nodeId, AT.nodeId, NODE_ID_BYTES, "hex");
  bytes.writeUInt32BE(Math.floor(greeting.incarnation / HIGH_WORD), AT.incarnation);
  bytes.writeUInt32BE(greeting.incarnation % HIGH_WORD, AT.incarnation + 4);
  greeting.nonce.copy(bytes, AT.nonce, 0, NONCE_BYTES);
  return bytes;
}

/** Reads `GREETING_BYTES` bytes; undefined when no node of any version could have sent them. */
export function decodeGreeting(bytes: Buffer): Greeting | undefined {
  if (bytes.length !== GREETING_BYTES || !beginsAsGreeting(bytes, bytes.length)) return undefined;
  const versionMin = bytes.readUInt16BE(AT.versionMin);
  const versionMax = bytes.readUInt16BE(AT.versionMax);
  const high = bytes.readUInt32BE(AT.incarnation);
  const incarnation = high * HIGH_WORD + bytes.readUInt32BE(AT.incarnation + 4);
  if (versionMin === 0 || versionMin > versionMax) return undefined;
  if (!Number.isSafeInteger(incarnation)) return undefined;
  return {
    versionMin,
    versionMax,
    hasSecret: (bytes.readUInt32BE(AT.flags) & HAS_SECRET) !== 0,
    nodeId: bytes.toString("hex", AT.nodeId, AT.nodeId + NODE_ID_BYTES),
    incarnation,
    nonce: Buffer.from(bytes.subarray(AT.nonce)),
  };
}

/** Whether the first `length` bytes may become a greeting: strangers are known by the first one. */
export function beginsAsGreeting(bytes: Buffer, length: number): boolean {
  const compared = Math.min(length, MAGIC.length);
  return MAGIC.compare(bytes, 0, compared, 0, compared) === 0;
}

/** The newest version both sides know; undefined when there is none. */
export function commonVersion(a: Greeting, b: Greeting): number | undefined {
  const version = Math.min(a.versionMax, b.versionMax);
  return version >= Math.max(a.versionMin, b.versionMin) ? version : undefined;
}
