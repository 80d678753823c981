/**
 * Replies as tests see them: the type byte and the value, nothing interpreted.
 *
 * A client library hides whether an answer was a simple or a bulk string, or which kind of null came
 * back; clients in the field depend on exactly that. Strings hold one code point per byte (latin1).
 */

/** A reply that is text: simple string, error, bulk, verbatim, double or big number. */
export interface TextReply {
  t: "+" | "-" | "$" | "=" | "," | "(";
  v: string;
}

/** An integer. Values above 2^53 lose precision (only a job's ctime is that large). */
export interface IntegerReply {
  t: ":";
  v: number;
}

/** An array, set, push or map; a map lists its keys and values in turn. */
export interface ListReply {
  t: "*" | "~" | ">" | "%";
  v: Reply[];
}

/** Null as a bulk string (`$-1`), as an array (`*-1`) or of RESP3 (`_`). */
export interface NilReply {
  t: "nil";
  v: "$" | "*" | "_";
}

/** True or false of RESP3. */
export interface BooleanReply {
  t: "#";
  v: boolean;
}

/** Any reply. */
export type Reply = TextReply | IntegerReply | ListReply | NilReply | BooleanReply;

/** Where the decoder gets its bytes from; both wait until enough have arrived. */
export interface ReplySource {
  line(): Promise<Buffer>;
  bytes(count: number): Promise<Buffer>;
}

/** Reads one reply of RESP2 or RESP3. Throws on anything else. */
export async function readReply(source: ReplySource): Promise<Reply> {
  const line = (await source.line()).toString("latin1");
  const value = line.slice(1);
  const type = line[0];
  switch (type) {
    case "+":
    case "-":
    case ",":
    case "(":
      return { t: type, v: value };
    case ":":
      return { t: ":", v: integer(value) };
    case "_":
      return { t: "nil", v: "_" };
    case "#":
      return { t: "#", v: value === "t" };
    case "$":
    case "=":
      return readBulk(source, type, integer(value));
    case "*":
    case "~":
    case ">":
    case "%":
      return readList(source, type, integer(value));
    default:
      throw new Error(`not a reply: ${JSON.stringify(line)}`);
  }
}

async function readBulk(source: ReplySource, type: "$" | "=", bytes: number): Promise<Reply> {
  if (bytes < 0) return { t: "nil", v: "$" };
  const body = await source.bytes(bytes + 2);
  if (body.toString("latin1", bytes) !== "\r\n") throw new Error("a bulk string ends without CRLF");
  return { t: type, v: body.toString("latin1", 0, bytes) };
}

async function readList(source: ReplySource, type: ListReply["t"], length: number): Promise<Reply> {
  if (length < 0) return { t: "nil", v: "*" };
  const values: Reply[] = [];
  const count = type === "%" ? 2 * length : length;
  for (let i = 0; i < count; i++) values.push(await readReply(source));
  return { t: type, v: values };
}

function integer(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error(`not an integer in a reply: ${JSON.stringify(text)}`);
  return Number(text);
}

/** Text of a text reply; fails on any other type. */
export function textOf(reply: Reply): string {
  if (typeof reply.v !== "string" || reply.t === "nil" || reply.t === "-") {
    throw new Error(`not text: ${JSON.stringify(reply)}`);
  }
  return reply.v;
}

/** Items of an array-like reply; fails on any other type. */
export function itemsOf(reply: Reply): Reply[] {
  if (!Array.isArray(reply.v)) throw new Error(`not an array: ${JSON.stringify(reply)}`);
  return reply.v;
}

/** Value of an integer reply; fails on any other type. */
export function integerOf(reply: Reply): number {
  if (reply.t !== ":") throw new Error(`not an integer: ${JSON.stringify(reply)}`);
  return reply.v;
}

/** A reply without its types, for comparing in one line: text, number, null or nested arrays. */
export type Plain = string | number | boolean | null | Plain[];

/** Drops the types of a reply; an error becomes its text with a leading "-". */
export function plain(reply: Reply): Plain {
  if (Array.isArray(reply.v)) return reply.v.map(plain);
  if (reply.t === "nil") return null;
  return reply.t === "-" ? `-${reply.v}` : reply.v;
}
