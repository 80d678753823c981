/**
 * Job ids: 40 characters for people, six 32-bit words for us.
 *
 *   D-dcb833cf-8YL1NT17e9+wsA/09NqxscQI-05a1
 *     |        |                        `- TTL in minutes; odd: at least once, even: at most once
 *     |        `- 144 opaque bits: 126 random ones, 12 that hint at the members of the cluster, and
 *     |           6 with the replication factor
 *     `- first 8 hex digits of the node that ran ADDJOB
 *
 *   word 0  node prefix
 *   words 1-4 and the upper half of word 5: the 18 opaque bytes
 *   lower half of word 5: the TTL field
 *
 * The external format is the reference's (reference commands, section 3.1). Only ids in canonical
 * spelling can name one of our jobs: clients may send any 40 bytes of the right shape, and those
 * are well formed but unknown.
 */
import type { Host } from "./host.ts";

/** Characters of an id. */
export const JOB_ID_CHARS = 40;
/** 32-bit words of an id. */
export const JOB_ID_WORDS = 6;
/** The longest lifetime an id can tell, in minutes. */
const TTL_MINUTES_MAX = 0xffff;
/** The longest one there is; a record has an unsigned word for it (job-record.ts). */
const TTL_SECONDS_MAX = 0xffff_ffff;
/** The replication hint is one base64 digit. */
const REPLICATE_HINT_MAX = 63;

/** What the bytes given as a job id turned out to be. */
export type JobIdKind = "canonical" | "foreign" | "malformed";

const DASH = 0x2d;
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX = "0123456789abcdef";
const INVALID = 0xff;

const base64Values = valuesOf(BASE64);
const hexValues = valuesOf(HEX);
/** Two base64 characters for 12 bits, the first in the low byte. */
const base64Pairs = Uint16Array.from({ length: 4096 }, (_, bits) => pair(BASE64, bits >>> 6, bits));
const hexPairs = Uint16Array.from({ length: 256 }, (_, bits) => pair(HEX, bits >>> 4, bits));

/** What an id tells about its job. */
export interface JobIdParts {
  readonly ttlSeconds: number;
  readonly retrySeconds: number;
  readonly replicate: number;
}

/** Who makes an id. */
export interface JobIdMaker {
  /** The first 32 bits of the node id. */
  readonly nodePrefix: number;
  /** 12 bits that tell the members of the cluster as the maker knows them (cluster/id-hints.ts). */
  readonly viewHint: number;
}

/** Whether the job of an id is delivered at least once; otherwise at most once. */
export function isOfRetriedJob(id: Int32Array): boolean {
  return ((id[JOB_ID_WORDS - 1] as number) & 1) === 1;
}

/**
 * How long the job of an id can live at most. Its field has whole minutes, rounded down, with a mark in the lowest
 * bit in their stead; the highest one stands for all that is longer.
 */
export function ttlSecondsAtMost(id: Int32Array): number {
  const minutes = ((id[JOB_ID_WORDS - 1] as number) & TTL_MINUTES_MAX) | 1;
  return minutes === TTL_MINUTES_MAX ? TTL_SECONDS_MAX : (minutes + 1) * 60;
}

/** Fills six words with a new id: 126 random bits, and hints where its copies may be. */
export function makeJobId(maker: JobIdMaker, parts: JobIdParts, host: Host, id: Int32Array): void {
  id[0] = maker.nodePrefix;
  for (let word = 1; word <= 4; word++) id[word] = host.randomWord();
  id[4] = ((id[4] as number) & ~0x3) | (maker.viewHint >>> 10);
  const minutes = Math.min(Math.floor(parts.ttlSeconds / 60), TTL_MINUTES_MAX);
  const ttlField = parts.retrySeconds > 0 ? minutes | 1 : minutes & ~1;
  const hint = Math.min(parts.replicate, REPLICATE_HINT_MAX);
  const tail = ((maker.viewHint & 0x3ff) << 6) | hint;
  id[5] = (tail << 16) | ttlField;
}

/** Reads the 40 bytes buffer[start, end) into six words; words are only set for canonical ids. */
export function parseJobId(buffer: Buffer, start: number, end: number, id: Int32Array): JobIdKind {
  if (!isWellFormedJobId(buffer, start, end)) return "malformed";
  const prefix = parseHex(buffer, start + 2, 8);
  const ttlField = parseHex(buffer, start + 36, 4);
  let invalid = 0;
  for (let group = 0; group < 6; group++) {
    const at = start + 11 + group * 4;
    const a = base64Values[buffer[at] as number] as number;
    const b = base64Values[buffer[at + 1] as number] as number;
    const c = base64Values[buffer[at + 2] as number] as number;
    const d = base64Values[buffer[at + 3] as number] as number;
    invalid |= (a | b | c | d) & 0x80;
    groups[group] = (a << 18) | (b << 12) | (c << 6) | d;
  }
  if (invalid !== 0 || prefix < 0 || ttlField < 0) return "foreign";
  packGroups(prefix, ttlField, id);
  return "canonical";
}

/** Writes the 40 characters of the id whose words stand at `words[at]` into target. */
export function writeJobId(words: Int32Array, at: number, target: Buffer, offset: number): void {
  const w0 = words[at] as number;
  const w1 = words[at + 1] as number;
  const w2 = words[at + 2] as number;
  const w3 = words[at + 3] as number;
  const w4 = words[at + 4] as number;
  const w5 = words[at + 5] as number;
  target[offset] = 0x44; // D
  target[offset + 1] = DASH;
  writeHexByte(target, offset + 2, w0 >>> 24);
  writeHexByte(target, offset + 4, (w0 >>> 16) & 0xff);
  writeHexByte(target, offset + 6, (w0 >>> 8) & 0xff);
  writeHexByte(target, offset + 8, w0 & 0xff);
  target[offset + 10] = DASH;
  writeGroup(target, offset + 11, w1 >>> 8);
  writeGroup(target, offset + 15, ((w1 & 0xff) << 16) | (w2 >>> 16));
  writeGroup(target, offset + 19, ((w2 & 0xffff) << 8) | (w3 >>> 24));
  writeGroup(target, offset + 23, w3 & 0xffffff);
  writeGroup(target, offset + 27, w4 >>> 8);
  writeGroup(target, offset + 31, ((w4 & 0xff) << 16) | (w5 >>> 16));
  target[offset + 35] = DASH;
  writeHexByte(target, offset + 36, (w5 >>> 8) & 0xff);
  writeHexByte(target, offset + 38, w5 & 0xff);
}

/** Scratch of parseJobId: the six 24-bit groups of the opaque part. */
const groups = new Int32Array(6);

function packGroups(prefix: number, ttlField: number, id: Int32Array): void {
  const g1 = groups[1] as number;
  const g2 = groups[2] as number;
  const g5 = groups[5] as number;
  id[0] = prefix;
  id[1] = ((groups[0] as number) << 8) | (g1 >>> 16);
  id[2] = ((g1 & 0xffff) << 16) | (g2 >>> 8);
  id[3] = ((g2 & 0xff) << 24) | (groups[3] as number);
  id[4] = ((groups[4] as number) << 8) | (g5 >>> 16);
  id[5] = ((g5 & 0xffff) << 16) | ttlField;
}

/** The reference's whole check: the length and the characters D - - - in their places. */
export function isWellFormedJobId(buffer: Buffer, start: number, end: number): boolean {
  return (
    end - start === JOB_ID_CHARS &&
    buffer[start] === 0x44 &&
    buffer[start + 1] === DASH &&
    buffer[start + 10] === DASH &&
    buffer[start + 35] === DASH
  );
}

/** Up to 8 lower-case hex digits as a number, or -1. */
function parseHex(buffer: Buffer, start: number, digits: number): number {
  let value = 0;
  for (let i = start; i < start + digits; i++) {
    const digit = hexValues[buffer[i] as number] as number;
    if (digit === INVALID) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function writeHexByte(target: Buffer, offset: number, byte: number): void {
  const chars = hexPairs[byte] as number;
  target[offset] = chars & 0xff;
  target[offset + 1] = chars >>> 8;
}

function writeGroup(target: Buffer, offset: number, bits24: number): void {
  const high = base64Pairs[bits24 >>> 12] as number;
  const low = base64Pairs[bits24 & 0xfff] as number;
  target[offset] = high & 0xff;
  target[offset + 1] = high >>> 8;
  target[offset + 2] = low & 0xff;
  target[offset + 3] = low >>> 8;
}

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(256).fill(INVALID);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  return values;
}

function pair(alphabet: string, first: number, second: number): number {
  const mask = alphabet.length - 1;
  return alphabet.charCodeAt(first & mask) | (alphabet.charCodeAt(second & mask) << 8);
}
