/**
 * Child processes: pinned to a core where possible, and never left behind.
 *
 * Server and load generator get a core each, so that they do not push each other around and a
 * generator at 100 % is visible as such. On a machine with one core, or without `taskset`, they are
 * not pinned.
 */
import {
  type ChildProcess,
  type SpawnOptions,
  spawn as spawnProcess,
  spawnSync,
} from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Who a process works for; decides its core. Nodes of a cluster are more than there are cores: they
 * run wherever there is room.
 */
export type Role = "server" | "generator" | "node";

const cores: Record<Role, string | undefined> = { server: "0", generator: "1", node: undefined };

/** How long a server may take to end after SIGTERM. */
const STOP_MS = 20_000;

const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

/** Whether a program can be found and run. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
}

let canPin: boolean | undefined;

/** Whether processes are pinned to cores here. */
export function isPinning(): boolean {
  canPin ??= availableParallelism() > 1 && isInstalled("taskset");
  return canPin;
}

/** Starts a process on the core of its role. */
export function spawn(
  role: Role,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const core = isPinning() ? cores[role] : undefined;
  const child =
    core === undefined
      ? spawnProcess(command, args, options)
      : spawnProcess("taskset", ["-c", core, command, ...args], options);
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.once("error", () => running.delete(child));
  return child;
}

/** Everything a process writes to its standard output, once it has ended; throws when it failed. */
export async function outputOf(child: ChildProcess, name: string): Promise<string> {
  const output = collect(child);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${output().slice(-500)}`);
  return output();
}

/** Collects both outputs of a process; the returned function tells what has been written so far. */
export function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

/** Calls `attempt` until it gives a value; throws when the process ends or the time is over. */
export async function whenReady<T>(
  child: ChildProcess,
  output: () => string,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const deadlineMs = Date.now() + 10_000;
  while (Date.now() < deadlineMs && child.exitCode === null && child.signalCode === null) {
    const value = await attempt();
    if (value !== undefined) return value;
    await sleep(20);
  }
  throw new Error(`the server did not start:\n${output().slice(-2000)}`);
}

/** Asks a process to end, waits, and insists after a while. */
export async function stopProcess(
  child: ChildProcess,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const insist = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  child.kill(signal);
  await ended;
  clearTimeout(insist);
}
