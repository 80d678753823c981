/**
 * A reply for other programs: its bytes as they are (raw), or as one line of comma-separated values.
 *
 * Both as redis-cli has them. Raw is the only format that shows a body byte by byte.
 */
import { bytesOf, ErrorReply, type Reply } from "../../client/reply.ts";
import { quoted } from "./quoted.ts";

/** Bytes as they are, elements on lines of their own, nothing for nil. One character per byte. */
export function rawText(reply: Reply): string {
  if (reply === null) return "\n";
  if (typeof reply === "string") return `${reply}\n`;
  if (reply instanceof ErrorReply) return `${Buffer.from(reply.message).toString("latin1")}\n`;
  if (!Array.isArray(reply)) return `${bytesOf(reply).toString("latin1")}\n`;
  return reply.length === 0 ? "\n" : reply.map(rawText).join("");
}

/** All values of the reply in one line, strings in quotes. One character per byte. */
export function csvText(reply: Reply): string {
  return `${csvValues(reply)}\n`;
}

function csvValues(reply: Reply): string {
  if (reply === null) return "NULL";
  if (typeof reply === "string") return reply;
  if (reply instanceof ErrorReply) return `ERROR,${quoted(Buffer.from(reply.message))}`;
  return Array.isArray(reply) ? reply.map(csvValues).join(",") : quoted(bytesOf(reply));
}
