/**
 * `npm run explore`: runs property tests with seeds that nobody has tried, until one fails.
 *
 *   npm run explore -- [--minutes 10]         all property tests, again and again
 *   npm run explore -- cluster/jobs           those of files whose path contains that
 *   npm run explore -- cluster/jobs --seed 7  one seed, again
 *
 * In `npm test` they have the same seed every time (support/fast-check.ts). What fails here becomes a named test
 * with the values that fast-check has found, and then the fault is mended.
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { propertySeed, SEED_VARIABLE } from "./support/fast-check.ts";
import { runTests, sourceOf, type TestEvents, testFiles } from "./support/run-tests.ts";

const SEEDS = 2 ** 31;
const MINUTES_DEFAULT = 10;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string" }, seed: { type: "string" } },
});
const [selection = ""] = positionals;

/** Whether a compiled test file has properties. */
function hasProperties(file: string): boolean {
  const source = join(import.meta.dirname, "..", "..", "test", sourceOf(file));
  return readFileSync(source, "utf8").includes('/fast-check.ts"');
}

/** Nothing of tests that pass. */
async function report(events: TestEvents): Promise<void> {
  for await (const { type, data } of events) {
    if (type !== "test:fail") continue;
    const { cause } = data.details.error;
    console.error(`${data.name}\n${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** False: a test has failed. */
async function tryOne(files: readonly string[], seed: string): Promise<boolean> {
  // Test files inherit it.
  process.env[SEED_VARIABLE] = String(propertySeed({ [SEED_VARIABLE]: seed }));
  if (await runTests(files, report)) return true;
  const parts = [selection, "--seed", seed].filter((part) => part !== "");
  console.error(`again: npm run explore -- ${parts.join(" ")}`);
  return false;
}

/** One new seed after the other; false: a test has failed. */
async function tryMany(files: readonly string[], minutes: number): Promise<boolean> {
  const startMs = performance.now();
  let seeds = 0;
  let isWell = true;
  while (isWell && performance.now() - startMs < minutes * 60_000) {
    isWell = await tryOne(files, String(randomInt(SEEDS)));
    seeds++;
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(`properties of ${files.length} files: ${seeds} seeds in ${seconds} s`);
  return isWell;
}

/** False: a test has failed, or there is none. */
async function explore(): Promise<boolean> {
  const files = testFiles([selection]).filter(hasProperties);
  if (files.length === 0) {
    console.error(`no property tests found for "${selection}"`);
    return false;
  }
  if (values.seed !== undefined) return tryOne(files, values.seed);
  const minutes = Number(values.minutes ?? MINUTES_DEFAULT);
  if (!(minutes > 0)) throw new Error(`no number of minutes: ${values.minutes}`);
  return tryMany(files, minutes);
}

process.exitCode = (await explore()) ? 0 : 1;
