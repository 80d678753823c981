/**
 * One line of MONITOR: who ran which command, when.
 *
 *     1795238196.765088 [127.0.0.1:58720] "addjob" "q" "a\"b\n\x01\xff" "0"
 *
 * The line is printable ASCII whatever the client sent, so it fits a simple string of the protocol;
 * the caller adds the `+` and the end of line. Secrets are decided in redact.ts.
 */
import { type ArgumentList, argumentSize, argumentText } from "./argument-list.ts";

/**
 * Argument bytes shown in one line. A byte may become four characters, so this is a line of 32 MB:
 * a monitor that is so far behind is closed anyway, and text above 512 MB cannot exist in this
 * language.
 */
const LINE_ARG_BYTES_MAX = 8 * 1024 * 1024;

/** What stands in the place of an argument that nobody may read. */
const REDACTED = '"(redacted)"';

/** The bytes that have a short escape; every other unprintable one is written as `\xHH`. */
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
]);

/** A command about to run. */
export interface MonitoredCommand {
  /** The moment, microseconds since 1970. */
  readonly unixMicros: number;
  /** `ip:port`, `[ip]:port` or `unix:path`. */
  readonly clientAddress: string;
  readonly args: ArgumentList;
  /** Positions in `args` that must not be shown; none when absent. */
  readonly secretPositions?: ReadonlySet<number>;
}

/** The line, without the protocol's `+` in front and CRLF behind. */
export function monitorLine(command: MonitoredCommand): string {
  const seconds = Math.floor(command.unixMicros / 1_000_000);
  const micros = String(command.unixMicros % 1_000_000).padStart(6, "0");
  const parts = [`${seconds}.${micros}`, `[${escapeControls(command.clientAddress)}]`];
  let bytesLeft = LINE_ARG_BYTES_MAX;
  for (let index = 0; index < command.args.count; index++) {
    if (command.secretPositions?.has(index) === true) {
      parts.push(REDACTED);
      continue;
    }
    const shown = argumentText(command.args, index, bytesLeft);
    bytesLeft -= shown.length;
    parts.push(quote(shown, argumentSize(command.args, index) - shown.length));
  }
  return parts.join(" ");
}

/** One argument in quotes; bytes that are missing at its end are only counted. */
function quote(shown: string, missing: number): string {
  const note = missing > 0 ? `... (${missing} more bytes)` : "";
  return `"${shown.replace(/[^ -~]|["\\]/g, escapeOne)}${note}"`;
}

/** An address is ours to print, but the path of a unix socket may hold anything. */
function escapeControls(address: string): string {
  return Buffer.from(address, "utf8")
    .toString("latin1")
    .replace(/[^ -~]/g, escapeOne);
}

function escapeOne(character: string): string {
  const hex = character.charCodeAt(0).toString(16).padStart(2, "0");
  return SHORT_ESCAPES.get(character) ?? `\\x${hex}`;
}
