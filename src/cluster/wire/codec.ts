/**
 * From a table of messages to their encoder, decoder and TypeScript type.
 *
 *   const table = { ping: message(1, "urgent", { at: natural }), ... };
 *   type Message = MessageIn<typeof table>;      // { readonly type: "ping" } & { readonly at: number } | ...
 *
 * A message becomes a record:
 *
 *   code u8 | varint: 2 x length of the payload, + 1 on the control lane | payload: the fields in order
 *
 * Both additions that a neighbouring version may make are stepped over by an older node: records
 * with a code it does not know, and fields behind those it knows. The other way round a field that
 * an older sender does not have yet is undefined, if the table says `optional`; any other missing
 * field is an error. So a field, once released, stays, and new ones come last and are optional.
 */
import type { Fields, Kind, RecordOf } from "./kinds.ts";
import type { WireReader } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/**
 * How a message travels. urgent: ahead of everything else, lost with the connection (heartbeats).
 * control: kept until the other side has confirmed it, sent again after a reconnect, handed up once.
 * bulk: in one order with control, lost with the connection; whoever sends it repeats it if need be.
 */
export type Lane = "urgent" | "control" | "bulk";

/** A row of a message table. */
export interface MessageRow<F extends Fields> {
  readonly code: number;
  readonly lane: Lane;
  readonly fields: F;
}

/** Messages by type. */
export type MessageTable = Readonly<Record<string, MessageRow<Fields>>>;

/** The union of the messages that a table describes. */
export type MessageIn<Table extends MessageTable> = {
  [Type in keyof Table & string]: { readonly type: Type } & RecordOf<Table[Type]["fields"]>;
}[keyof Table & string];

/** Describes a message. `code` 1 to 255 is its number on the wire, for ever. */
export function message<const F extends Fields>(
  code: number,
  lane: Lane,
  fields: F,
): MessageRow<F> {
  return { code, lane, fields };
}

/** A row, ready for use. */
interface Shape {
  readonly type: string;
  readonly code: number;
  readonly lane: Lane;
  readonly names: readonly string[];
  readonly kinds: readonly Kind<unknown>[];
}

/** Writes and reads the messages of one table. */
export class Codec<Table extends MessageTable> {
  readonly #byType = new Map<string, Shape>();
  readonly #byCode: (Shape | undefined)[] = new Array<Shape | undefined>(256).fill(undefined);

  /** Throws if the table is wrong: a code twice or out of range, a field called `type`. */
  constructor(table: Table) {
    for (const [type, row] of Object.entries(table)) {
      if (!Number.isInteger(row.code) || row.code < 1 || row.code > 255) {
        throw new Error(`message ${type}: code ${row.code} is not of 1 to 255`);
      }
      const other = this.#byCode[row.code];
      if (other !== undefined)
        throw new Error(`messages ${other.type} and ${type} share code ${row.code}`);
      if ("type" in row.fields) throw new Error(`message ${type}: a field may not be called type`);
      const names = Object.keys(row.fields);
      const shape = {
        type,
        code: row.code,
        lane: row.lane,
        names,
        kinds: Object.values(row.fields),
      };
      this.#byType.set(type, shape);
      this.#byCode[row.code] = shape;
    }
  }

  /** On which lane a message travels. */
  laneOf(message: MessageIn<Table>): Lane {
    return this.#shapeOf(message.type).lane;
  }

  /** Appends a record. */
  encode(writer: WireWriter, message: MessageIn<Table>): void {
    const shape = this.#shapeOf(message.type);
    const values: Readonly<Record<string, unknown>> = message;
    const { names, kinds } = shape;
    writer.byte(shape.code);
    const lengthAt = writer.advance(1);
    for (let i = 0; i < kinds.length; i++) {
      (kinds[i] as Kind<unknown>).write(writer, values[names[i] as string]);
    }
    const length = writer.length - lengthAt - 1;
    writer.replaceByVarint(lengthAt, 2 * length + (shape.lane === "control" ? 1 : 0));
  }

  /**
   * Reads the record at the reader's position and steps behind it; undefined if its code is not
   * known here. Throws a WireError if it is not whole and right.
   */
  decode(reader: WireReader): MessageIn<Table> | undefined {
    const shape = this.#byCode[reader.byte()];
    const header = reader.varint();
    const length = Math.floor(header / 2);
    const payload = reader.take(length);
    if (shape === undefined) return undefined;
    const { end } = reader;
    reader.position = payload;
    reader.end = payload + length;
    const found = readFields(reader, shape);
    reader.position = payload + length;
    reader.end = end;
    return found as MessageIn<Table>;
  }

  #shapeOf(type: string): Shape {
    const shape = this.#byType.get(type);
    if (shape === undefined) throw new Error(`cannot be sent: no message ${type} in the table`);
    return shape;
  }
}

/** Whether the record at the reader's position came on the control lane; false when there is none. */
export function isControlRecord(reader: WireReader): boolean {
  return reader.remaining >= 2 && ((reader.buffer[reader.position + 1] as number) & 1) === 1;
}

/** Bytes of the record at the reader's position; the end of it need not be there yet. */
export function recordBytesAt(reader: WireReader): number {
  const start = reader.position;
  reader.byte();
  const payloadBytes = Math.floor(reader.varint() / 2);
  const headerBytes = reader.position - start;
  reader.position = start;
  return headerBytes + payloadBytes;
}

/** Steps over the record at the reader's position. */
export function skipRecord(reader: WireReader): void {
  reader.take(recordBytesAt(reader));
}

function readFields(reader: WireReader, shape: Shape): Record<string, unknown> {
  const { names, kinds } = shape;
  const found: Record<string, unknown> = { type: shape.type };
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i] as Kind<unknown>;
    const isMissing = kind.isOptional === true && reader.remaining === 0;
    found[names[i] as string] = isMissing ? undefined : kind.read(reader);
  }
  return found;
}
