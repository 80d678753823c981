/**
 * Who holds a lock file, and whether that process still lives.
 *
 * A process id alone says little: it is reused, it means another process in another container, and
 * it survives a reboot in the file. So the record also has the boot, the process namespace and the
 * moment the process began, and the answer has a third value, "unknown", for a holder that cannot
 * be seen from here.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { systemErrorCode } from "./system-error.ts";

/** The content of a lock file. Texts are "" where the system does not tell (no /proc). */
export interface LockOwner {
  readonly host: string;
  /** Changes with every start of the machine. */
  readonly bootId: string;
  /** Process ids are only comparable within one of these. */
  readonly pidNamespace: string;
  readonly pid: number;
  /** Clock ticks between the machine's start and the process's. */
  readonly startTime: string;
  /** Random, new for every lock taken. */
  readonly token: string;
}

/** What /proc/PID/stat says of a process. */
interface ProcessStat {
  /** One letter; Z and X are dead ones that nobody has waited for yet. */
  readonly state: string;
  readonly startTime: string;
}

/** Tokens of the locks this very process holds. */
const tokensHeldHere = new Set<string>();

/** A new record for this process. */
export function newOwner(): LockOwner {
  return {
    host: hostname(),
    bootId: readLine("/proc/sys/kernel/random/boot_id"),
    pidNamespace: pidNamespace(),
    pid: process.pid,
    startTime: readStat("self")?.startTime ?? "",
    token: randomBytes(8).toString("hex"),
  };
}

/** Remembers that a lock with this record is held by this process, or no longer. */
export function markHeldHere(owner: LockOwner, isHeld: boolean): void {
  if (isHeld) tokensHeldHere.add(owner.token);
  else tokensHeldHere.delete(owner.token);
}

/** The record as one line of text. */
export function printOwner(owner: LockOwner): string {
  return `${JSON.stringify(owner)}\n`;
}

/**
 * Reads `printOwner`'s line; undefined when it is anything else, a half-written one for instance.
 */
export function parseOwner(text: string): LockOwner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const { host, bootId, pidNamespace, pid, startTime, token } = fields;
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (typeof host !== "string" || typeof bootId !== "string") return undefined;
  if (typeof pidNamespace !== "string" || typeof startTime !== "string") return undefined;
  return typeof token === "string"
    ? { host, bootId, pidNamespace, pid, startTime, token }
    : undefined;
}

/** Whether the process that wrote `owner` runs, as seen by the one described by `self`. */
export function livenessOf(owner: LockOwner, self: LockOwner): "alive" | "dead" | "unknown" {
  if (!canSee(owner, self)) return "unknown";
  // A container's server has the same id at every start. Our own id is us only if we hold that
  // lock.
  if (owner.pid === self.pid) return tokensHeldHere.has(owner.token) ? "alive" : "dead";
  if (!processExists(owner.pid)) return "dead";
  const stat = readStat(String(owner.pid));
  if (stat === undefined || owner.startTime === "") return "unknown";
  if (stat.state === "Z" || stat.state === "X") return "dead";
  return stat.startTime === owner.startTime ? "alive" : "dead";
}

/** Whether both run on the same kernel, since the same boot. */
export function isSameBoot(owner: LockOwner, self: LockOwner): boolean {
  return owner.bootId !== "" && owner.bootId === self.bootId;
}

/** Whether the owner's process id means the same process here. */
function canSee(owner: LockOwner, self: LockOwner): boolean {
  // Without /proc there is no boot id; then the host's name must do.
  const isSameMachine =
    isSameBoot(owner, self) || (owner.bootId === self.bootId && owner.host === self.host);
  return isSameMachine && owner.pidNamespace === self.pidNamespace;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return systemErrorCode(error) !== "ESRCH";
  }
}

function readStat(pid: string): ProcessStat | undefined {
  const line = readLine(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may contain anything, these too.
  const rest = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const state = rest[0];
  const startTime = rest[19];
  return state && startTime ? { state, startTime } : undefined;
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function readLine(path: string): string {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return "";
  }
}
