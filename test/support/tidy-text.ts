/**
 * Tidy rules about what stands in a file: a head comment, documented exports, nothing left over.
 *
 * Each rule takes a path and the file's text, and returns what is wrong with it in words. Forbidden
 * words are written in two halves here, because this file is checked as well.
 */
import { codeOnly } from "./source-text.ts";
import { importedModules } from "./tidy-imports.ts";

const topLevelEntries = new Set([
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "src",
  "test",
  "bench",
  "conf",
  "README.md",
  "ARCHITECTURE.md",
  "LICENSE",
]);

const leftovers = new RegExp(
  `\\b(?:TO${"DO"}|FIX${"ME"}|XX${"X"}|HA${"CK"})\\b|biome-${"ignore"}|@ts-(?:${"ignore"}|${"expect"}-error|${"nocheck"})`,
  "g",
);

const machinePaths = new RegExp(
  `(?<![\\w.])/(?:${"work"}|${"farm"})/[a-z]|/tmp/${"plan"}|\\b${"shared"}/(?:design|golden|reference)`,
  "g",
);

const anyType = /(?::|\bas|<|,|\|)\s*any\b(?!\s*[:(])/g;

/** The root of the repository is for the entries everybody knows, and for dot files. */
export function topLevelProblems(path: string): string[] {
  const entry = path.split("/")[0] ?? "";
  const isKnown = topLevelEntries.has(entry) || entry.startsWith(".");
  return isKnown ? [] : [`${entry} is not one of the agreed top-level entries`];
}

/** A file opens with what it is, why it exists and what it does not do: two lines or more. */
export function headCommentProblems(path: string, source: string): string[] {
  const comment = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(source)?.[1];
  if (comment === undefined) return ["does not open with a head comment"];
  const lines = comment.split("\n").filter((line) => /\w/.test(line));
  // The titles of a test file say what it is about; one line of head comment is enough there.
  const linesMin = path.endsWith(".test.ts") ? 1 : 2;
  return lines.length >= linesMin ? [] : [`the head comment says less than ${linesMin} lines`];
}

/** Exports have names, and no file exists only to pass on the exports of others. */
export function exportProblems(path: string, source: string): string[] {
  const problems: string[] = [];
  if (/\bexport\s+default\b|\bas\s+default\b/.test(codeOnly(source)))
    problems.push("default export");
  if (/(?:^|\/)index\.[cm]?[jt]s$/.test(path)) problems.push("an index file is a barrel");
  if (/\bexport\s*\*/.test(codeOnly(source))) problems.push("export * is a barrel");
  return problems;
}

/**
 * Every exported thing has a comment before it that says what it is. A file's only export may leave
 * that to the head comment.
 */
export function undocumentedExportProblems(_path: string, source: string): string[] {
  const exported =
    /^export (?:declare |abstract |async )*(?:function\*?|class|const|let|interface|type) (\w+)/;
  const nameIn = (line: string | undefined): string | undefined => exported.exec(line ?? "")?.[1];
  const lines = source.split("\n");
  const names = new Set(lines.map(nameIn).filter((name) => name !== undefined));
  if (names.size === 1) return [];
  return lines.flatMap((line, index) => {
    const name = nameIn(line);
    const before = lines[index - 1];
    if (name === undefined || before?.trimEnd().endsWith("*/")) return [];
    const isNextOverload = nameIn(before) === name;
    return isNextOverload ? [] : [`export ${name} has no comment`];
  });
}

/** Words that mean "later", and comments that switch a tool off. */
export function leftoverProblems(_path: string, source: string): string[] {
  return [...source.matchAll(leftovers)].map((match) => `contains ${match[0]}`);
}

/** The type that stands for "not thought about". */
export function anyTypeProblems(_path: string, source: string): string[] {
  return [...codeOnly(source).matchAll(anyType)].map(() => "uses the type any");
}

/** Paths that exist only on the machine where the file was written. */
export function machinePathProblems(_path: string, source: string): string[] {
  return [...source.matchAll(machinePaths)].map(
    (match) => `names a path of a machine: ${match[0]}`,
  );
}

/** A test waits for a condition (test/support/eventually.ts) and never for time to pass. */
export function sleepProblems(path: string, source: string): string[] {
  if (path.startsWith("test/support/")) return [];
  const problems: string[] = [];
  if (/\bsetTimeout\s*\(/.test(codeOnly(source))) problems.push("calls setTimeout");
  if (importedModules(source).some((module) => /^(?:node:)?timers\b/.test(module))) {
    problems.push("imports timers");
  }
  return problems;
}

/** A test that runs alone, forgotten, silences all the others of its file. */
export function onlyProblems(_path: string, source: string): string[] {
  return /\.only\s*\(|\bonly:\s*true/.test(codeOnly(source)) ? ["runs one test only"] : [];
}
