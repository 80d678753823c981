/**
 * Fails when the tests run too little of a folder: `npm run coverage` ends with this.
 *
 * Per folder, because an average hides a hole in the core behind well-tested leaves. Reads the
 * summary that c8 wrote. A file that no test loaded counts as not run at all, unless it holds only
 * types and therefore no code; so does a folder without files, which must have got another name.
 */
import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { repositoryFiles, repositoryRoot } from "./repository-files.ts";

/** Folders of src/ with a promise about their tests, and the share of lines that must run. */
const folders = ["core", "protocol", "commands", "config"];
const LINES_MIN_PERCENT = 95;

interface FileSummary {
  lines: { total: number; covered: number };
}

/** The summary's files by their path in the repository. */
function coverageByFile(): Map<string, FileSummary> {
  const path = join(repositoryRoot, "coverage", "coverage-summary.json");
  const summary = JSON.parse(readFileSync(path, "utf8")) as Record<string, FileSummary>;
  return new Map(
    Object.entries(summary).map(([file, lines]) => [
      relative(repositoryRoot, file).split(sep).join("/"),
      lines,
    ]),
  );
}

/** Lines of a file that no test loaded; none when it compiles to nothing. */
function unloadedLines(path: string): number {
  const compiled = join(repositoryRoot, "dist", path.replace(/\.ts$/, ".js"));
  const code = readFileSync(compiled, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  if (code.trim() === "export {};") return 0;
  return readFileSync(join(repositoryRoot, path), "utf8").split("\n").length;
}

/** Percent of the folder's lines that ran. */
function percentOf(folder: string, covered: Map<string, FileSummary>): number {
  let total = 0;
  let ran = 0;
  for (const path of repositoryFiles()) {
    if (!path.startsWith(`src/${folder}/`) || !path.endsWith(".ts")) continue;
    const lines = covered.get(path)?.lines ?? { total: unloadedLines(path), covered: 0 };
    total += lines.total;
    ran += lines.covered;
  }
  return total === 0 ? 0 : (100 * ran) / total;
}

const covered = coverageByFile();
for (const folder of folders) {
  const percent = percentOf(folder, covered);
  const isEnough = percent >= LINES_MIN_PERCENT;
  console.log(`${isEnough ? "ok  " : "LOW "} src/${folder}: ${percent.toFixed(1)} % of lines`);
  if (!isEnough) process.exitCode = 1;
}
