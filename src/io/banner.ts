/**
 * What the server says of itself when it starts, and what it finds wrong with the machine.
 *
 * The limits that decide how a loaded broker ends (open files, heap, memory of the container) are
 * set outside of it and cannot be seen later from outside, so they are in the first line.
 * `startBanner` only decides; `readMachine` looks.
 */
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { humanSize } from "../util/bytes.ts";
import type { LogData } from "./logger.ts";

/**
 * Descriptors the server needs besides clients: log, listeners, links to peers. As the reference.
 */
const RESERVED_FILES = 32;

/** Below this V8 collects all the time once a few thousand clients are connected. */
const HEAP_BYTES_MIN = 128 * 1024 * 1024;

/** What the machine allows; undefined where the system does not tell. */
export interface MachineFacts {
  /** Soft limit of open files; Infinity without one. */
  readonly openFilesMax: number | undefined;
  readonly heapBytesMax: number;
  /** Limit of the container (control group), undefined without one. */
  readonly containerBytesMax: number | undefined;
  readonly machineBytes: number;
  /** Longest queue of connections not yet accepted. */
  readonly somaxconn: number | undefined;
}

/** What the server is about to do. */
export interface StartFacts {
  readonly version: string;
  readonly pid: number;
  /** Client port, 0 when there is none. */
  readonly port: number;
  /** `standalone` or `cluster`. */
  readonly mode: string;
  readonly maxClients: number;
  readonly tcpBacklog: number;
  /** 0 means no limit. */
  readonly maxMemoryBytes: number;
}

/** One line for the log. */
export interface BannerLine {
  readonly level: "notice" | "warning";
  readonly message: string;
  readonly data: LogData;
}

/** The start line, then one warning for each limit that does not fit. */
export function startBanner(start: StartFacts, machine: MachineFacts): BannerLine[] {
  const { version, pid, port, mode } = start;
  const data = {
    version,
    pid,
    port,
    mode,
    node: process.version,
    openFilesMax: machine.openFilesMax === Infinity ? "unlimited" : machine.openFilesMax,
    heapMax: humanSize(machine.heapBytesMax),
    maxMemory: start.maxMemoryBytes === 0 ? "unlimited" : humanSize(start.maxMemoryBytes),
    memory: humanSize(memoryOf(machine).bytes),
  };
  return [{ level: "notice", message: "ringq is starting", data }, ...warnings(start, machine)];
}

/** The memory there is for this process, and whose limit that is. */
function memoryOf(machine: MachineFacts): { bytes: number; of: "container" | "machine" } {
  const container = machine.containerBytesMax;
  return container !== undefined && container < machine.machineBytes
    ? { bytes: container, of: "container" }
    : { bytes: machine.machineBytes, of: "machine" };
}

function warnings(start: StartFacts, machine: MachineFacts): BannerLine[] {
  const found: BannerLine[] = [];
  const warn = (message: string, data: LogData): void => {
    found.push({ level: "warning", message, data });
  };
  const filesWanted = start.maxClients + RESERVED_FILES;
  if (machine.openFilesMax !== undefined && machine.openFilesMax < filesWanted) {
    warn("the limit of open files is too low for maxclients: raise it (ulimit -n, LimitNOFILE)", {
      openFilesMax: machine.openFilesMax,
      wanted: filesWanted,
    });
  }
  if (machine.somaxconn !== undefined && machine.somaxconn < start.tcpBacklog) {
    warn("tcp-backlog is cut by the kernel: raise net.core.somaxconn", {
      tcpBacklog: start.tcpBacklog,
      somaxconn: machine.somaxconn,
    });
  }
  if (machine.heapBytesMax < HEAP_BYTES_MIN) {
    warn("the JavaScript heap is small: raise --max-old-space-size", {
      heapMax: humanSize(machine.heapBytesMax),
      wanted: humanSize(HEAP_BYTES_MIN),
    });
  }
  const memory = memoryOf(machine);
  if (start.maxMemoryBytes > memory.bytes) {
    warn(`maxmemory is more than the memory of the ${memory.of}: the system may kill the server`, {
      maxMemory: humanSize(start.maxMemoryBytes),
      memory: humanSize(memory.bytes),
    });
  }
  return found;
}

/** Looks at this machine. Never throws: what cannot be read is undefined. */
export function readMachine(): MachineFacts {
  return {
    openFilesMax: parseOpenFilesMax(readText("/proc/self/limits")),
    heapBytesMax: getHeapStatistics().heap_size_limit,
    containerBytesMax: containerBytesMax(),
    machineBytes: totalmem(),
    somaxconn: parseCount(readText("/proc/sys/net/core/somaxconn").trim()),
  };
}

/** The soft limit in the text of /proc/self/limits. */
export function parseOpenFilesMax(limits: string): number | undefined {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return soft === "unlimited" ? Infinity : parseCount(soft ?? "");
}

/** The control group's limit, of either version of control groups, as Node finds it. */
function containerBytesMax(): number | undefined {
  // Node says 0, nothing, or an absurdly high number when there is no limit.
  const bytes = process.constrainedMemory() ?? 0;
  return bytes > 0 && bytes < totalmem() ? bytes : undefined;
}

function parseCount(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
