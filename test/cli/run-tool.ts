/**
 * Running the tools as their users do: a process of its own, its output and its exit code.
 *
 * Servers are started by test/support/node.ts.
 */
import { spawnSync } from "node:child_process";
import { testEnvironment } from "../support/environment.ts";
import { cliPath } from "../support/programs.ts";
import { repositoryRoot } from "../support/repository-files.ts";

const TIMEOUT_MS = 20_000;

/** What came out of it. */
export interface ToolRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ringq` with these arguments and waits for its end. */
export function runTool(args: readonly string[], cwd = repositoryRoot): ToolRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliPath, ...args], {
    cwd,
    encoding: "utf8",
    env: testEnvironment(),
    timeout: TIMEOUT_MS,
  });
  return { code: status, stdout, stderr };
}
