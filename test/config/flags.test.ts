/**
 * The server's command line: which words belong to which flag, and what is reported as a mistake.
 *
 * Values are not checked here; loadConfig does that for all sources alike.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFlags } from "../../src/config/flags.ts";
import { fc } from "../support/fast-check.ts";

/** Statements as lists of name and arguments. */
const statementsOf = (...argv: string[]) =>
  parseFlags(argv).statements.map(({ name, args }) => [name, ...args]);

const errorsOf = (...argv: string[]) => [...parseFlags(argv).usageErrors];

test("a flag takes everything up to the next flag", () => {
  assert.deepEqual(
    statementsOf("--port", "7712", "--bind", "127.0.0.1", "-::1", "--daemonize", "no"),
    [
      ["port", "7712"],
      ["bind", "127.0.0.1", "-::1"],
      ["daemonize", "no"],
    ],
  );
});

test("values may begin with dashes", () => {
  assert.deepEqual(statementsOf("--requirepass", "--secret", "--slowlog-log-slower-than", "-1"), [
    ["requirepass", "--secret"],
    ["slowlog-log-slower-than", "-1"],
  ]);
  assert.deepEqual(statementsOf("--requirepass", "-v"), [["requirepass", "-v"]]);
  assert.deepEqual(statementsOf("--requirepass=--port"), [["requirepass", "--port"]]);
});

test("names ignore case, values may follow an equals sign, and may be empty", () => {
  assert.deepEqual(statementsOf("--PORT", "1", "--port=2", "--save", "", "--logfile="), [
    ["port", "1"],
    ["port", "2"],
    ["save", ""],
    ["logfile", ""],
  ]);
});

test("statements that are no directives can be flags too", () => {
  assert.deepEqual(statementsOf("--include", "a.conf", "--rename-command", "debug", ""), [
    ["include", "a.conf"],
    ["rename-command", "debug", ""],
  ]);
});

test("values are byte strings, shown without passwords", () => {
  const { statements } = parseFlags(["--requirepass", "p\u00e4ss", "--dir", "\u00e9"]);
  assert.deepEqual(statements[0]?.args, ["p\xc3\xa4ss"]);
  assert.equal(statements[0]?.text, "requirepass (hidden)");
  assert.equal(statements[1]?.text, "dir \xc3\xa9");
  assert.deepEqual(statements[1]?.origin, { from: "flag", flag: "--dir" });
});

test("the configuration file is the first word that belongs to no flag", () => {
  assert.equal(parseFlags([]).configFile, undefined);
  assert.equal(parseFlags(["ringq.conf", "--port", "1"]).configFile, "ringq.conf");
  assert.equal(parseFlags(["-", "--port", "1"]).configFile, "-");
  assert.equal(parseFlags(["--check-config", "ringq.conf"]).configFile, "ringq.conf");
  assert.equal(parseFlags(["--port", "1"]).configFile, undefined);
});

test("special flags are told apart from directives", () => {
  const special = (...argv: string[]) => [...parseFlags(argv).special];
  assert.deepEqual(special("-h"), ["help"]);
  assert.deepEqual(special("-v"), ["version"]);
  assert.deepEqual(special("a.conf", "--version"), ["version"]);
  assert.deepEqual(special("--port", "1", "--check-config", "--print-config"), [
    "check-config",
    "print-config",
  ]);
  assert.deepEqual(statementsOf("--port", "1", "--help"), [["port", "1"]]);
});

test("files to import are no directive, and any number of them", () => {
  const { imports, statements, configFile } = parseFlags([
    ..."a.conf --import x.aof /y.aof --port 1 --import=z.aof".split(" "),
  ]);
  assert.deepEqual(imports, ["x.aof", "/y.aof", "z.aof"]);
  assert.deepEqual(
    statements.map(({ name }) => name),
    ["port"],
  );
  assert.equal(configFile, "a.conf");
  assert.deepEqual(errorsOf("--import", "--port", "1"), ["--import needs the path of a file"]);
  assert.deepEqual(errorsOf("--imprt", "x"), ["Unknown option --imprt, did you mean --import?"]);
});

test("unknown options are usage errors with a suggestion", () => {
  assert.deepEqual(errorsOf("--prot", "7712"), ["Unknown option --prot, did you mean --port?"]);
  assert.deepEqual(errorsOf("a.conf", "--port", "1", "--hlep"), [
    "Unknown option --hlep, did you mean --help?",
  ]);
  assert.deepEqual(errorsOf("--xyzzy=secret", "b", "c"), ["Unknown option --xyzzy"]);
  assert.deepEqual(errorsOf("-x"), ["Unknown option -x"]);
  assert.deepEqual(errorsOf("--"), ["Unknown option --"]);
  assert.deepEqual(errorsOf("a.conf", "b.conf"), ["Unexpected argument 'b.conf'"]);
});

test("names of object properties are no flags", () => {
  assert.deepEqual(errorsOf("--constructor"), ["Unknown option --constructor"]);
  assert.equal(parseFlags(["toString"]).configFile, "toString");
});

test("any words are either understood or reported", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "--port",
      "--bind",
      "--bind=::1",
      "--help",
      "-h",
      "-",
      "--",
      "--x",
      "-x",
      "7711",
    ),
  );
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      const { statements, usageErrors, configFile, special, imports } = parseFlags(argv);
      if (argv.length > 0) {
        assert.ok(
          statements.length + usageErrors.length + special.size + imports.length > 0 ||
            configFile !== undefined,
        );
      }
    }),
  );
});
