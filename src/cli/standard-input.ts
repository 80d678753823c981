/**
 * Standard input as a whole, or as commands line by line.
 *
 * Lines are bytes: quoting rules are those of redis-cli, and what is not UTF-8 passes through unchanged.
 */
import { createInterface } from "node:readline";
import { SteadyConnection } from "../client/steady-connection.ts";
import type { Target } from "../client/target.ts";
import { splitArgs } from "../protocol/split-args.ts";
import { EXIT_SERVER } from "./cli-error.ts";
import type { Format } from "./formats/format.ts";
import { follow, isEndless } from "./monitor.ts";
import { show, tellMove } from "./one-shot.ts";
import { complain } from "./terminal.ts";

/** All bytes of standard input. */
export async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Runs the lines of standard input as commands. Resolves with 1 when a line was none or its reply an error,
 * or else 0. Rejects with ConnectionError, after which no line is run.
 */
export async function runLines(target: Target, format: Format): Promise<number> {
  const connection = new SteadyConnection(target, tellMove);
  let exitCode = 0;
  try {
    process.stdin.setEncoding("latin1");
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
      const words = splitArgs(line);
      if (words === undefined) {
        complain("unbalanced quotes in this line; it was not run");
        exitCode = EXIT_SERVER;
      } else if (words.length > 0) {
        const args = words.map((word) => Buffer.from(word, "latin1"));
        if (isEndless(words)) return await follow(await connection.connect(), args, format);
        exitCode = Math.max(exitCode, show(format, words, await connection.call(...args)));
      }
    }
    return exitCode;
  } finally {
    connection.close();
  }
}
