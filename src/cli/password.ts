/**
 * Passwords that do not stand on the command line: from the environment, or typed without being shown.
 *
 * REDISCLI_AUTH counts too, for those who have it set for redis-cli.
 */
import { openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { UsageError } from "./cli-error.ts";

const ENTER = new Set(["\r", "\n"]);
const BACKSPACE = new Set(["\x7f", "\b"]);
const CTRL_C = "\x03";
const CTRL_D = "\x04";
/** Exit code after Ctrl-C, as shells have it. */
const EXIT_INTERRUPTED = 130;

/** The password of the environment; undefined when there is none, or an empty one. */
export function passwordFromEnvironment(): string | undefined {
  return process.env.RINGQ_AUTH || process.env.REDISCLI_AUTH || undefined;
}

/**
 * Asks on the terminal, even when standard input is something else. Ctrl-C ends the program. Rejects with
 * UsageError where there is no terminal.
 */
export async function askPassword(): Promise<string> {
  const input = openTerminal();
  input.setRawMode(true);
  process.stderr.write("Password: ");
  try {
    return await typedLine(input);
  } finally {
    process.stderr.write("\n");
    input.setRawMode(false);
    if (input === process.stdin) input.pause();
    else input.destroy();
  }
}

function openTerminal(): ReadStream {
  if (process.stdin.isTTY) return process.stdin;
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch {
    throw new UsageError("--askpass needs a terminal");
  }
}

function typedLine(input: ReadStream): Promise<string> {
  return new Promise((resolve) => {
    let typed: string[] = [];
    const onData = (chunk: Buffer | string): void => {
      for (const char of chunk.toString()) {
        if (ENTER.has(char) || char === CTRL_D) {
          input.off("data", onData);
          resolve(typed.join(""));
          return;
        }
        if (char === CTRL_C) {
          input.setRawMode(false);
          process.exit(EXIT_INTERRUPTED);
        }
        typed = BACKSPACE.has(char) ? typed.slice(0, -1) : [...typed, char];
      }
    };
    input.on("data", onData);
    input.resume();
  });
}
