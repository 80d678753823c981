/**
 * What is written about the commands is what the commands say of themselves.
 *
 * Also the documents in the repository that are generated: they must be up to date.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { usage } from "../../src/commands/command.ts";
import { commandHelp, commandTables, usages } from "../../src/commands/documentation.ts";
import { commandSpecs } from "../../src/commands/table.ts";
import { generatedParts, renewed, staleness } from "../support/documents.ts";
import { repositoryRoot } from "../support/repository-files.ts";
import { specNamed } from "./specs.ts";

for (const part of generatedParts) {
  test(`${part.file} has up-to-date ${part.marker ?? "contents"}`, () => {
    assert.ok(existsSync(join(repositoryRoot, part.file)), `${part.file} is there`);
    assert.equal(staleness(part), undefined);
  });
}

test("a generated part replaces what stands between its markers and nothing else", () => {
  const part = { file: "x", marker: "m", text: () => "new\n" };
  const before = "a\n<!-- m -->\nold\n<!-- /m -->\nb\n";
  const after = "a\n<!-- m -->\n\nnew\n\n<!-- /m -->\nb\n";
  assert.equal(renewed(before, part), after);
  assert.equal(renewed(after, part), after);
});

test("a document without the markers cannot be renewed", () => {
  const part = { file: "x", marker: "m", text: () => "new\n" };
  assert.equal(renewed("a\n", part), undefined);
  assert.equal(renewed("<!-- m -->\n", part), undefined);
  assert.equal(renewed("<!-- /m -->\n<!-- m -->\n", part), undefined);
});

test("usage shows options, repetitions, choices and blocks", () => {
  const cases: [name: string, wanted: string][] = [
    ["ping", "PING [message]"],
    ["auth", "AUTH [username] password"],
    ["hello", "HELLO [protover [AUTH username password] [SETNAME clientname]]"],
    ["shutdown", "SHUTDOWN [SAVE|NOSAVE|REWRITE-AOF]"],
    ["qlen", "QLEN queue [CLUSTER]"],
    [
      "addjob",
      "ADDJOB queue job ms-timeout [REPLICATE count] [DELAY sec] [RETRY sec] [TTL sec] " +
        "[MAXLEN count] [ASYNC]",
    ],
  ];
  for (const [name, wanted] of cases) {
    assert.equal(usage(specNamed(name)), wanted);
    assert.deepEqual(usages(specNamed(name)), [wanted]);
  }
});

test("a command with forms has one usage for each of them", () => {
  assert.deepEqual(usages(specNamed("config")), [
    "CONFIG GET pattern",
    "CONFIG SET parameter value [parameter value ...]",
    "CONFIG RESETSTAT",
    "CONFIG REWRITE",
  ]);
  assert.deepEqual(usages(specNamed("command")), [
    "COMMAND",
    "COMMAND COUNT",
    "COMMAND INFO [command-name ...]",
    "COMMAND LIST",
    "COMMAND DOCS [command-name ...]",
    "COMMAND GETKEYS command [arg ...]",
  ]);
  const kill = usages(specNamed("client")).find((line) => line.startsWith("CLIENT KILL"));
  assert.equal(
    kill,
    "CLIENT KILL [ip:port] [ID client-id] [TYPE normal] [ADDR ip:port] [SKIPME YES|NO]",
  );
});

test("help tells usage, purpose, answer and errors", () => {
  assert.equal(
    commandHelp(specNamed("auth")),
    "AUTH [username] password\n" +
      "  Logs in with the password of requirepass; the only user is called default.\n" +
      "  answers: OK.\n" +
      "  errors: ERR, WRONGPASS\n" +
      "  group: connection, since 0.1.0\n",
  );
});

test("the README's tables have a row of four cells for every command", () => {
  const lines = commandTables(commandSpecs).split("\n");
  const rows = lines.filter((line) => line.startsWith("| `"));
  assert.equal(rows.length, commandSpecs.length);
  for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length, 6, row);
  assert.equal(lines.filter((line) => line.startsWith("### ")).length, 5);
  assert.ok(rows.some((row) => row.startsWith("| `SHUTDOWN [SAVE\\|NOSAVE\\|REWRITE-AOF]` |")));
});

test("every command describes itself in sentences", () => {
  for (const spec of commandSpecs) {
    assert.match(spec.name, /^[a-z]+$/);
    assert.match(spec.summary, /^[A-Z].*\.$/, spec.name);
    assert.match(spec.reply, /^[A-Z0-9].*\.$/, spec.name);
    for (const word of spec.errors) assert.match(word, /^[A-Z]+$/, spec.name);
  }
  assert.equal(new Set(commandSpecs.map((spec) => spec.name)).size, commandSpecs.length);
});
