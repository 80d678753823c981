/**
 * What Linux knows about a process: CPU time and resident memory, read from /proc.
 *
 * CPU time per operation is the figure to compare servers by when the load generator is the limit or
 * the machine is shared: it does not depend on how long anybody waited for a core.
 */
import { readFileSync } from "node:fs";

/** /proc counts in units of 1/100 s (USER_HZ) on every Linux platform Node runs on. */
const MICROS_PER_TICK = 10_000;

/** The numeric fields of /proc/PID/stat from `state` on; the name before them may hold anything. */
function statFields(pid: number | "self"): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** User and system time of a process, all its threads, in microseconds. */
export function cpuMicros(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
}

/** The sum of what is read of several processes. */
export function sumOf(pids: readonly number[], read: (pid: number) => number): number {
  return pids.reduce((sum, pid) => sum + read(pid), 0);
}

/** User and system time of the children this process has waited for, in microseconds. */
export function reapedChildrenCpuMicros(): number {
  const fields = statFields("self");
  return (Number(fields[13]) + Number(fields[14])) * MICROS_PER_TICK;
}

/** How long a process's main thread was ready to run but had no core, in microseconds. */
export function waitedForCoreMicros(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ")[1]) / 1000;
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  if (!match) throw new Error(`no VmRSS for process ${pid}`);
  return Number(match[1]) * 1024;
}
