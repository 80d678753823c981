/**
 * Bytes as JSON and addresses show them: names of queues and bodies of jobs may be any bytes.
 *
 * Bytes that are UTF-8 are shown as text. Beside a name stands how it is written in a path, where every
 * byte has a form, so that a program never has to guess what a name that is no text was. Paths have no place for three
 * names: "", "." and "..", which whoever reads an address takes for folders, percent-encoded or not. Behind a tilde they are
 * segments like any other.
 */
import { isUtf8 } from "node:buffer";

const NOT_PLAIN = /[^A-Za-z0-9_.~-]/g;
/** The names without a place in a path, and what stands for them: one tilde more than the name has. */
const FOLDER_LIKE = /^~*\.{0,2}$/;
const TILDE = "~";
const PERCENT = 0x25;
const PLUS = 0x2b;
const BLANK = 0x20;

/** A name in JSON. */
export interface ShownName {
  /** As text; bytes that are not UTF-8 are replaced. */
  readonly name: string;
  /** As a segment of a path, exactly; with a tilde before it where a path would take it for a folder. */
  readonly nameUrl: string;
}

/** A name as JSON has it. */
export function shownName(bytes: Buffer): ShownName {
  return { name: bytes.toString("utf8"), nameUrl: toSegment(bytes) };
}

/** A name as a label of a metric: text, or the segment of a path for one that is no UTF-8. */
export function labelOf(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : toUrlPart(bytes);
}

/** The name that a segment of a path stands for; undefined when it is none. */
export function fromSegment(segment: string): Buffer | undefined {
  const bytes = fromUrlPart(segment);
  const isEscaped = bytes?.toString("latin1", 0, TILDE.length) === TILDE && isFolderLike(bytes);
  return isEscaped ? bytes.subarray(TILDE.length) : bytes;
}

/** The bytes of a value in a query; undefined when they are none. */
export function fromUrlPart(part: string, isQuery = false): Buffer | undefined {
  const source = Buffer.from(part, "utf8");
  const bytes = Buffer.alloc(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    const byte = source[at] as number;
    if (byte === PERCENT) {
      const digits = source.toString("latin1", at + 1, at + 3);
      if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return undefined;
      bytes[length++] = Number.parseInt(digits, 16);
      at += 2;
    } else {
      bytes[length++] = isQuery && byte === PLUS ? BLANK : byte;
    }
  }
  return bytes.subarray(0, length);
}

function toSegment(name: Buffer): string {
  return isFolderLike(name) ? `${TILDE}${name.toString("latin1")}` : toUrlPart(name);
}

function isFolderLike(name: Buffer): boolean {
  return FOLDER_LIKE.test(name.toString("latin1"));
}

function toUrlPart(bytes: Buffer): string {
  return bytes.toString("latin1").replace(NOT_PLAIN, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}

/** A body, or its beginning. */
export interface ShownBody {
  readonly bytes: number;
  /** More bytes follow that are not shown. */
  readonly isCut: boolean;
  /** Null when the bytes are no UTF-8; then they are in `base64`. */
  readonly text: string | null;
  readonly base64: string | null;
}

/** The first bytes of a body of so many bytes. */
export function shownBody(start: Buffer, bytes: number): ShownBody {
  const isCut = start.length < bytes;
  const whole = isCut ? withoutHalfLetter(start) : start;
  const isText = isUtf8(whole);
  return {
    bytes,
    isCut,
    text: isText ? whole.toString("utf8") : null,
    base64: isText ? null : start.toString("base64"),
  };
}

/** A cut may have gone through a letter of up to four bytes. */
function withoutHalfLetter(bytes: Buffer): Buffer {
  for (let missing = 0; missing < 4 && missing <= bytes.length; missing++) {
    const shorter = bytes.subarray(0, bytes.length - missing);
    if (isUtf8(shorter)) return shorter;
  }
  return bytes;
}
