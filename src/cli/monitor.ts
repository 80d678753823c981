/**
 * `ringq monitor`, and MONITOR as a command: every command of every client, until Ctrl-C.
 *
 * The only command with more than one reply.
 */
import type { Connection } from "../client/connection.ts";
import { ErrorReply, Status } from "../client/reply.ts";
import type { Argument } from "../client/request.ts";
import { EXIT_SERVER } from "./cli-error.ts";
import { type Format, formatted } from "./formats/format.ts";
import { complain, harmless, paint } from "./terminal.ts";

/** Whether replies to these words never end. */
export function isEndless(words: readonly string[]): boolean {
  return words.length === 1 && words[0]?.toLowerCase() === "monitor";
}

/**
 * Runs the command and shows what comes. Resolves with an exit code when it is refused; rejects with
 * ConnectionError when the connection ends.
 */
export async function follow(
  connection: Connection,
  args: readonly Argument[],
  format: Format,
): Promise<number> {
  connection.onStray((line) => {
    if (line instanceof Status && format === "human") {
      process.stdout.write(`${coloured(line.bytes.toString("latin1"))}\n`);
    } else process.stdout.write(formatted(format, [], line));
  });
  const reply = await connection.call(...args);
  if (reply instanceof ErrorReply) {
    complain(reply.message);
    return EXIT_SERVER;
  }
  process.stdout.write(formatted(format, [], reply));
  throw await connection.ended;
}

/** A line of MONITOR with its time and its client dimmed. */
function coloured(line: string): string {
  const parts = /^(\S+ \[[^\]]*\]+) (.*)$/.exec(harmless(line));
  return parts === null ? harmless(line) : `${paint("dim", parts[1] ?? "")} ${parts[2]}`;
}
