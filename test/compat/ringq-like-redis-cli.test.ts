/** `ringq` shows replies as redis-cli does: the same commands, the same bytes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../support/cli.ts";
import { startNode } from "../support/node.ts";
import { isMissing, runTool } from "./tools.ts";

const commands = [
  ["PING"],
  ["ECHO", 'tab\tquote"back\\slash ä'],
  ["QPEEK", "q", "-20"],
  ["GETJOB", "NOHANG", "FROM", "nothing"],
  ["COMMAND", "INFO", "addjob", "nosuch", "getjob"],
  ["CLUSTER", "NODES"],
];

const forms = [
  ["raw", ["--raw"], ["--raw"]],
  ["on a terminal", ["--no-raw"], ["--no-raw"]],
  ["as CSV", ["--csv"], ["--csv"]],
] as const;

for (const [name, theirs, ours] of forms) {
  test(`replies ${name} are redis-cli's`, { skip: isMissing("redis-cli") }, async (t) => {
    const { port } = await startNode(t);
    const input = Array.from({ length: 12 }, (_, job) => `ADDJOB q ${job} 0\r\n`).join("");
    await runCli(t, ["-p", `${port}`, "--pipe"], { input });
    for (const command of commands) {
      const wanted = await runTool("redis-cli", ["-p", `${port}`, ...theirs, ...command]);
      const { stdout } = await runCli(t, ["-p", `${port}`, ...ours, ...command]);
      assert.equal(
        Buffer.from(stdout, "latin1").toString("utf8"),
        wanted.stdout,
        command.join(" "),
      );
    }
  });
}
