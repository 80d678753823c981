/**
 * What systemd is told of the server: that it loads, serves, reads its configuration, stops, is alive.
 *
 * A service of Type=notify counts as started when it says so, so nothing that needs the server is
 * started before it serves, and a log that takes long to load is no failure. Node.js cannot send to
 * systemd's socket itself (a unix socket for datagrams), so `systemd-notify` is run, one after the
 * other, as the order counts. Only the end of the process waits for it, briefly; where it is missing, one
 * warning says so.
 */
import { spawn } from "node:child_process";
import type { Logger } from "./logger.ts";

const PROGRAM = "systemd-notify";
/** It waits until systemd has read the message; systemd that does not is not waited for any longer. */
const PROGRAM_MS_MAX = 5000;
/** Messages that wait for earlier ones; more are dropped. */
const WAITING_MAX = 16;
/** How long the end of the process waits for what is not yet said. */
const END_MS_MAX = 5000;
/** How often systemd hears how far loading is, and how long that keeps it patient. */
const PROGRESS_MS = 10_000;
const PATIENCE_MS = 60_000;
/** What a stop may take beyond shutdown-timeout, for files and links. */
const STOP_SLACK_MS = 15_000;

/** Values of the directive `supervised`. */
export type Supervised = "no" | "systemd" | "auto" | "upstart";

/** Why a message was not delivered; undefined: it was. */
export type Tell = (assignments: readonly string[]) => Promise<string | undefined>;

/** What is needed to tell it. */
export interface ServiceManagerParts {
  readonly supervised: Supervised;
  readonly log: Logger;
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Monotonic, microseconds, as systemd counts. */
  readonly nowMicros: () => bigint;
  /** Runs systemd-notify unless a test does something else. */
  readonly tell?: Tell;
}

/** Tells systemd about one server; does nothing where nobody wants to hear. */
export class ServiceManager {
  readonly #parts: ServiceManagerParts;
  readonly #tell: Tell;
  readonly #isWanted: boolean;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #hasFailed = false;
  #isServing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ServiceManagerParts) {
    this.#parts = parts;
    this.#tell = parts.tell ?? runProgram;
    const hasSocket = (parts.env.NOTIFY_SOCKET ?? "") !== "";
    const { supervised } = parts;
    this.#isWanted = (supervised === "systemd" || supervised === "auto") && hasSocket;
    if (supervised === "upstart") {
      parts.log.warning("supervised upstart does nothing here: nobody is told");
    }
    if (supervised === "systemd" && !hasSocket) {
      parts.log.warning("supervised is systemd, but NOTIFY_SOCKET is not set: nobody is told");
    }
  }

  /** It begins, and may take long; `progress` says in words how far it is. */
  starting(progress: () => string): void {
    const report = (): void => {
      this.#say(`STATUS=${progress()}`, `EXTEND_TIMEOUT_USEC=${PATIENCE_MS * 1000}`);
    };
    report();
    this.#every(PROGRESS_MS, report);
  }

  /** It serves, for the first time or again. */
  ready(): void {
    this.#isServing = true;
    this.#say("READY=1", "STATUS=Serving clients");
    const watchdogMs = this.#watchdogMs();
    // Half the time, as systemd advises.
    if (watchdogMs > 0) this.#every(watchdogMs / 2, () => this.#say("WATCHDOG=1"));
    else clearInterval(this.#timer);
  }

  /** It reads its configuration again. Who does not serve yet goes on starting by that. */
  reloading(reload: () => void): void {
    if (!this.#isServing) return void reload();
    this.#say("RELOADING=1", `MONOTONIC_USEC=${this.#parts.nowMicros()}`);
    reload();
    this.ready();
  }

  /** It ends, within `timeoutMs` and a little more. */
  stopping(timeoutMs: number): void {
    clearInterval(this.#timer);
    this.#isServing = false;
    const patience = `EXTEND_TIMEOUT_USEC=${(timeoutMs + STOP_SLACK_MS) * 1000}`;
    this.#say("STOPPING=1", "STATUS=Answering clients, handing jobs over", patience);
  }

  /** Resolves when everything has been said, or that takes too long: who exits earlier leaves it unsaid. */
  async allSaid(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, END_MS_MAX);
    });
    await Promise.race([this.#last, late]);
    clearTimeout(timer);
  }

  #every(ms: number, act: () => void): void {
    clearInterval(this.#timer);
    if (this.#isWanted) this.#timer = setInterval(act, ms).unref();
  }

  /** 0: systemd does not watch this process. */
  #watchdogMs(): number {
    const { env, pid } = this.#parts;
    const isOurs = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(pid);
    const micros = Number(env.WATCHDOG_USEC ?? 0);
    return isOurs && micros > 0 ? micros / 1000 : 0;
  }

  #say(...assignments: string[]): void {
    if (!this.#isWanted || this.#hasFailed || this.#waiting >= WAITING_MAX) return;
    this.#waiting++;
    this.#last = this.#last.then(async () => {
      this.#waiting--;
      if (this.#hasFailed) return;
      const error = await this.#tell(assignments);
      if (error === undefined || this.#hasFailed) return;
      this.#hasFailed = true;
      const message =
        "systemd cannot be told that the server is ready; use Type=exec, or install it";
      this.#parts.log.warning(message, { program: PROGRAM, error });
    });
  }
}

const runProgram: Tell = (assignments) =>
  new Promise((resolve) => {
    const options = { stdio: "ignore", timeout: PROGRAM_MS_MAX } as const;
    const child = spawn(PROGRAM, assignments, options);
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) =>
      resolve(code === 0 ? undefined : `it ended with ${code ?? signal}`),
    );
  });
