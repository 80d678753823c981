/**
 * The history file of the prompt: read at the start, written line by line, for its owner only.
 *
 * Lines with passwords are left out. A history that cannot be read or written is none, and no reason to
 * stop.
 */
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Lines that are kept. */
export const HISTORY_LINES_MAX = 1000;
const OWNER_ONLY = 0o600;
/** The file is shortened when it has this many times as many lines. */
const SLACK = 2;

const SECRET =
  /^\s*(?:auth\b|hello\b.*\bauth\b|config\s+set\b.*(?:requirepass|password|secret|auth|passphrase)|connect\b.*:\/\/.*@)/i;

/** Whether a line says something that nobody should find in a file. */
export function isSecret(line: string): boolean {
  // The server is sent words without their quotes.
  return SECRET.test(line.replace(/["']/g, ""));
}

/** Where it is: RINGQ_HISTFILE, or in the home folder. Empty: nowhere, and nothing is kept. */
export function historyPath(): string {
  return process.env.RINGQ_HISTFILE ?? join(homedir(), ".ringq_history");
}

/** The lines of former times, newest first, as readline wants them. */
export function readHistory(path: string): string[] {
  try {
    const lines = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    const kept = lines.slice(-HISTORY_LINES_MAX);
    if (lines.length > HISTORY_LINES_MAX * SLACK) {
      writeFileSync(path, `${kept.join("\n")}\n`, { mode: OWNER_ONLY });
    }
    return kept.reverse();
  } catch {
    return [];
  }
}

/** Adds a line. */
export function rememberLine(path: string, line: string): void {
  if (path === "" || line.trim() === "" || isSecret(line)) return;
  try {
    appendFileSync(path, `${line}\n`, { mode: OWNER_ONLY });
    // It may have been made by somebody else, with other permissions.
    chmodSync(path, OWNER_ONLY);
  } catch {
    // No history then.
  }
}
