/**
 * The test runner: runs compiled tests, sets the exit code.
 *
 * Arguments select the files whose paths contain one of them: `npm test -- compat cluster/jobs`. One that selects
 * nothing is a failure: it could hide that nothing is tested. How tests are run stands in support/run-tests.ts.
 */
import { pipeline } from "node:stream/promises";
import { spec } from "node:test/reporters";
import { runTests, type TestEvents, testFiles } from "./support/run-tests.ts";

const report = (events: TestEvents): Promise<void> =>
  pipeline(events, new spec(), process.stdout, { end: false });

const selections = process.argv.slice(2);
const inVain = selections.filter((selection) => testFiles([selection]).length === 0);
for (const selection of inVain) console.error(`no tests found for "${selection}"`);
const files = inVain.length === 0 ? testFiles(selections) : [];
process.exitCode = files.length > 0 && (await runTests(files, report)) ? 0 : 1;
