/** An export of a cluster of which a node is silent: the others' jobs are kept, and it is named. */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { exportTo } from "../../src/cli/export.ts";
import { Cluster } from "../../src/client/cluster.ts";
import { atEnd } from "../support/cleanup.ts";
import { startScriptServer } from "../support/script-server.ts";

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const TIME = `*2\r\n${bulk("1000")}${bulk("0")}`;
const JOB_ID = `D-${"0".repeat(8)}-${"a".repeat(24)}-05a1`;
const JOB = [
  "id",
  JOB_ID,
  "queue",
  "q",
  "state",
  "queued",
  "repl",
  "1",
  "ttl",
  "100",
  "ctime",
  "1000000000000",
];
const fields = [...JOB, "delay", "0", "retry", "10", "body", "x"];
const PAGE = `*2\r\n${bulk("0")}*1\r\n*${fields.length}\r\n${fields.map(bulk).join("")}`;

/** An export from a node that answers, or not, and another one that is frozen. Resolves with its exit code. */
async function run(t: TestContext, isSeedFrozen: boolean) {
  const frozen = await startScriptServer(t, () => undefined);
  const seed = await startScriptServer(t, ([name]) => {
    if (name === "CLUSTER") {
      const row = (id: string, port: number, flags: string) =>
        `${id.repeat(40)} 127.0.0.1:${port} ${flags} 0 0 connected\n`;
      return bulk(row("a", 1, "myself") + row("b", frozen.port, "noflags"));
    }
    if (isSeedFrozen) return undefined;
    return name === "TIME" ? TIME : PAGE;
  });
  const cluster = await Cluster.open({
    address: { kind: "tcp", host: "127.0.0.1", port: seed.port },
    connectTimeoutMs: 5000,
    replyTimeoutMs: 250,
  });
  atEnd(t, () => cluster.close());
  const said: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => said.push(text));
  const out = new PassThrough();
  const code = await exportTo(out, cluster, undefined);
  return { code, said: said.join(""), lines: String(out.read()).trim().split("\n"), frozen };
}

test("a node that does not answer is named, and the jobs of the others are kept", async (t) => {
  const { code, said, lines, frozen } = await run(t, false);
  assert.equal(code, 1);
  assert.match(said, new RegExp(`^127\\.0\\.0\\.1:${frozen.port} was left out: .*no reply`));
  assert.match(said, /\n1 jobs exported\n$/);
  assert.equal(lines.length, 1);
});

test("when no node answers there is no export, and an idle connection is no excuse", async (t) => {
  await assert.rejects(run(t, true), /no reply within/);
});
