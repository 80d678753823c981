/**
 * A program that a test has started: what it has printed, and when it has ended.
 *
 * It is killed when the test ends. How it is started, and what to wait for, is the caller's business.
 */
import type { ChildProcess } from "node:child_process";
import { atEnd, type Scope } from "./cleanup.ts";

/** What a program has printed so far. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface WatchedChild {
  output(): Output;
  /** Its exit code (null: killed) once it has ended and closed its output. */
  readonly closed: Promise<number | null>;
}

/** Reads all that the program prints. */
export function watchChild(
  t: Scope,
  child: ChildProcess,
  encoding: "utf8" | "latin1",
): WatchedChild {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding(encoding).on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  atEnd(t, async () => {
    child.kill("SIGKILL");
    await closed;
  });
  return { output: () => ({ ...texts }), closed };
}
