/**
 * One command from the command line: run it, show the reply, say by the exit code how it went.
 *
 * `-r` runs it again and again, `-x` and `-X` take an argument from standard input, byte by byte.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError } from "../client/connection-error.ts";
import { ErrorReply, type Reply } from "../client/reply.ts";
import type { Argument } from "../client/request.ts";
import { SteadyConnection } from "../client/steady-connection.ts";
import type { Target } from "../client/target.ts";
import { EXIT_SERVER } from "./cli-error.ts";
import { type Format, formatted } from "./formats/format.ts";
import { follow, isEndless } from "./monitor.ts";
import { complain } from "./terminal.ts";

/** How to run a command. */
export interface OneShot {
  readonly words: readonly string[];
  /** An argument that is none of the words: it replaces the one at this place, or stands behind all. */
  readonly input?: { readonly at: number; readonly bytes: Buffer };
  /** -1 means for ever. */
  readonly repeat: number;
  readonly intervalMs: number;
  readonly format: Format;
}

/** Runs it. Resolves with the exit code: 0, or 1 when a reply was an error. Rejects with ConnectionError. */
export async function runOneShot(target: Target, shot: OneShot): Promise<number> {
  const connection = new SteadyConnection(target, tellMove);
  const { words, input, format } = shot;
  const args: Argument[] = [...words];
  if (input !== undefined) args[input.at] = input.bytes;
  let exitCode = 0;
  try {
    for (let run = 0; shot.repeat < 0 || run < shot.repeat; run++) {
      if (run > 0 && shot.intervalMs > 0) await sleep(shot.intervalMs);
      if (isEndless(words)) return await follow(await connection.connect(), args, format);
      const reply = await connection.call(...args).catch(farewell(words));
      if (reply === undefined) return exitCode;
      exitCode = Math.max(exitCode, show(format, words, reply));
    }
    return exitCode;
  } finally {
    connection.close();
  }
}

/** The end of a connection is what SHUTDOWN answers when all is well; else it is a failure. */
function farewell(words: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    const isMeant = words[0]?.toLowerCase() === "shutdown" && error instanceof ConnectionError;
    if (!isMeant || !error.wasOpen) throw error;
  };
}

/** Shows a reply, errors on standard error. Returns the exit code it stands for. */
export function show(format: Format, words: readonly string[], reply: Reply): number {
  const isError = reply instanceof ErrorReply;
  const stream = isError ? process.stderr : process.stdout;
  stream.write(formatted(format, words, reply));
  return isError ? EXIT_SERVER : 0;
}

/** Says that a node that leaves was followed to another one. */
export function tellMove(from: string, to: string): void {
  complain(`${from} is leaving the cluster; continuing on ${to}`);
}
