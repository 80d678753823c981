/**
 * The test runner: finds compiled tests, runs them with node:test, sets the exit code.
 *
 * `node --test` is not used because Node 20 and newer versions disagree about folders (20 also runs
 * helpers below a folder called "test"), and because compiled tests whose source is gone must not
 * run. An argument selects the files whose path contains it: `npm test -- compat`. A file that
 * defines no test, and a run without any test, are failures: they could hide that nothing is tested.
 */
import { setMaxListeners } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { groupTests, type TestGroup } from "./support/test-groups.ts";

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

const compiledTests = import.meta.dirname;
const repository = join(compiledTests, "..", "..");

/** Compiled test files whose source still exists, as absolute paths; simulations, which take longest, first. */
function testFiles(): string[] {
  return readdirSync(compiledTests, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.js"))
    .filter((path) => existsSync(join(repository, "test", path.replace(/\.js$/, ".ts"))))
    .sort()
    .sort((a, b) => Number(b.startsWith("sim")) - Number(a.startsWith("sim")))
    .map((path) => join(compiledTests, path));
}

/** Runs the files, reports to stdout, and says whether every file had tests that passed. */
async function runTests(groups: readonly TestGroup[]): Promise<boolean> {
  let failed = 0;
  const withTests = new Set<string>();
  const empty = new Set<string>();
  const signal = AbortSignal.timeout(RUN_TIMEOUT_MS);
  // node:test adds one for every file, which is no leak.
  setMaxListeners(0, signal);
  // node:test gives test files the arguments of its own process.
  process.execArgv.push(...NODE_ARGS);
  const files = groups.map(({ entry }) => entry);
  const events = run({ files, concurrency: CONCURRENCY, timeout: FILE_TIMEOUT_MS, signal });
  events.on("test:fail", () => {
    failed++;
  });
  events.on("test:start", ({ file, name }) => {
    if (file === undefined) return;
    // node:test reports a file that registered nothing as one test with the file's name.
    (resolve(name) === file ? empty : withTests).add(sourceOf(file));
  });
  await pipeline(events, new spec(), process.stdout, { end: false });
  const isWithout = (source: string, isAlone: boolean): boolean =>
    isAlone ? empty.has(source) : !withTests.has(source);
  const withoutTests = groups.flatMap(({ entry, files }) =>
    files.map(sourceOf).filter((source) => isWithout(source, entry === files[0])),
  );
  for (const file of withoutTests) console.error(`${file} defines no test`);
  return failed === 0 && withoutTests.length === 0;
}

/** Where a test is defined is told by its source, or by what that was compiled to. */
function sourceOf(file: string): string {
  return relative(
    file.startsWith(compiledTests) ? compiledTests : join(repository, "test"),
    file,
  ).replace(/\.[jt]s$/, ".ts");
}

const selection = process.argv[2] ?? "";
const files = testFiles().filter((path) => relative(compiledTests, path).includes(selection));
if (files.length === 0) console.error(`no tests found${selection && ` for "${selection}"`}`);
process.exitCode =
  files.length > 0 &&
  (await runTests(groupTests(files, compiledTests, join(compiledTests, GROUPS_FOLDER))))
    ? 0
    : 1;
