/**
 * What commands may ask of the world.
 *
 * Handlers are pure functions of the state they are given; the few that must touch a file, the
 * process or a clock do it through this interface. Everything is synchronous: a command that had to
 * wait would need a place in the reply order of its client, and none of these is worth that.
 */
import type { ProcessFacts, ProcessReadings } from "../info/process-facts.ts";

/** The world as commands see it. */
export interface CommandHost {
  readonly facts: ProcessFacts;
  /** Monotonic ms, the same reading for a whole turn. */
  readonly nowMs: number;
  /** Wall clock ms, the same reading for a whole turn. */
  readonly wallMs: number;
  /** Monotonic microseconds, read now; only for statistics. */
  elapsedMicros(): number;
  readings(): ProcessReadings;
  /** 160 unpredictable bits as 40 hex digits. */
  randomHex40(): string;
  /** Constant-time comparison. */
  passwordsEqual(given: Buffer, expected: Buffer): boolean;
  /** Text of the configuration file, or why it cannot be read. */
  readConfigFile(): { readonly text: string } | { readonly error: string };
  /** Replaces the configuration file as a whole; the error's text when that failed. */
  writeConfigFile(text: string): string | undefined;
  /** The node id changed: saved at the end of the turn before replies leave, or retried if that fails. */
  identityChanged(): void;
  /**
   * Writes the node file now; the error's text when that failed. After the first time in a turn: at
   * its end, like `identityChanged`.
   */
  saveIdentity(): string | undefined;
  /** Starts an orderly shutdown at the end of the turn. */
  shutdown(): void;
  /** Stops the whole process for that long (DEBUG SLEEP). */
  sleep(ms: number): void;
  /** Kills the process on purpose (DEBUG SEGFAULT and friends, only when enabled). */
  crash(how: "segfault" | "assert" | "oom"): void;
  log(level: "debug" | "verbose" | "notice" | "warning", message: string, data?: object): void;
}
