/**
 * Debian's Redis tools, when the machine has them.
 *
 * Tests that need one skip themselves with the reason otherwise; continuous integration installs it.
 */
import { spawn, spawnSync } from "node:child_process";
import { testEnvironment } from "../support/environment.ts";

/** What a finished tool printed, and its exit code (null: killed). */
export interface ToolResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** For a test's `skip` option: the reason why the tool cannot be used, or false. */
export function isMissing(tool: string): string | false {
  const found = spawnSync(tool, ["--version"], { stdio: "ignore" }).error === undefined;
  return found ? false : `${tool} is not installed`;
}

/** Whether the help of an installed tool names an option, because not every build has all. */
export function hasOption(tool: string, option: string): boolean {
  const { stdout, stderr } = spawnSync(tool, ["--help"], { encoding: "utf8" });
  return `${stdout}${stderr}`.includes(option);
}

/** Runs a tool to its end, with nothing to read on stdin. A tool that hangs is killed. */
export function runTool(tool: string, args: string[], timeoutMs = 30_000): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: testEnvironment(),
      timeout: timeoutMs,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
