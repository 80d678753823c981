/**
 * Runs compiled tests with node:test: which there are, how, and whether all was well.
 *
 * `node --test` is not used because Node 20 and newer versions disagree about folders (20 also runs
 * helpers below a folder called "test"), and because compiled tests whose source is gone must not
 * run. A file that defines no test is a failure: it could hide that nothing is tested.
 */
import { setMaxListeners } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { run } from "node:test";
import { groupTests, type TestGroup } from "./test-groups.ts";

/**
 * Test files at a time: one more than the two cores that are the least to expect, because files that
 * start servers wait for them a third of their time.
 */
const CONCURRENCY = 3;
/** A test file (Node 20) or a test (newer Nodes) that takes longer has hung. */
const FILE_TIMEOUT_MS = 10 * 60_000;
/** The whole run; ends files which only a left-open handle keeps alive. */
const RUN_TIMEOUT_MS = 30 * 60_000;

/**
 * For node in every test file, not in servers under test. V8's collector has helper threads, which with
 * all cores busy mostly wait for one another: a third of the processor time of simulations.
 */
const NODE_ARGS = ["--single-threaded-gc"];

/** Of files that import tests which share a process, below the compiled tests. */
const GROUPS_FOLDER = "groups";

const compiledTests = join(import.meta.dirname, "..");
const repository = join(compiledTests, "..", "..");

/** What node:test tells while tests run. */
export type TestEvents = ReturnType<typeof run>;

/**
 * Compiled test files whose source still exists and whose path contains one of `selections`, or all without any, as
 * absolute paths; simulations, which take longest, first.
 */
export function testFiles(selections: readonly string[]): string[] {
  const isSelected = (path: string): boolean =>
    selections.length === 0 || selections.some((selection) => path.includes(selection));
  return readdirSync(compiledTests, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.js") && isSelected(path))
    .filter((path) => existsSync(join(repository, "test", path.replace(/\.js$/, ".ts"))))
    .sort()
    .sort((a, b) => Number(b.startsWith("sim")) - Number(a.startsWith("sim")))
    .map((path) => join(compiledTests, path));
}

/** Runs the files, of which `report` tells until the last one is over; whether every file had tests that passed. */
export async function runTests(
  files: readonly string[],
  report: (events: TestEvents) => Promise<void>,
): Promise<boolean> {
  const groups = groupTests(files, compiledTests, join(compiledTests, GROUPS_FOLDER));
  let failed = 0;
  const withTests = new Set<string>();
  const empty = new Set<string>();
  const signal = AbortSignal.timeout(RUN_TIMEOUT_MS);
  // node:test adds one for every file, which is no leak.
  setMaxListeners(0, signal);
  // node:test gives test files the arguments of its own process.
  for (const arg of NODE_ARGS) if (!process.execArgv.includes(arg)) process.execArgv.push(arg);
  const entries = groups.map(({ entry }) => entry);
  const events = run({
    files: entries,
    concurrency: CONCURRENCY,
    timeout: FILE_TIMEOUT_MS,
    signal,
  });
  events.on("test:fail", () => {
    failed++;
  });
  events.on("test:start", ({ file, name }) => {
    if (file === undefined) return;
    // node:test reports a file that registered nothing as one test with the file's name.
    (resolve(name) === file ? empty : withTests).add(sourceOf(file));
  });
  await report(events);
  const without = withoutTests(groups, withTests, empty);
  for (const file of without) console.error(`${file} defines no test`);
  return failed === 0 && without.length === 0;
}

function withoutTests(
  groups: readonly TestGroup[],
  withTests: ReadonlySet<string>,
  empty: ReadonlySet<string>,
): string[] {
  const isWithout = (source: string, isAlone: boolean): boolean =>
    isAlone ? empty.has(source) : !withTests.has(source);
  return groups.flatMap(({ entry, files }) =>
    files.map(sourceOf).filter((source) => isWithout(source, entry === files[0])),
  );
}

/** Where a test is defined is told by its source, or by what that was compiled to. */
export function sourceOf(file: string): string {
  return relative(
    file.startsWith(compiledTests) ? compiledTests : join(repository, "test"),
    file,
  ).replace(/\.[jt]s$/, ".ts");
}
