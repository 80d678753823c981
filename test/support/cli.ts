/**
 * The command line client as its users run it: a process of its own, its input, its output, its exit code.
 *
 * Asynchronous, so that a server may live in the test itself.
 */
import { spawn } from "node:child_process";
import type { TestContext } from "node:test";
import { type Output, watchChild } from "./child.ts";
import { testEnvironment } from "./environment.ts";
import { eventually, within } from "./eventually.ts";
import { cliPath } from "./programs.ts";
import { repositoryRoot } from "./repository-files.ts";

const DEADLINE_MS = 30_000;

/** How to run it. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input; nothing unless given. */
  readonly input?: string | Buffer;
  readonly cwd?: string;
}

/** What came out of it. */
export interface CliResult extends Output {
  readonly code: number | null;
}

/** A client that runs. */
export interface RunningCli {
  readonly result: Promise<CliResult>;
  /** Waits until it has printed what matches. */
  prints(pattern: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Runs `ringq` with these arguments to its end. */
export function runCli(
  t: TestContext,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  return startCli(t, args, options).result;
}

/** Starts `ringq` with these arguments; it is killed when the test ends. */
export function startCli(
  t: TestContext,
  args: readonly string[],
  options: CliOptions = {},
): RunningCli {
  const child = spawn(process.execPath, [cliPath, ...args], {
    cwd: options.cwd ?? repositoryRoot,
    env: testEnvironment(options.env),
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const { output, closed } = watchChild(t, child, "latin1");
  return {
    result: within(closed, DEADLINE_MS, `ringq ${args.join(" ")} ends`).then((code) => ({
      code,
      ...output(),
    })),
    prints: async (pattern) => {
      await eventually(() => pattern.test(output().stdout + output().stderr), {
        what: `ringq prints ${pattern}`,
        deadlineMs: DEADLINE_MS,
      });
    },
    signal: (name) => child.kill(name),
  };
}
