/**
 * Temporary folders for tests, each removed with everything in it when its test ends.
 *
 * Folders are made below the system's temporary folder, never in the repository.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd, type Scope } from "./cleanup.ts";

/** A fresh empty folder that lives as long as the test `t`, and until what it starts later ended. */
export async function tempDir(t: Scope): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "ringq-test-"));
  atEnd(t, () => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return dir;
}
