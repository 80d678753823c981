/** The parts of the prompt that need no terminal: hints, completion, history, help. */
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { CommandTable } from "../../src/cli/repl/command-table.ts";
import { helpLines } from "../../src/cli/repl/help.ts";
import { completionsFor, hintFor } from "../../src/cli/repl/hints.ts";
import {
  HISTORY_LINES_MAX,
  isSecret,
  readHistory,
  rememberLine,
} from "../../src/cli/repl/history.ts";
import { commandSpecs } from "../../src/commands/table.ts";
import { tempDir } from "../support/temp-dir.ts";

const table: CommandTable = new Map(commandSpecs.map((spec) => [spec.name, spec]));

const hints = [
  ["", ""],
  ["nosuch ", ""],
  ["ackjob", " jobid [jobid ...]"],
  ["ACKJOB ", "jobid [jobid ...]"],
  ["ackjob D-1 ", "[jobid ...]"],
  ["qpeek q", " count"],
  ["qpeek q 1 ", ""],
  ["addjob q b 0 retry ", "sec"],
  ["addjob q b 0 retry 5 async ", "[REPLICATE count] [DELAY sec] [TTL sec] [MAXLEN count]"],
  ["getjob nohang from q ", "[TIMEOUT ms-timeout] [COUNT count] [WITHCOUNTERS] [queue ...]"],
  ["cluster meet ", "ip port [cluster-port]"],
  ["cluster forget x ", ""],
] as const;

for (const [line, hint] of hints) {
  test(`behind ${JSON.stringify(line)} stands ${JSON.stringify(hint)}`, () => {
    assert.equal(hintFor(table, line), hint);
  });
}

const completions = [
  ["ackj", ["ackjob "]],
  ["ACK", ["ACKJOB "]],
  ["cluster f", ["forget "]],
  ["CLUSTER FO", ["FORGET "]],
  ["addjob q b 0 RE", ["REPLICATE ", "RETRY "]],
  ["addjob q b 0 RETRY 5 RE", ["REPLICATE "]],
  ["help qst", ["qstat "]],
  ["nosuch x", []],
] as const;

for (const [line, words] of completions) {
  test(`Tab behind ${JSON.stringify(line)} offers ${words.length === 0 ? "nothing" : words}`, () => {
    assert.deepEqual(completionsFor(table, line)[0], words);
  });
}

test("an empty line completes to all commands", () => {
  const [all] = completionsFor(table, "");
  for (const { name } of commandSpecs) assert.ok(all.includes(`${name.toUpperCase()} `));
});

test("help names every command, or explains one", () => {
  const all = helpLines(table, []).join("\n");
  for (const { name, summary } of commandSpecs) {
    assert.ok(all.includes(`${name.toUpperCase()} `) && all.includes(summary), name);
  }
  assert.match(helpLines(table, ["CLUSTER"]).join("\n"), /CLUSTER FORGET node-id\n/);
  assert.match(helpLines(table, ["nosuch"]).join("\n"), /nothing about nosuch/);
});

test("history is kept for its owner alone, newest first, without passwords", async (t) => {
  const path = join(await tempDir(t), "history");
  for (const line of ["PING", " ", "AUTH secret", "config set requirepass x", "QLEN q"]) {
    rememberLine(path, line);
  }
  assert.deepEqual(readHistory(path), ["QLEN q", "PING"]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.ok(
    isSecret("HELLO 2 AUTH default x") && isSecret("connect redis://:x@h") && !isSecret("HELLO 2"),
  );
  assert.ok(isSecret('"AUTH" x') && isSecret("'config' set \"requirepass\" x"));
});

test("a history that grew too long is cut to its newest lines", async (t) => {
  const path = join(await tempDir(t), "history");
  writeFileSync(
    path,
    Array.from({ length: 3 * HISTORY_LINES_MAX }, (_, at) => `PING ${at}\n`).join(""),
  );
  assert.equal(readHistory(path)[0], `PING ${3 * HISTORY_LINES_MAX - 1}`);
  assert.equal(readFileSync(path, "utf8").trim().split("\n").length, HISTORY_LINES_MAX);
});

test("no history is no failure", () => {
  assert.deepEqual(readHistory("/no/such/folder/history"), []);
  rememberLine("/no/such/folder/history", "PING");
  rememberLine("", "PING");
});
