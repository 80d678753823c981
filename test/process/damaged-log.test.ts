/**
 * A log that something has damaged: the server refuses it, the tool mends it, the server goes on with the rest.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runTool } from "../cli/run-tool.ts";
import { startNode } from "../support/node.ts";
import { tempDir } from "../support/temp-dir.ts";
import { run } from "./launch.ts";
import { RawClient } from "./raw-client.ts";

const JOBS = 5;

test("what check-log repairs, a server starts with", async (t) => {
  const dir = await tempDir(t);
  const node = await startNode(t, { appendonly: "yes" }, { dir });
  const client = await RawClient.connect(t, { port: node.port });
  for (let i = 0; i < JOBS; i++) await client.call("ADDJOB", "q", `body ${i}`, "0");
  await node.kill9();
  assert.equal(runTool(["check-log", dir]).code, 0);
  const [name = ""] = readdirSync(join(dir, "log")).filter((file) => file.endsWith(".rql"));
  const path = join(dir, "log", name);
  const bytes = readFileSync(path);
  const at = bytes.indexOf("body 1");
  bytes[at] = 0;
  writeFileSync(path, bytes);
  const args = ["--port", "0", "--ports-file", "p", "--dir", dir, "--appendonly", "yes"];
  const refused = await run(t, args);
  assert.equal(refused.code, 1);
  const offset = /at byte (\d+)/.exec(refused.stdout)?.[1];
  assert.ok(Number(offset) < at, refused.stdout);
  assert.match(refused.stdout, /ringq check-log/);
  const checked = runTool(["check-log", dir]);
  assert.equal(checked.code, 1);
  assert.match(checked.stdout, new RegExp(`damaged at byte ${offset}, `));
  assert.equal(runTool(["check-log", "--repair", dir]).code, 0);
  assert.equal(runTool(["check-log", dir]).code, 0);
  const again = await startNode(t, { appendonly: "yes" }, { dir });
  const later = await RawClient.connect(t, { port: again.port });
  assert.equal(await later.call("QLEN", "q"), JOBS - 1);
});
