/**
 * The repository checks itself: imports, purity, sizes, head comments, leftovers, top level.
 *
 * Each rule has a bad snippet beside it, and is first shown to catch it: a rule that finds nothing
 * might also be broken. What a rule means is written at its function in test/support/tidy-*.ts.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryFiles, repositoryRoot } from "./support/repository-files.ts";
import { importDirectionProblems, purityProblems, seedProblems } from "./support/tidy-imports.ts";
import { fileSizeProblems, functionSizeProblems } from "./support/tidy-sizes.ts";
import * as text from "./support/tidy-text.ts";

interface Rule {
  title: string;
  /** Which files of the repository the rule is about. */
  appliesTo: (path: string) => boolean;
  problems: (path: string, source: string) => string[];
  /** Pairs of path and text that the rule must report. */
  bad: [path: string, source: string][];
  /** Pairs that look like a violation and are none. */
  good: [path: string, source: string][];
  /** Files that may break the rule, with the reason. */
  exceptions?: Record<string, string>;
}

const isSource = (path: string): boolean => path.startsWith("src/") && path.endsWith(".ts");
const isTest = (path: string): boolean => path.startsWith("test/") && path.endsWith(".ts");
const isCode = (path: string): boolean => /^(?:src|test|bench)\/.*\.ts$/.test(path);
const isText = (path: string): boolean =>
  path !== "package-lock.json" && !/\.(?:png|ico|woff2|pem|bin|aof)$/.test(path);

const rules: Rule[] = [
  {
    title: "files import from their own layer or from lower ones",
    appliesTo: isSource,
    problems: importDirectionProblems,
    bad: [
      ["src/core/job.ts", 'import { run } from "../commands/dispatch.ts";'],
      ["src/core/job.ts", 'import type { Turn } from "../io/turn.ts";'],
      ["src/util/text.ts", 'export { job } from "../core/job.ts";'],
      ["src/io/turn.ts", 'const client = await import("../client/connection.ts");'],
      ["src/node.ts", 'import { main } from "./main.ts";'],
      ["src/cli/main.ts", 'import { world } from "../../test/sim/world.ts";'],
      ["src/other/file.ts", ""],
      ["src/dashboard/main.ts", 'import { Schema } from "../http/schema.ts";'],
      ["src/http/http-app.ts", 'import { count } from "../dashboard/format.ts";'],
    ],
    good: [
      ["src/commands/job/addjob.ts", 'import { Broker } from "../../core/broker.ts";'],
      ["src/main.ts", 'import { startNode } from "./node.ts";\nimport pino from "pino";'],
      ["src/core/job.ts", '// import { Turn } from "../io/turn.ts";'],
      ["src/core/job.ts", "Buffer.from('x'); const s = 'import \"../io/turn.ts\"';"],
      ["src/cli/main.ts", 'import { Connection } from "../client/connection.ts";'],
      ["src/dashboard/parts/app.ts", 'import { html } from "../html.ts";'],
    ],
  },
  {
    title: "pure folders touch no clock, chance, timer, promise or module of the outside",
    appliesTo: isSource,
    problems: purityProblems,
    bad: [
      ["src/core/job.ts", "const now = Date.now();"],
      ["src/util/id.ts", "const id = Math.random();"],
      ["src/core/agenda.ts", "setTimeout(wake, 10);"],
      ["src/commands/info.ts", `const text = \`pid:\${process.pid}\`;`],
      ["src/protocol/reader.ts", "await more;"],
      ["src/protocol/reader.ts", "export async function read() {}"],
      ["src/config/parse.ts", 'import { readFileSync } from "node:fs";'],
      ["src/core/ring.ts", 'import xxhash from "xxhash-wasm";'],
    ],
    good: [
      ["src/core/job.ts", "/** Never asks Date.now() or Math.random(). */"],
      ["src/commands/time.ts", 'const help = "Date and time of the process. await";'],
      ["src/commands/addjob.ts", "const isAsync = options.async; const u = { async: true };"],
      ["src/io/clock.ts", "const now = Date.now();"],
    ],
  },
  {
    title: "property tests have the seed of the run",
    appliesTo: isCode,
    problems: seedProblems,
    bad: [["test/core/job.test.ts", 'import fc from "fast-check";']],
    good: [
      ["test/core/job.test.ts", 'import { fc } from "../support/fast-check.ts";'],
      ["test/support/fast-check.ts", 'import fc from "fast-check";'],
    ],
  },
  {
    title: "a file has at most 300 lines",
    appliesTo: isCode,
    problems: fileSizeProblems,
    bad: [["src/core/job.ts", "x;\n".repeat(301)]],
    good: [["src/core/job.ts", "x;\n".repeat(300)]],
  },
  {
    title: "a function has at most 60 lines",
    appliesTo: isCode,
    problems: functionSizeProblems,
    bad: [
      ["a.ts", `function f(a: number): void {\n${"x();\n".repeat(59)}}`],
      ["a.ts", `const f = async (a) => {\n${"if (x) {\n}\n".repeat(30)}};`],
      ["a.ts", `class A {\n  m(a: { b: number }) {\n${"x();\n".repeat(60)}}\n}`],
    ],
    good: [
      ["a.ts", `function f() {\n${"x();\n".repeat(58)}}`],
      ["a.ts", `class A {\n${"  m() {\n}\n".repeat(40)}}`],
      ["a.ts", `const table = {\n${"  a: 1,\n".repeat(70)}};`],
    ],
  },
  {
    title: "a file opens with a head comment",
    appliesTo: (path) => isCode(path) || path.startsWith(".ci/deps"),
    problems: text.headCommentProblems,
    bad: [
      ["a.ts", 'import { x } from "y";\n/**\n * one\n * two\n */'],
      ["a.ts", "/** A single line. */"],
    ],
    good: [["a.ts", "#!/usr/bin/env node\n/**\n * one\n *\n * two\n */"]],
  },
  {
    title: "there are no default exports and no barrels",
    appliesTo: isCode,
    problems: text.exportProblems,
    bad: [
      ["a.ts", "export default function f() {}"],
      ["src/core/index.ts", ""],
      ["a.ts", 'export * from "./b.ts";'],
    ],
    good: [["a.ts", "// no export default here\nexport function f() {}"]],
  },
  {
    title: "every exported thing is documented",
    appliesTo: (path) => isCode(path) && !path.endsWith(".test.ts"),
    problems: text.undocumentedExportProblems,
    bad: [["a.ts", "/** The first letter. */\nexport const a = 1;\nexport const b = 2;"]],
    good: [
      ["a.ts", "/** The first. */\nexport const a = 1;\n/** The second. */\nexport const b = 2;"],
      ["a.ts", "/** The head comment. */\nconst b = 2;\nexport const a = b;"],
    ],
  },
  {
    title: "nothing is left for later and no tool is switched off",
    appliesTo: (path) => isCode(path) || path.startsWith(".ci/") || path.endsWith(".md"),
    problems: text.leftoverProblems,
    bad: [
      ["a.ts", `// TO${"DO"}: more`],
      ["a.ts", `// biome-${"ignore"} lint: because`],
      ["a.ts", `// @ts-${"expect"}-error`],
    ],
    good: [["a.ts", 'const name = "mytodo"; // ignored']],
  },
  {
    title: "the type any is not used",
    appliesTo: isCode,
    problems: text.anyTypeProblems,
    bad: [
      ["a.ts", "function f(a: any) {}"],
      ["a.ts", "const a = b as any;"],
      ["a.ts", "const a: Record<string, any> = {};"],
    ],
    good: [["a.ts", '// as any other\nconst a = "x: any"; const b = { any: 1 };']],
  },
  {
    title: "no file names a path of the machine it was written on",
    appliesTo: isText,
    problems: text.machinePathProblems,
    bad: [
      ["README.md", `see /${"work"}/main`],
      ["a.ts", `// ${"shared"}/reference/commands.md`],
    ],
    good: [["a.ts", "// src/worker/main.ts and ./work/x"]],
  },
  {
    title: "tests wait for conditions, not for time",
    appliesTo: isTest,
    problems: text.sleepProblems,
    bad: [
      ["test/io/a.test.ts", "await new Promise((r) => setTimeout(r, 100));"],
      ["test/io/a.test.ts", 'import { setTimeout as sleep } from "node:timers/promises";'],
    ],
    good: [
      ["test/support/eventually.ts", "setTimeout(r, 10);"],
      ["test/io/a.test.ts", '// setTimeout()\nconst name = "setTimeout(";'],
    ],
  },
  {
    title: "no test is singled out",
    appliesTo: isTest,
    problems: text.onlyProblems,
    bad: [["a.test.ts", 'test.only("x", () => {});']],
    good: [["a.test.ts", 'test("x.only(", () => {});']],
  },
  {
    title: "the top level holds only the agreed entries",
    appliesTo: () => true,
    problems: text.topLevelProblems,
    bad: [["docs/a.md", ""]],
    good: [[".ci/run", ""]],
  },
];

const files = repositoryFiles();
const sources = new Map<string, string>();

function sourceOf(path: string): string {
  const known = sources.get(path);
  if (known !== undefined) return known;
  const source = readFileSync(join(repositoryRoot, path), "utf8");
  sources.set(path, source);
  return source;
}

test("the repository's files are found", () => {
  for (const path of ["package.json", "test/tidy.test.ts", ".ci/run"])
    assert.ok(files.includes(path));
  assert.ok(!files.some((path) => path.startsWith("node_modules/") || path.startsWith("dist/")));
});

for (const rule of rules) {
  test(rule.title, () => {
    for (const [path, source] of rule.bad) {
      assert.notDeepEqual(rule.problems(path, source), [], `must be reported: ${source}`);
    }
    for (const [path, source] of rule.good) {
      assert.deepEqual(rule.problems(path, source), [], `must not be reported: ${source}`);
    }
    const exceptions = rule.exceptions ?? {};
    const found = files
      .filter((path) => rule.appliesTo(path) && !(path in exceptions))
      .flatMap((path) =>
        rule.problems(path, sourceOf(path)).map((problem) => `${path}: ${problem}`),
      );
    if (found.length > 0) assert.fail(found.join("\n"));
  });
}
