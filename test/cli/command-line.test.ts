/** Options end where the command begins, and its words are never touched. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { UsageError } from "../../src/cli/cli-error.ts";
import { formatOf, inputPlace, parseCommandLine } from "../../src/cli/command-line.ts";
import { targetOf } from "../../src/cli/connection-options.ts";
import { runSubcommand } from "../../src/cli/run-subcommand.ts";
import {
  CLUSTER_ACTIONS,
  meantSubcommand,
  type SubcommandRow,
  subcommandFor,
  subcommandRows,
} from "../../src/cli/subcommands.ts";
import { Authority } from "../support/certificates.ts";
import { fc } from "../support/fast-check.ts";
import { tempDir } from "../support/temp-dir.ts";

test("a command's words are taken as they are, whatever they look like", () => {
  const word = fc.oneof(
    fc.constantFrom("1e3", "-p", "--help", "--", "0x10", "007", "", "true", "-r", "--tls=x", "a.b"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word), (rest) => {
      const { words, options } = parseCommandLine(["-p", "7000", "--raw", "ADDJOB", ...rest]);
      assert.deepEqual(words, ["ADDJOB", ...rest]);
      assert.deepEqual([options.port, options.raw, options.help], ["7000", true, undefined]);
    }),
  );
});

test("of an option that stands twice the last one counts", () => {
  const { options } = parseCommandLine(["-p", "1", "-r", "2", "-p", "3", "-r", "4"]);
  assert.deepEqual([options.port, options.repeat], ["3", 4]);
});

const wrong = [
  ["--nosuch"],
  ["-p"],
  ["-r", "x"],
  ["-r", "1.5"],
  ["-i", "-1"],
  ["--pipe-timeout", "soon"],
] as const;

for (const args of wrong) {
  test(`${args.join(" ")} is refused in one line`, () => {
    assert.throws(
      () => parseCommandLine(args),
      (error: Error) => {
        return error instanceof UsageError && !error.message.includes("\n");
      },
    );
  });
}

test("two formats at once are refused", () => {
  assert.equal(formatOf(parseCommandLine(["--csv"]).options), "csv");
  assert.throws(() => formatOf(parseCommandLine(["--csv", "--json"]).options), UsageError);
});

const impossible = [
  { port: "0" },
  { port: "x" },
  { host: "" },
  { url: "http://x" },
  { url: "redis://x", port: "1" },
  { socket: "/x", host: "y" },
  { user: "ada" },
  { cert: "x" },
  { insecure: true },
  { tls: true, cert: "x" },
  { tls: true, cacert: "/no/such/file" },
  { tls: true, cacert: import.meta.filename },
  { timeout: "0" },
  { timeout: "" },
] as const;

for (const given of impossible) {
  test(`${JSON.stringify(given).replace(import.meta.filename, "a file")} names no server`, async () => {
    await assert.rejects(targetOf(given), UsageError);
  });
}

test("a key that is cut off, encrypted or of another certificate is refused in a line", async (t) => {
  const authority = await Authority.make(await tempDir(t));
  const ours = await authority.issue("ours");
  const other = await authority.issue("other");
  const locked = await authority.issue("locked", { passphrase: "p" });
  const cut = `${ours.key}.cut`;
  writeFileSync(cut, readFileSync(ours.key).subarray(0, -40));
  const keys = [
    [cut, /^--key \S+: the key cannot be read$/],
    [other.key, /^--key \S+: it is not the key of the certificate in \S+$/],
    [locked.key, /^--key \S+: the key is encrypted/],
  ] as const;
  for (const [key, message] of keys) {
    await assert.rejects(targetOf({ tls: true, cert: ours.cert, key }), (error: Error) => {
      assert.match(error.message, message);
      return error instanceof UsageError;
    });
  }
  const { tls } = await targetOf({ tls: true, cert: ours.cert, key: ours.key, cacert: ours.ca });
  assert.deepEqual(tls?.ca, [readFileSync(ours.ca, "latin1").trim()]);
});

test("-X stands for the first argument that is its word", () => {
  const { options, words } = parseCommandLine(["-X", "b", "ADDJOB", "q", "b", "b", "0"]);
  assert.equal(inputPlace(options, words), 2);
});

test("a wrong URL is not shown, because there may be a password in it", async () => {
  await assert.rejects(targetOf({ url: "http://:hunter2@h" }), (error: Error) => {
    return !error.message.includes("hunter2");
  });
});

test("ours are in lower case; the server's commands of the same name can be said", () => {
  for (const { name } of subcommandRows) assert.equal(subcommandFor([name])?.name, name);
  for (const action of CLUSTER_ACTIONS)
    assert.equal(subcommandFor(["cluster", action])?.name, "cluster");
  assert.equal(subcommandFor(["latency", "-i", "1"])?.name, "latency");
  for (const words of [
    [],
    ["LATENCY"],
    ["latency", "doctor"],
    ["cluster", "nodes"],
    ["CLUSTER", "FORGET"],
  ]) {
    assert.equal(subcommandFor(words), undefined, words.join(" "));
  }
});

test("a misspelt subcommand is recognised where no command of a server can be meant", () => {
  assert.equal(meantSubcommand("chek-log"), "check-log");
  for (const word of ["qstat", "far-off", ""]) assert.equal(meantSubcommand(word), undefined, word);
});

const incomplete = [
  ["tail", "<queue>"],
  ["cluster create", "<nodes..>"],
  ["cluster forget", "<node>"],
  ["cluster drain", "<node>"],
  ["cluster", "create, check, forget or drain?"],
] as const;

test("a subcommand says which of its arguments is missing", async () => {
  for (const [line, missing] of incomplete) {
    const words = line.split(" ");
    const row = subcommandFor(words) as SubcommandRow;
    await assert.rejects(runSubcommand(row, [], words), (error: Error) => {
      return error instanceof UsageError && error.message.startsWith(missing);
    });
  }
});

test("every subcommand can be loaded", async () => {
  for (const row of subcommandRows) {
    const module = await row.load();
    const command = String(module.command);
    assert.equal(command.split(" ")[0], row.name);
    assert.ok(row.usage.startsWith(row.name));
  }
});
