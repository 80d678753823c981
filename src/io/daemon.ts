/**
 * `daemonize yes`: the server runs on without the terminal it was started from.
 *
 * A Node.js process cannot fork itself, so the same command line is started again, detached, and
 * the first process waits until the second one serves: its exit code tells whether it does.
 */
import { spawn } from "node:child_process";

const CHILD_VARIABLE = "RINGQ_DAEMON_CHILD";
const READY = "ready";
const EXIT_FAILURE = 1;

/** Whether this process was started by becomeDaemon. */
export function isDaemonChild(): boolean {
  return process.env[CHILD_VARIABLE] === "1";
}

/**
 * Starts the server again in the background; the exit code for this process. `input` is what this
 * process has read from its standard input.
 */
export function becomeDaemon(scriptAndArgs: readonly string[], input: string): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...scriptAndArgs], {
    detached: true,
    env: { ...process.env, [CHILD_VARIABLE]: "1" },
    // Not our own stderr: who waits for its end would wait for the daemon's.
    stdio: ["pipe", "ignore", "pipe", "ipc"],
  });
  child.stdin?.on("error", () => {}).end(input, "latin1");
  child.stderr?.pipe(process.stderr);
  return new Promise((resolve) => {
    child.once("message", () => resolve(0));
    child.once("close", (code) => resolve(code ?? EXIT_FAILURE));
    child.once("error", () => resolve(EXIT_FAILURE));
  });
}

/** Tells the process that started this one that it serves; harmless in the foreground. */
export function tellParentReady(): void {
  if (!isDaemonChild() || process.send === undefined) return;
  process.send(READY);
  process.disconnect();
}
