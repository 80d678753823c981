/**
 * The world of a fake server: clocks that stand still until a test moves them, chance from a seed,
 * and everything a command asks for written down instead of done.
 */
import type { CommandHost } from "../../src/commands/command-host.ts";
import type { Host } from "../../src/core/host.ts";
import type { ProcessFacts, ProcessReadings } from "../../src/info/process-facts.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import "./small-pages.ts";

/** Wall clock of every fake server at its start: 2026-01-01. */
export const START_WALL_MS = 1_767_225_600_000;
const START_NOW_MS = 1000;

/** Both hosts in one: the broker's and the commands'. */
export class FakeHost implements Host, CommandHost {
  nowMs = START_NOW_MS;
  wallMs = START_WALL_MS;
  /** How long every command takes, as SLOWLOG and LATENCY see it. */
  microsPerCommand = 1;
  /** What the configuration file holds, or why it cannot be read. */
  configFile: { text: string } | { error: string } = { text: "" };
  /** Why writing the configuration file fails; undefined when it works. */
  writeError: string | undefined;
  /** Why saving the node file fails; undefined when it works. */
  saveError: string | undefined;
  /** What commands asked for, in order: "shutdown", "sleep 200", "crash oom", "identity", ... */
  readonly calls: string[] = [];
  readonly logged: string[] = [];
  readonly facts: ProcessFacts;
  values: ProcessReadings = {
    rssBytes: 50_000_000,
    heapUsedBytes: 6_000_000,
    heapTotalBytes: 9_000_000,
    heapLimitBytes: 2_000_000_000,
    externalBytes: 1_000_000,
    cpuUserSeconds: 1.5,
    cpuSystemSeconds: 0.25,
  };
  readonly #random: Xorshift;
  #micros = 0;

  constructor(seed: number, facts: Partial<ProcessFacts>) {
    this.#random = new Xorshift(seed);
    this.facts = {
      version: "0.1.0",
      pid: 4711,
      runId: this.randomHex40(),
      executable: "/usr/bin/node",
      configFile: "",
      os: "Linux 6.1 x86_64",
      archBits: 64,
      nodeVersion: "20.20.2",
      startedWallMs: START_WALL_MS,
      tcpPort: 7711,
      tlsPort: 0,
      certificateEndsMs: 0,
      ...facts,
    };
  }

  /** Reads the clocks, which a test moves. */
  refresh(): void {}

  randomWord(): number {
    return this.#random.word();
  }

  elapsedMicros(): number {
    this.#micros += this.microsPerCommand;
    return this.#micros;
  }

  readings(): ProcessReadings {
    return this.values;
  }

  randomHex40(): string {
    let hex = "";
    for (let word = 0; word < 5; word++) hex += this.randomWord().toString(16).padStart(8, "0");
    return hex;
  }

  /** Plain: a test has no time to steal. */
  passwordsEqual(given: Buffer, expected: Buffer): boolean {
    return given.equals(expected);
  }

  readConfigFile(): { text: string } | { error: string } {
    return this.configFile;
  }

  writeConfigFile(text: string): string | undefined {
    if (this.writeError === undefined) this.configFile = { text };
    return this.writeError;
  }

  identityChanged(): void {
    this.calls.push("identity");
  }

  saveIdentity(): string | undefined {
    this.calls.push("save");
    return this.saveError;
  }

  shutdown(): void {
    this.calls.push("shutdown");
  }

  sleep(ms: number): void {
    this.calls.push(`sleep ${ms}`);
  }

  crash(how: "segfault" | "assert" | "oom"): void {
    this.calls.push(`crash ${how}`);
  }

  log(level: string, message: string): void {
    this.logged.push(`${level}: ${message}`);
  }
}
