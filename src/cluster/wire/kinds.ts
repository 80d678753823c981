/**
 * The vocabulary in which bus messages are described: natural, text(64), list(jobId, 100), ...
 *
 * A kind writes a value and reads it back; a table of messages is made of kinds (codec.ts), so that
 * the encoder, the decoder and the TypeScript type of a message have one source. Every value takes
 * at least one byte: that is what lets `list` refuse a count the bytes at hand cannot hold. Nothing
 * here knows which messages exist.
 *
 * Writing a value that does not fit its kind is a bug of ours and throws an ordinary Error; reading
 * bytes that do not fit is the sender's and throws a WireError.
 */
import { JOB_ID_WORDS } from "../../core/job-id.ts";
import { WireError } from "./wire-error.ts";
import type { WireReader } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/** How values of one type look on the wire: one byte or more. */
export interface Kind<T> {
  write(writer: WireWriter, value: T): void;
  read(reader: WireReader): T;
  /** The value may be missing at the end of a message of an older sender; it is undefined then. */
  readonly isOptional?: true;
}

/** The type of the values of a kind. */
export type ValueOf<K> = K extends Kind<infer T> ? T : never;

/** Names and kinds of a record's fields, in the order in which they are written. */
export type Fields = Readonly<Record<string, Kind<unknown>>>;

/** The object type that fields describe. */
export type RecordOf<F extends Fields> = { readonly [Name in keyof F]: ValueOf<F[Name]> };

/** Bytes of a node id, which is written as 40 lower-case hexadecimal digits elsewhere. */
const NODE_ID_BYTES = 20;
const NODE_ID_DIGITS = 2 * NODE_ID_BYTES;
const JOB_ID_BYTES = 4 * JOB_ID_WORDS;

/** True or false: a byte. */
export const bool: Kind<boolean> = {
  write(writer, value) {
    writer.byte(value ? 1 : 0);
  },
  read(reader) {
    return readFlag(reader);
  },
};

/** An integer of 0 to 255. */
export const byte: Kind<number> = {
  write(writer, value) {
    if (!(value >= 0 && value <= 0xff && Number.isInteger(value))) refuse("a byte", value);
    writer.byte(value);
  },
  read(reader) {
    return reader.byte();
  },
};

/** An integer of 0 to 2^53 - 1: 1 to 8 bytes. */
export const natural: Kind<number> = {
  write(writer, value) {
    if (!(value >= 0 && Number.isSafeInteger(value))) refuse("a natural number", value);
    writer.varint(value);
  },
  read(reader) {
    return reader.varint();
  },
};

/**
 * An integer of -(2^53 - 1) to 2^53 - 1: 1 to 9 bytes. The first holds the sign in bit 0, six bits
 * of the magnitude and in bit 7 whether a varint with the rest follows; small numbers of either
 * sign are short, as in zigzag, but nothing on the way needs 54 bits.
 */
export const integer: Kind<number> = {
  write(writer, value) {
    if (!Number.isSafeInteger(value)) refuse("an integer", value);
    const magnitude = value < 0 ? -value - 1 : value;
    const rest = Math.floor(magnitude / 64);
    const first = ((magnitude & 0x3f) << 1) | (value < 0 ? 1 : 0);
    if (rest === 0) {
      writer.byte(first);
      return;
    }
    writer.byte(first | 0x80);
    writer.varint(rest);
  },
  read(reader) {
    const first = reader.byte();
    let magnitude = (first >>> 1) & 0x3f;
    if (first >= 0x80) {
      const rest = reader.varint();
      if (rest === 0) throw new WireError("number written longer than necessary");
      magnitude += rest * 64;
    }
    const value = (first & 1) === 0 ? magnitude : -magnitude - 1;
    if (!Number.isSafeInteger(value)) throw new WireError("number beyond 2^53 - 1");
    return value;
  },
};

/** Any number, NaN and infinities included: 8 bytes. */
export const float: Kind<number> = {
  write(writer, value) {
    writer.float(value);
  },
  read(reader) {
    return reader.float();
  },
};

/** A node id, 40 lower-case hexadecimal digits: 20 bytes. */
export const nodeId: Kind<string> = {
  write(writer, value) {
    const isWhole =
      value.length === NODE_ID_DIGITS && writer.hex(value, NODE_ID_BYTES) === NODE_ID_BYTES;
    if (!isWhole) refuse("a node id", value);
  },
  read(reader) {
    return reader.hex(NODE_ID_BYTES);
  },
};

/** The six words of a canonical job id (core/job-id.ts): 24 bytes. */
export const jobId: Kind<Int32Array> = {
  write(writer, value) {
    if (value.length !== JOB_ID_WORDS) refuse("a job id", value.length);
    const at = writer.advance(JOB_ID_BYTES);
    for (let i = 0; i < JOB_ID_WORDS; i++) {
      writer.buffer.writeInt32BE(value[i] as number, at + 4 * i);
    }
  },
  read(reader) {
    const at = reader.take(JOB_ID_BYTES);
    const id = new Int32Array(JOB_ID_WORDS);
    for (let i = 0; i < JOB_ID_WORDS; i++) id[i] = reader.buffer.readInt32BE(at + 4 * i);
    return id;
  },
};

/** Text of at most `maxBytes` bytes of UTF-8. */
export function text(maxBytes: number): Kind<string> {
  return {
    write(writer, value) {
      const length = Buffer.byteLength(value, "utf8");
      if (length > maxBytes) refuse(`text of at most ${maxBytes} bytes`, length);
      writer.varint(length);
      writer.text(value, length);
    },
    read(reader) {
      return reader.text(readLength(reader, maxBytes));
    },
  };
}

/** At most `maxBytes` bytes of any content. What is read is a copy: the reader may keep it. */
export function bytes(maxBytes: number): Kind<Buffer> {
  return {
    write(writer, value) {
      if (value.length > maxBytes) refuse(`at most ${maxBytes} bytes`, value.length);
      writer.varint(value.length);
      writer.bytes(value, 0, value.length);
    },
    read(reader) {
      return reader.bytes(readLength(reader, maxBytes));
    },
  };
}

/**
 * At most `maxBytes` bytes of any content, shown where they arrived: only valid until the receiver
 * returns. For what is large and read at once.
 */
export function view(maxBytes: number): Kind<Buffer> {
  return {
    write: bytes(maxBytes).write,
    read(reader) {
      const length = readLength(reader, maxBytes);
      const at = reader.take(length);
      return reader.buffer.subarray(at, at + length);
    },
  };
}

/**
 * One of some words, as a byte: its place in the list. An older node refuses words it does not
 * know, so that a list in use may only grow together with the protocol version.
 */
export function oneOf<const Words extends readonly string[]>(...words: Words): Kind<Words[number]> {
  return {
    write(writer, value) {
      const index = words.indexOf(value);
      if (index < 0) refuse(`one of ${words.join(", ")}`, value);
      writer.byte(index);
    },
    read(reader) {
      const index = reader.byte();
      const word: Words[number] | undefined = words[index];
      if (word === undefined) throw new WireError(`choice ${index} of ${words.length}`);
      return word;
    },
  };
}

/** A value or undefined: a byte more. As a field of a message it may also be missing at the end. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return {
    isOptional: true,
    write(writer, value) {
      writer.byte(value === undefined ? 0 : 1);
      if (value !== undefined) kind.write(writer, value);
    },
    read(reader) {
      return readFlag(reader) ? kind.read(reader) : undefined;
    },
  };
}

/**
 * At most `maxItems` values of one kind. An item of a byte may take a hundred in memory: that is
 * what the limit is for.
 */
export function list<T>(kind: Kind<T>, maxItems: number): Kind<readonly T[]> {
  return {
    write(writer, value) {
      if (value.length > maxItems) refuse(`at most ${maxItems} items`, value.length);
      writer.varint(value.length);
      for (const item of value) kind.write(writer, item);
    },
    read(reader) {
      const count = readLength(reader, maxItems);
      const items: T[] = [];
      for (let i = 0; i < count; i++) items.push(kind.read(reader));
      return items;
    },
  };
}

/**
 * An object with these fields, one after the other. It has no length of its own, so that fields
 * can't be added later; a new field belongs to the message, or makes a new message.
 */
export function record<F extends Fields>(fields: F): Kind<RecordOf<F>> {
  const entries = Object.entries(fields);
  if (entries.length === 0) throw new Error("a record needs a field");
  return {
    write(writer, value) {
      const source: Readonly<Record<string, unknown>> = value;
      for (const [name, kind] of entries) kind.write(writer, source[name]);
    },
    read(reader) {
      const value: Record<string, unknown> = {};
      for (const [name, kind] of entries) value[name] = kind.read(reader);
      return value as RecordOf<F>;
    },
  };
}

/** A count of bytes or items, none of which is smaller than a byte. */
function readLength(reader: WireReader, max: number): number {
  const length = reader.varint();
  if (length > max) throw new WireError(`length ${length} above the limit of ${max}`);
  if (length > reader.remaining) {
    throw new WireError(`length ${length} with ${reader.remaining} bytes left`);
  }
  return length;
}

function readFlag(reader: WireReader): boolean {
  const value = reader.byte();
  if (value > 1) throw new WireError(`neither true nor false: ${value}`);
  return value === 1;
}

function refuse(expected: string, value: string | number): never {
  throw new Error(`cannot be sent: ${value} is not ${expected}`);
}
