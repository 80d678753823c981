/** The command table: commands are found by bytes, ignoring case, under the names they have here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CommandSpec, fitsArity, usage } from "../../src/commands/command.ts";
import { CommandTable } from "../../src/commands/command-table.ts";
import { commandSpecs } from "../../src/commands/table.ts";
import type { Rename } from "../../src/config/config.ts";
import { requestOf } from "./request-of.ts";

const table = (...renames: Rename[]): CommandTable => new CommandTable(commandSpecs, renames);
const nameOf = (commands: CommandTable, word: string): string | undefined =>
  commands.find(requestOf(word, "argument"))?.spec.name;

test("every command is found in any case, and has a counter", () => {
  const commands = table();
  for (const spec of commandSpecs) {
    const mixed = spec.name.replace(/[a-m]/g, (letter) => letter.toUpperCase());
    for (const word of [spec.name, spec.name.toUpperCase(), mixed]) {
      assert.equal(commands.find(requestOf(word))?.spec, spec, word);
    }
    assert.equal(commands.find(requestOf(spec.name))?.counter, commands.stats.counter(spec.name));
    assert.equal(commands.get(spec.name)?.spec, spec);
  }
});

test("what only looks like a command is none", () => {
  const commands = table();
  for (const spec of commandSpecs) {
    const { name } = spec;
    const last = name.slice(-1);
    // The same length and the same bits of the first and last letter: the same bucket.
    const alike = name.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) ^ 0x40);
    for (const word of [alike, `${name} `, name.slice(0, -1), `x${name}`, `${name}\x00`]) {
      assert.equal(nameOf(commands, word), undefined, JSON.stringify(word));
    }
  }
  assert.equal(nameOf(commands, ""), undefined);
  assert.equal(nameOf(commands, "x".repeat(100_000)), undefined);
});

test("a renamed command is found under its new name only, in its old place", () => {
  const before = [...table().all].map(({ name }) => name);
  const commands = table({ from: "debug", to: "secret" });
  assert.equal(nameOf(commands, "debug"), undefined);
  assert.equal(commands.get("debug"), undefined);
  assert.equal(nameOf(commands, "SECRET"), "debug");
  assert.equal(commands.get("secret")?.counter, commands.stats.counter("debug"));
  assert.equal(commands.givenName("debug"), "secret");
  assert.equal(commands.givenName("secret"), undefined);
  const after = [...commands.all].map(({ name }) => (name === "secret" ? "debug" : name));
  assert.deepEqual(after, before);
});

test("a command without a name is gone, and its counter stays", () => {
  const commands = table({ from: "debug", to: "" });
  assert.equal(nameOf(commands, "debug"), undefined);
  assert.equal(nameOf(commands, ""), undefined);
  assert.equal(commands.givenName("debug"), undefined);
  assert.ok([...commands.all].every(({ name }) => name !== "debug" && name !== ""));
  assert.equal(commands.stats.counter("debug")?.calls, 0);
});

test("two commands can exchange their names", () => {
  const commands = table(
    { from: "ackjob", to: "x" },
    { from: "deljob", to: "ackjob" },
    { from: "x", to: "deljob" },
  );
  assert.equal(nameOf(commands, "ackjob"), "deljob");
  assert.equal(nameOf(commands, "deljob"), "ackjob");
  assert.equal(nameOf(commands, "x"), undefined);
});

const spec = (arity: number, wordsMax?: number): Pick<CommandSpec, "arity" | "wordsMax"> =>
  wordsMax === undefined ? { arity } : { arity, wordsMax };

test("arity is an exact number of words, a least number, or anything", () => {
  const fitting = (limits: ReturnType<typeof spec>): number[] =>
    [1, 2, 3, 4, 5].filter((words) => fitsArity(limits, words));
  assert.deepEqual(fitting(spec(2)), [2]);
  assert.deepEqual(fitting(spec(-3)), [3, 4, 5]);
  assert.deepEqual(fitting(spec(0)), [1, 2, 3, 4, 5]);
  assert.deepEqual(fitting(spec(2, 3)), [2, 3]);
  assert.deepEqual(fitting(spec(-2, 4)), [2, 3, 4]);
});

test("usage texts follow from the arguments", () => {
  const expected: Record<string, string> = {
    addjob:
      "ADDJOB queue job ms-timeout [REPLICATE count] [DELAY sec] [RETRY sec] [TTL sec] " +
      "[MAXLEN count] [ASYNC]",
    getjob:
      "GETJOB [NOHANG] [TIMEOUT ms-timeout] [COUNT count] [WITHCOUNTERS] FROM queue [queue ...]",
    ackjob: "ACKJOB jobid [jobid ...]",
    jscan: "JSCAN [cursor] [COUNT count] [BUSYLOOP] [QUEUE queue] [STATE state ...] [REPLY id|all]",
    pause: "PAUSE queue in|out|all|none|state|bcast [in|out|all|none|state|bcast ...]",
  };
  for (const [name, text] of Object.entries(expected)) {
    const found = commandSpecs.find((candidate) => candidate.name === name);
    assert.equal(found && usage(found), text);
  }
});
