/**
 * redis-benchmark against a real server: the load generator nearly everybody has.
 *
 * Not about speed; it asks for settings of Redis first, pipelines hard, and must not be confused.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startNode } from "../support/node.ts";
import { integerOf } from "../support/reply.ts";
import { isMissing, runTool } from "./tools.ts";

const REQUESTS = 10_000;

test("redis-benchmark adds and fetches jobs", { skip: isMissing("redis-benchmark") }, async (t) => {
  const node = await startNode(t);
  const benchmark = async (...command: string[]): Promise<void> => {
    const options = ["-p", `${node.port}`, "-P", "16", "-n", `${REQUESTS}`, "-q"];
    const { code, stdout, stderr } = await runTool("redis-benchmark", [...options, ...command]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /[0-9.]+ requests per second/);
    assert.doesNotMatch(stdout + stderr, /error|warning/i);
  };
  const client = await node.client();
  await benchmark("ADDJOB", "q", "body", "0");
  // It may send up to a pipeline more than asked for.
  assert.ok(integerOf(await client.call("QLEN", "q")) >= REQUESTS);
  await benchmark("GETJOB", "NOHANG", "COUNT", "2", "FROM", "q");
  assert.equal(integerOf(await client.call("QLEN", "q")), 0);
});
