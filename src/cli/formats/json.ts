/**
 * A reply as one line of JSON.
 *
 * Lists of names and values (SHOW, QSTAT, CONFIG GET) become objects, which RESP2 does not tell, so the
 * command decides. Integers keep all their digits. Strings are text: bytes that are not UTF-8 become
 * U+FFFD; who needs them asks for `--raw`.
 */
import { bytesOf, ErrorReply, pairsOf, type Reply } from "../../client/reply.ts";

const PAIRED = new Set(["show", "qstat", "config get"]);

/** Whether the reply to these words is a list of names and values. */
export function isPaired(words: readonly string[]): boolean {
  const [first = "", second = ""] = words.map((word) => word.toLowerCase());
  return PAIRED.has(first) || PAIRED.has(`${first} ${second}`);
}

/** The line, ended by LF, as UTF-8 bytes with one character per byte. */
export function jsonText(reply: Reply, asPairs: boolean): string {
  const isObject = asPairs && Array.isArray(reply);
  const text = isObject ? objectText(reply) : valueText(reply);
  return `${Buffer.from(text, "utf8").toString("latin1")}\n`;
}

function objectText(reply: Reply): string {
  const members = [...pairsOf(reply)].map(
    ([name, value]) => `${JSON.stringify(name)}:${valueText(value)}`,
  );
  return `{${members.join(",")}}`;
}

function valueText(reply: Reply): string {
  if (reply === null) return "null";
  if (typeof reply === "string") return reply;
  if (reply instanceof ErrorReply) return JSON.stringify({ error: reply.message });
  if (Array.isArray(reply)) return `[${reply.map(valueText).join(",")}]`;
  return JSON.stringify(bytesOf(reply).toString("utf8"));
}
