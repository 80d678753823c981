/**
 * Short ways to load a configuration in tests: from the text of a file, with other files kept in an
 * object.
 *
 * The main file is called ringq.conf.
 */
import assert from "node:assert/strict";
import type { Config } from "../../src/config/config.ts";
import { type ConfigSources, loadConfig } from "../../src/config/load.ts";
import type { ReadFile } from "../../src/config/parse.ts";
import { type ConfigProblem, describeOrigin } from "../../src/config/problem.ts";

/** What a file system of these files answers. */
export function filesOf(files: Readonly<Record<string, string>>): ReadFile {
  return (path) => {
    const text = files[path];
    return text === undefined ? { error: "No such file or directory" } : { text };
  };
}

/** The configuration of a file with this text; the test fails when it has problems. */
export function configOf(text: string, more: ConfigSources = {}): Config {
  const loaded = loadConfig({ file: { path: "ringq.conf", text }, ...more });
  if ("config" in loaded) return loaded.config;
  return assert.fail(
    loaded.problems.map((problem) => `${problem.text}: ${problem.message}`).join("\n"),
  );
}

/** The problems of a file with this text; none when it is accepted. */
export function problemsOf(text: string, more: ConfigSources = {}): readonly ConfigProblem[] {
  const loaded = loadConfig({ file: { path: "ringq.conf", text }, ...more });
  return "problems" in loaded ? loaded.problems : [];
}

/** The same as `place: message`, one string per problem. */
export function messagesOf(text: string, more: ConfigSources = {}): string[] {
  return problemsOf(text, more).map(
    (problem) => `${describeOrigin(problem.origin)}: ${problem.message}`,
  );
}
