/**
 * The files of conf/, read for tests: as text, as YAML, as configurations of a server.
 *
 * Whatever somebody adds there is found by its name, so that nothing stays untested by being new.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Settings } from "../../src/config/directives.ts";
import { loadConfig } from "../../src/config/load.ts";
import { formatProblems } from "../../src/config/problem.ts";
import { repositoryRoot } from "../support/repository-files.ts";

/** The folder, absolute. */
export const confFolder = join(repositoryRoot, "conf");

/** All files in it whose name ends so, relative to it, sorted. */
export function confFiles(ending = ""): string[] {
  return readdirSync(confFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name).slice(confFolder.length + 1))
    .sort();
}

/** The text of one of them. */
export function confText(path: string): string {
  return readFileSync(join(confFolder, path), "utf8");
}

/** All documents of a YAML file; fails at the first error or warning of the reader. */
export function yamlDocuments(path: string): unknown[] {
  return parseAllDocuments(confText(path), { merge: true }).map((document) => {
    assert.deepEqual([...document.errors, ...document.warnings], [], path);
    return document.toJS();
  });
}

/** The settings that a configuration file and an environment come to; fails at problems and warnings. */
export function settingsOf(text: string, env: Readonly<Record<string, string>> = {}): Settings {
  const loaded = loadConfig({ file: { path: "ringq.conf", text }, env });
  if ("problems" in loaded) assert.fail(formatProblems(loaded.problems));
  assert.deepEqual(loaded.config.warnings, []);
  return loaded.config.settings;
}
