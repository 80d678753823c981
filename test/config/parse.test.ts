/**
 * Reading the text of configuration files: lines, quotes, includes, bounds, and how problems are
 * shown.
 *
 * Files are objects in memory; nothing here touches the disk.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFlags } from "../../src/config/flags.ts";
import { loadConfig } from "../../src/config/load.ts";
import { linesOf, parseFile, parseLine } from "../../src/config/parse.ts";
import { describeOrigin, formatProblems } from "../../src/config/problem.ts";
import { fc } from "../support/fast-check.ts";
import { configOf, filesOf, messagesOf, problemsOf } from "./sources.ts";

/** Statements as `place name args`, joined by blanks. */
function statementsOf(text: string, files: Readonly<Record<string, string>> = {}): string[] {
  return parseFile("ringq.conf", text, filesOf(files)).map(({ origin, name, args }) =>
    [describeOrigin(origin), name, ...args].join(" "),
  );
}

test("blank lines and comments say nothing, names ignore case", () => {
  assert.deepEqual(
    statementsOf("# a comment\n\n  \t\r\n  # \0 another\nPORT 7711\n\tDir  /tmp\r\n"),
    ["ringq.conf:5 port 7711", "ringq.conf:6 dir /tmp"],
  );
});

test("a # after the name is an argument, not a comment", () => {
  assert.deepEqual(parseLine("port 1 # x"), {
    type: "statement",
    name: "port",
    args: ["1", "#", "x"],
  });
});

test("arguments are quoted as in inline commands", () => {
  assert.deepEqual(parseLine(`requirepass "a b\\x00\\n"`), {
    type: "statement",
    name: "requirepass",
    args: ["a b\0\n"],
  });
  assert.deepEqual(parseLine("save ''"), { type: "statement", name: "save", args: [""] });
});

test("the last line may lack its end, and a byte order mark is skipped", () => {
  assert.deepEqual(linesOf("\xef\xbb\xbfport 1\n\nport 2"), ["port 1", "", "port 2"]);
  assert.deepEqual(linesOf("a\n"), ["a"]);
  assert.deepEqual(linesOf(""), []);
});

test("lines that cannot be read are problems with file, line and text", () => {
  const long = `logfile ${"x".repeat(70_000)}`;
  const problems = problemsOf(`port 7711\nlogfile "abc\ndir a\0b\n${long}\n`);
  assert.deepEqual(
    problems.map((problem) => [describeOrigin(problem.origin), problem.message]),
    [
      ["ringq.conf:2", "Unbalanced quotes in configuration line"],
      ["ringq.conf:3", "Line contains a NUL byte"],
      ["ringq.conf:4", "Line is longer than 65536 bytes"],
    ],
  );
  assert.equal(problems[0]?.text, 'logfile "abc');
  assert.ok((problems[2]?.text.length ?? 0) < 300);
});

test("an included file stands in the place of its line", () => {
  const files = { "a.conf": "port 2\nINCLUDE 'b c.conf'\nport 4", "b c.conf": "port 3\n" };
  assert.deepEqual(statementsOf("port 1\ninclude a.conf\nport 5\ninclude a.conf", files), [
    "ringq.conf:1 port 1",
    "a.conf:1 port 2",
    "b c.conf:1 port 3",
    "a.conf:3 port 4",
    "ringq.conf:3 port 5",
    "a.conf:1 port 2",
    "b c.conf:1 port 3",
    "a.conf:3 port 4",
  ]);
});

test("the path of an include is decoded from the file's bytes", () => {
  assert.deepEqual(statementsOf("include \xc3\xa9.conf", { "\u00e9.conf": "port 2" }), [
    "\u00e9.conf:1 port 2",
  ]);
});

test("a missing included file is a problem of the line that names it", () => {
  assert.deepEqual(messagesOf("\ninclude nothing.conf", { readFile: filesOf({}) }), [
    "ringq.conf:2: Can't open the included file: No such file or directory",
  ]);
  assert.deepEqual(messagesOf("include x"), [
    "ringq.conf:1: Can't open the included file: files cannot be read here",
  ]);
  assert.deepEqual(messagesOf('include "a\\x00b"', { readFile: filesOf({}) }), [
    "ringq.conf:1: Can't open the included file: path contains a NUL byte",
  ]);
  assert.deepEqual(messagesOf("include a b\ninclude"), [
    "ringq.conf:1: Bad directive or wrong number of arguments",
    "ringq.conf:2: Bad directive or wrong number of arguments",
  ]);
});

test("files that include each other are a problem, not a loop", () => {
  const files = { "a.conf": "include b.conf", "b.conf": "include a.conf" };
  assert.deepEqual(messagesOf("include a.conf", { readFile: filesOf(files) }), [
    "b.conf:1: a.conf includes itself",
  ]);
  assert.deepEqual(messagesOf("include ringq.conf"), ["ringq.conf:1: ringq.conf includes itself"]);
});

test("includes are bounded in depth and in number", () => {
  // Every file has another name for the next, as links would.
  const deeper = (path: string) => ({ text: `include ${path}x\n` });
  assert.deepEqual(
    problemsOf("include x", { readFile: deeper }).map((problem) => problem.message),
    ["Includes are nested deeper than 16 files"],
  );
  let reads = 0;
  const doubling = (path: string) => {
    reads++;
    return { text: `include ${path}a\ninclude ${path}b\n` };
  };
  const statements = parseFile("ringq.conf", "include x", doubling);
  assert.equal(reads, 256);
  assert.ok(statements.some(({ unreadable }) => unreadable === "More than 256 files are included"));
  assert.equal(problemsOf("include x", { readFile: doubling }).length, 20, "of all the problems");
});

test("problems are printed in the reference's shape with the file's name", () => {
  const text = formatProblems(problemsOf("\nmaxmemory abc\nprot 1\n"));
  assert.equal(
    text,
    [
      "",
      "*** FATAL CONFIG FILE ERROR ***",
      "Reading the configuration file, at line 2 of ringq.conf",
      ">>> 'maxmemory abc'",
      "You need to specify a memory limit greater than zero",
      "(maxmemory takes a size in bytes or with a unit (b, k, kb, m, mb, g, gb))",
      "",
      "Reading the configuration file, at line 3 of ringq.conf",
      ">>> 'prot 1'",
      "Bad directive or wrong number of arguments",
      "(there is no such directive; did you mean port?)",
      "",
    ].join("\n"),
  );
});

test("problems of variables and flags are printed with the place to look at", () => {
  const flags = parseFlags(["--port", "x"]).statements;
  const text = formatProblems(problemsOf("", { env: { RINGQ_CONF_HZ: "x" }, flags }));
  assert.match(text, /^Reading the environment variable RINGQ_CONF_HZ$/m);
  assert.match(text, /^Reading the command line, at --port$/m);
  const config = configOf("");
  config.set([["dir", "/nowhere"]]);
  const late = [config.problemWith("port", "taken"), config.problemWith("dir", "missing")];
  assert.match(formatProblems(late), /^Reading the default\n>>> 'port 7711'\ntaken$/m);
  assert.match(formatProblems(late), /^Reading CONFIG SET\n>>> 'dir "\/nowhere"'\nmissing$/m);
});

test("a problem without a hint ends with what is wrong", () => {
  const problem = configOf("").problemWith("port", "taken");
  assert.match(formatProblems([problem]), /\ntaken\n$/);
});

test("printed problems keep letters, not control characters", () => {
  const text = formatProblems(problemsOf("caf\xc3\xa9 \x1b[31m 1"));
  assert.match(text, />>> 'caf\u00e9 \?\[31m 1'/);
  const named = problemsOf("x", { file: { path: "\u4e2d.conf", text: "x" } });
  assert.match(formatProblems(named), /at line 1 of \u4e2d\.conf/);
});

test("passwords are not part of a problem", () => {
  const lines = [
    'requirepass "secret',
    "requirepass secret1 secret2",
    `requirepass ${"secret".repeat(100)}`,
    "requirepas secret",
    "masterauth 'secret",
  ];
  const problems = problemsOf(lines.join("\n"));
  assert.equal(problems.length, lines.length);
  assert.doesNotMatch(formatProblems(problems), /secret/);
  assert.match(formatProblems(problems), />>> 'requirepass \(hidden\)'/);
});

test("no text makes reading a configuration throw", () => {
  const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 200 });
  const garbage = bytes.map((list) => String.fromCharCode(...list));
  const name = fc.constantFrom(
    "port",
    "bind",
    "dir",
    "include",
    "rename-command",
    "maxmemory",
    "save",
  );
  const line = fc.tuple(name, garbage).map(([directive, rest]) => `${directive} ${rest}`);
  fc.assert(
    fc.property(fc.array(fc.oneof(garbage, line)), fc.array(garbage), (lines, values) => {
      const env = Object.fromEntries(
        values.map((value, at) => [`RINGQ_CONF_${value}${at}`, value]),
      );
      const loaded = loadConfig({ file: { path: "f", text: lines.join("\n") }, env });
      if ("problems" in loaded) assert.match(formatProblems(loaded.problems), /FATAL/);
      else assert.ok(loaded.config.get("*").length > 0);
    }),
    { numRuns: 300 },
  );
});
