/**
 * What the kernel says of a process, for tests that freeze one or wait for its end: it is asked
 * through /proc, so these tests need Linux.
 */
import { readFileSync } from "node:fs";
import { eventually } from "./eventually.ts";

/** The letter of a process's state in /proc; empty when there is no such process. */
function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // It stands behind the program's name, which is in parentheses and may contain anything.
    return stat[stat.lastIndexOf(")") + 2] ?? "";
  } catch {
    return "";
  }
}

/**
 * Whether a process still runs. A dead one that nobody has waited for does not: whoever adopts
 * orphans here may never do that, the first process of a container for instance.
 */
export function isRunning(pid: number): boolean {
  return !["", "Z", "X"].includes(stateOf(pid));
}

/**
 * Runs `action` while that process stands still. Whatever arrives for it meanwhile, it finds at the
 * same moment and in that order, however slow this machine is.
 */
export async function whileFrozen(pid: number, action: () => Promise<void>): Promise<void> {
  process.kill(pid, "SIGSTOP");
  try {
    await eventually(() => stateOf(pid) === "T", { what: `process ${pid} stands still` });
    await action();
  } finally {
    process.kill(pid, "SIGCONT");
  }
}
