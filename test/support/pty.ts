/**
 * A command in a pseudo-terminal, for what only happens there: colours, prompts, Ctrl-C.
 *
 * `script` of util-linux makes the terminal; bytes fed here are typed there, so \x03 becomes a
 * SIGINT for the whole foreground group, as from a person's keyboard. Close it (a test does so by
 * itself): everything the command started is killed, by process id.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { atEnd } from "./cleanup.ts";

/** The byte of Ctrl-C. */
export const CTRL_C = "\x03";

/** How long `expect` and `exit` wait unless told. */
const DEADLINE_MS = 30_000;

/** Where and how the command runs. */
export interface PtyOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** How the command ended: its exit code, 128 + n after signal n. */
export interface PtyExit {
  readonly code: number | null;
}

/** Whether this machine can do it; a test skips itself otherwise. */
export function hasPty(): boolean {
  return spawnSync("script", ["--version"], { stdio: "ignore" }).status === 0;
}

/**
 * Starts `command` (a line for /bin/sh) in a terminal of its own and closes it when the test ends.
 * A program whose end after Ctrl-C matters is started with `exec`: dash, unlike bash, stays in
 * between otherwise and exits 130, whatever its child made of the signal.
 */
export function openPty(t: TestContext, command: string, options: PtyOptions = {}): Pty {
  const pty = new Pty(command, options);
  atEnd(t, () => pty.close());
  return pty;
}

/** A running command and what it has printed. */
export class Pty {
  readonly #process: ChildProcess;
  readonly #exited: Promise<PtyExit>;
  /** Everything printed so far, and how much of it earlier expectations have used up. */
  #output = "";
  #used = 0;
  #hasExited = false;
  /** Called whenever there is something new to look at. */
  #wake: () => void = () => undefined;

  constructor(command: string, options: PtyOptions) {
    // -q no banner, -f flush, -e the command's own exit code; the transcript itself is not wanted.
    const child = spawn("script", ["-qfec", command, "/dev/null"], {
      ...options,
      // Whose shell it is must not matter.
      env: { ...(options.env ?? process.env), SHELL: "/bin/sh" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#process = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#wake();
    });
    // Typing into a terminal that is gone.
    child.stdin.on("error", () => undefined);
    this.#exited = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        this.#hasExited = true;
        resolve({ code });
        this.#wake();
      });
    });
    this.#exited.catch(() => this.#wake());
  }

  /** Everything printed so far, with the terminal's CRLF line ends. */
  get output(): string {
    return this.#output;
  }

  /** Types `text`; Enter is \r. */
  feed(text: string): void {
    this.#process.stdin?.write(text);
  }

  /**
   * Waits until `pattern` is printed after what the last expectation matched, and returns the
   * match. Rejects with the whole output when the command ends before, or at the deadline.
   */
  async expect(pattern: RegExp, deadlineMs = DEADLINE_MS): Promise<RegExpExecArray> {
    const giveUpAtMs = performance.now() + deadlineMs;
    for (;;) {
      const match = new RegExp(pattern, pattern.flags.replace(/[gy]/g, "")).exec(
        this.#output.slice(this.#used),
      );
      if (match !== null) {
        this.#used += match.index + match[0].length;
        return match;
      }
      if (this.#hasExited) throw this.#failure(`the command ended before it printed ${pattern}`);
      if (!(await this.#news(giveUpAtMs - performance.now()))) {
        throw this.#failure(`${pattern} was not printed within ${deadlineMs} ms`);
      }
    }
  }

  /** Waits for the command's end. Rejects with the output at the deadline. */
  async exit(deadlineMs = DEADLINE_MS): Promise<PtyExit> {
    const giveUpAtMs = performance.now() + deadlineMs;
    while (!this.#hasExited) {
      if (!(await this.#news(giveUpAtMs - performance.now()))) {
        throw this.#failure(`the command did not end within ${deadlineMs} ms`);
      }
    }
    return this.#exited;
  }

  /** Kills whatever still runs. */
  async close(): Promise<void> {
    const { pid } = this.#process;
    if (this.#hasExited || pid === undefined) return;
    for (const each of [...descendantsOf(pid), pid]) kill(each);
    await this.#exited;
  }

  /** Resolves true when something was printed or the command ended, false after `timeoutMs`. */
  #news(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.max(timeoutMs, 0));
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  #failure(message: string): Error {
    return new Error(`${message}; it printed:\n${this.#output}`);
  }
}

/** Processes started by `ancestor` or by its children, deepest last. */
function descendantsOf(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(name));
  }
  const found = [ancestor];
  for (const each of found) {
    for (const [pid, parent] of parents) if (parent === each) found.push(pid);
  }
  return found.slice(1);
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // After the program's name in parentheses: state, then the parent.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
