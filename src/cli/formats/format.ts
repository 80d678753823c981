/**
 * Which format a reply is shown in: what was asked for, or what suits the place where it goes.
 *
 * On a terminal types are visible, elsewhere bytes are as they are. Replies that are pages of text are shown
 * as such everywhere but in JSON, as redis-cli does.
 */
import type { Reply } from "../../client/reply.ts";
import { isTerminal } from "../terminal.ts";
import { humanText } from "./human.ts";
import { isPaired, jsonText } from "./json.ts";
import { csvText, rawText } from "./plain.ts";

/** The formats. */
export type Format = "human" | "raw" | "csv" | "json";

const PAGES = new Set([
  "info",
  "cluster nodes",
  "cluster info",
  "client list",
  "client info",
  "latency graph",
  "latency doctor",
]);

/** The format to use unless one was asked for. */
export function defaultFormat(): Format {
  return isTerminal() ? "human" : "raw";
}

/** The bytes to show for the reply to these words. */
export function formatted(format: Format, words: readonly string[], reply: Reply): Buffer {
  return Buffer.from(textIn(format, words, reply), "latin1");
}

function textIn(format: Format, words: readonly string[], reply: Reply): string {
  if (format === "json") return jsonText(reply, isPaired(words));
  if (isPage(words) && Buffer.isBuffer(reply)) return pageText(reply);
  if (format === "csv") return csvText(reply);
  return format === "raw" ? rawText(reply) : humanText(reply);
}

/** As it is, with the end of its last line. */
function pageText(page: Buffer): string {
  const text = page.toString("latin1");
  return text.endsWith("\n") ? text : `${text}\n`;
}

function isPage(words: readonly string[]): boolean {
  const [first = "", second = ""] = words.map((word) => word.toLowerCase());
  return PAGES.has(first) || PAGES.has(`${first} ${second}`);
}
