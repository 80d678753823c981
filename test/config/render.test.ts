/**
 * The documents made from the table: conf/ringq.conf, the README's table, the printed
 * configuration.
 *
 * The committed sample file must be what the table says, and must do nothing as long as nobody
 * edits it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Config } from "../../src/config/config.ts";
import { directives, findDirective } from "../../src/config/directives.ts";
import { renderConfigFile, renderDirectiveTable, renderSettings } from "../../src/config/render.ts";
import { configOf } from "./sources.ts";

const repository = join(import.meta.dirname, "..", "..", "..");

test("conf/ringq.conf is what the table of directives says", () => {
  const text = readFileSync(join(repository, "conf", "ringq.conf"), "latin1");
  assert.equal(text, renderConfigFile(), "conf/ringq.conf is stale: generate it again");
});

test("the sample file is accepted as it is and changes nothing", () => {
  const config = configOf(renderConfigFile());
  assert.deepEqual(config.get("*"), new Config().get("*"));
  assert.deepEqual(config.warnings, []);
});

test("every directive stands in the sample file once, and removing its # gives the default", () => {
  const active: string[] = [];
  const text = renderConfigFile().replace(
    /^# (\S+) (.*)$/gm,
    (line, name: string, value: string) => {
      const row = findDirective(name);
      if (row === undefined || value !== row.kind.write(row.default)) return line;
      active.push(name);
      return `${name} ${value}`;
    },
  );
  assert.deepEqual(
    active,
    directives.filter((row) => row.inFile).map((row) => row.name),
  );
  assert.deepEqual(configOf(text).get("*"), new Config().get("*"));
});

test("the sample file is plain ASCII of at most 80 columns", () => {
  for (const line of renderConfigFile().split("\n")) assert.match(line, /^[ -~]{0,80}$/);
});

test("the README's table has a row of four cells for every directive", () => {
  const rows = renderDirectiveTable().trimEnd().split("\n");
  assert.equal(rows.length, 2 + directives.length + 2);
  for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length, 6, row);
  assert.ok(rows.some((row) => row.startsWith("| `maxmemory` | `1gb` | yes | ")));
});

test("the printed configuration is a file with the same values, without the secrets", () => {
  const config = configOf(
    'port 1\nbind ::1\nlogfile "a b"\nrequirepass hidden1\ncluster-secret hidden2\nrename-command debug ""',
  );
  const text = renderSettings(config);
  assert.doesNotMatch(text, /hidden[12]/);
  assert.match(text, /^# requirepass \(set, not shown\)$/m);
  assert.match(text, /^# cluster-secret \(set, not shown\)$/m);
  const again = configOf(text);
  assert.equal(again.settings.port, 1);
  assert.deepEqual(again.settings.bind, ["::1"]);
  assert.equal(again.settings.logfile, "a b");
  assert.deepEqual(again.renames, config.renames);
  assert.match(renderSettings(new Config()), /^requirepass ""$/m);
});
