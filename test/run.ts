/**
 * The test runner: runs compiled tests, sets the exit code.
 *
 * An argument selects the files whose path contains it: `npm test -- compat`. A run without any test is a failure:
 * it could hide that nothing is tested. How tests are run stands in support/run-tests.ts.
 */
import { pipeline } from "node:stream/promises";
import { spec } from "node:test/reporters";
import { runTests, type TestEvents, testFiles } from "./support/run-tests.ts";

const report = (events: TestEvents): Promise<void> =>
  pipeline(events, new spec(), process.stdout, { end: false });

const selection = process.argv[2] ?? "";
const files = testFiles(selection);
if (files.length === 0) console.error(`no tests found${selection && ` for "${selection}"`}`);
process.exitCode = files.length > 0 && (await runTests(files, report)) ? 0 : 1;
