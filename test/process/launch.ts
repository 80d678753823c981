/**
 * Starting the server by its command line, for tests of the command line itself.
 *
 * startNode of test/support waits until the server listens; here it may as well end at once, read its
 * configuration from standard input, or go into the background.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { watchChild } from "../support/child.ts";
import { testEnvironment } from "../support/environment.ts";
import { eventually, within } from "../support/eventually.ts";
import { serverPath } from "../support/programs.ts";
import { repositoryRoot } from "../support/repository-files.ts";

const DEADLINE_MS = 20_000;

/** How to start it. */
export interface LaunchOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it can read from standard input; nothing unless given. */
  readonly input?: string;
  /** A shell command that runs first in the same process, such as `ulimit -n 64`. */
  readonly shell?: string;
}

/** A server that was started, and what it has said. */
export interface Launched {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Exit code once the process has ended and closed its output; fails at the deadline. */
  exit(): Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** Stops reading what it prints, for good. */
  closeOutput(): void;
  /** Waits until it has printed what matches. */
  says(pattern: RegExp): Promise<void>;
}

/** Starts the server; it is killed when the test ends. */
export function launch(t: TestContext, args: string[], options: LaunchOptions = {}): Launched {
  const child = start(args, options);
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input ?? "");
  const { output, closed } = watchChild(t, child, "utf8");
  const printed = (): string => output().stdout + output().stderr;
  return {
    pid: child.pid ?? 0,
    stdout: () => output().stdout,
    stderr: () => output().stderr,
    exit: () => within(closed, DEADLINE_MS, `the server ends\n${printed()}`),
    signal: (name) => child.kill(name),
    closeOutput: () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    says: async (pattern) => {
      await eventually(() => pattern.test(printed()), {
        what: `the server prints ${pattern}`,
        deadlineMs: DEADLINE_MS,
      }).catch((error: unknown) => {
        throw new Error(`it printed:\n${printed()}`, { cause: error });
      });
    },
  };
}

/** Starts it and waits until it has ended. */
export async function run(
  t: TestContext,
  args: string[],
  options: LaunchOptions = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const server = launch(t, args, options);
  const code = await server.exit();
  return { code, stdout: server.stdout(), stderr: server.stderr() };
}

function start(args: string[], options: LaunchOptions): ChildProcess {
  const command = [process.execPath, serverPath, ...args];
  const settings = {
    cwd: options.cwd ?? join(repositoryRoot, "dist"),
    env: testEnvironment(options.env),
  };
  if (options.shell === undefined) return spawn(command[0] ?? "", command.slice(1), settings);
  return spawn("sh", ["-c", `${options.shell}; exec "$@"`, "sh", ...command], settings);
}
