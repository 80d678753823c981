/**
 * The real world for the core and the commands: clocks, chance, files, the process.
 *
 * One reading of the clocks holds for a whole turn (`refresh`), so that everything done in it happened
 * at the same moment and reading time costs nothing. Random words come from a pool filled by the
 * system's generator: one call per word would cost more than the command that needs it.
 */
import { randomFillSync, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { arch, type as osType, release } from "node:os";
import { performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { CommandHost } from "../commands/command-host.ts";
import type { Host } from "../core/host.ts";
import type { ProcessFacts, ProcessReadings } from "../info/process-facts.ts";
import { replaceFile } from "./atomic-file.ts";
import type { Logger } from "./logger.ts";
import { causeText, systemErrorText } from "./system-error.ts";

const RANDOM_POOL_WORDS = 4096;
/** It may hold the password. */
const NEW_CONFIG_FILE_MODE = 0o600;
const PERMISSIONS = 0o777;

/** What the world tells its owner to do. */
export interface WorldActions {
  identityChanged(): void;
  /** Writes the nodes file now; the error's text when that failed. */
  saveIdentity(): string | undefined;
  shutdown(): void;
}

/** Clocks, chance, files and process for one server. */
export class World implements Host, CommandHost {
  nowMs = 0;
  wallMs = 0;
  facts: ProcessFacts;
  readonly #actions: WorldActions;
  readonly #log: Logger;
  readonly #pool = new Uint32Array(RANDOM_POOL_WORDS);
  #poolAt = RANDOM_POOL_WORDS;

  constructor(
    given: Pick<ProcessFacts, "configFile" | "executable" | "version">,
    actions: WorldActions,
    log: Logger,
  ) {
    this.#actions = actions;
    this.#log = log;
    this.refresh();
    this.facts = {
      ...given,
      runId: this.randomHex40(),
      pid: process.pid,
      os: `${osType()} ${release()} ${arch()}`,
      archBits: 64,
      nodeVersion: process.version,
      startedWallMs: this.wallMs,
      tcpPort: 0,
      tlsPort: 0,
      certificateEndsMs: 0,
    };
  }

  /** Reads both clocks; at the beginning of a turn and at its end. */
  refresh(): void {
    this.nowMs = Math.floor(performance.now());
    this.wallMs = Date.now();
  }

  /** Also moves the monotonic clock on: a lease must not begin in the past of a long turn. */
  elapsedMicros(): number {
    const elapsedMs = performance.now();
    this.nowMs = Math.floor(elapsedMs);
    return elapsedMs * 1000;
  }

  randomWord(): number {
    if (this.#poolAt === RANDOM_POOL_WORDS) {
      randomFillSync(this.#pool);
      this.#poolAt = 0;
    }
    return this.#pool[this.#poolAt++] as number;
  }

  randomHex40(): string {
    return randomFillSync(Buffer.alloc(20)).toString("hex");
  }

  /** Both sides are padded to the same length first: the time tells neither length nor content. */
  passwordsEqual(given: Buffer, expected: Buffer): boolean {
    const length = Math.max(given.length, expected.length);
    const isEqual = timingSafeEqual(padded(given, length), padded(expected, length));
    return isEqual && given.length === expected.length;
  }

  readings(): ProcessReadings {
    const memory = process.memoryUsage();
    const cpu = process.resourceUsage();
    return {
      rssBytes: memory.rss,
      heapUsedBytes: memory.heapUsed,
      heapTotalBytes: memory.heapTotal,
      heapLimitBytes: getHeapStatistics().heap_size_limit,
      externalBytes: memory.external,
      cpuUserSeconds: cpu.userCPUTime / 1e6,
      cpuSystemSeconds: cpu.systemCPUTime / 1e6,
    };
  }

  readConfigFile(): { readonly text: string } | { readonly error: string } {
    try {
      return { text: readFileSync(this.facts.configFile, "latin1") };
    } catch (error) {
      return { error: systemErrorText(error) };
    }
  }

  writeConfigFile(text: string): string | undefined {
    try {
      const { configFile } = this.facts;
      replaceFile(configFile, Buffer.from(text, "latin1"), permissionsOf(configFile));
      return undefined;
    } catch (error) {
      return causeText(error);
    }
  }

  identityChanged(): void {
    this.#actions.identityChanged();
  }

  saveIdentity(): string | undefined {
    return this.#actions.saveIdentity();
  }

  shutdown(): void {
    this.#actions.shutdown();
  }

  sleep(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }

  crash(how: "segfault" | "assert" | "oom"): void {
    this.#log.fatal("crashing on request (DEBUG)", { how });
    if (how === "assert") throw new Error("DEBUG ASSERT");
    process.kill(process.pid, how === "segfault" ? "SIGSEGV" : "SIGABRT");
  }

  log(level: "debug" | "verbose" | "notice" | "warning", message: string, data?: object): void {
    this.#log[level](message, { ...data });
  }
}

/** A file that is replaced stays readable for those who could read it. */
function permissionsOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? NEW_CONFIG_FILE_MODE : stat.mode & PERMISSIONS;
}

function padded(bytes: Buffer, length: number): Buffer {
  const copy = Buffer.alloc(length);
  bytes.copy(copy);
  return copy;
}
