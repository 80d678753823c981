/**
 * A reply as redis-cli shows it on a terminal: types are visible, lists are numbered and indented.
 *
 * All formats give one character per byte (latin1), as what is shown may be any bytes.
 */
import { ErrorReply, type Reply, Status } from "../../client/reply.ts";
import { quoted } from "./quoted.ts";

/** The lines of the reply, each ended by LF. `indent` stands before all but the first. */
export function humanText(reply: Reply, indent = ""): string {
  if (reply === null) return "(nil)\n";
  if (typeof reply === "string") return `(integer) ${reply}\n`;
  if (reply instanceof ErrorReply) {
    return `(error) ${Buffer.from(reply.message, "utf8").toString("latin1")}\n`;
  }
  if (reply instanceof Status) return `${reply.bytes.toString("latin1")}\n`;
  if (Buffer.isBuffer(reply)) return `${quoted(reply)}\n`;
  if (reply.length === 0) return "(empty array)\n";
  const digits = String(reply.length).length;
  const inner = indent + " ".repeat(digits + 2);
  return reply
    .map((each, at) => {
      const number = String(at + 1).padStart(digits);
      return `${at === 0 ? "" : indent}${number}) ${humanText(each, inner)}`;
    })
    .join("");
}
