/**
 * One line of MONITOR: who ran which command, when.
 *
 *     1795238196.765088 [127.0.0.1:58720] "addjob" "q" "a\"b\n\x01\xff" "0"
 *
 * The line is printable ASCII whatever the client sent, so it fits a simple string of the protocol;
 * the caller adds the `+` and the end of line. Secrets are decided in redact.ts.
 */
import { escapedControls, escapedForQuotes } from "../../util/escaped.ts";
import { type ArgumentList, argumentSize, argumentText } from "./argument-list.ts";

/**
 * Argument bytes shown in one line. A byte may become four characters, so this is a line of 32 MB:
 * a monitor that is so far behind is closed anyway, and text above 512 MB cannot exist in this
 * language.
 */
const LINE_ARG_BYTES_MAX = 8 * 1024 * 1024;

/** What stands in the place of an argument that nobody may read. */
const REDACTED = '"(redacted)"';

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
  const parts = [`${seconds}.${micros}`, `[${addressText(command.clientAddress)}]`];
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
  return `"${escapedForQuotes(shown)}${note}"`;
}

/** An address is ours to print, but the path of a unix socket may hold anything. */
function addressText(address: string): string {
  return escapedControls(Buffer.from(address, "utf8").toString("latin1"));
}
