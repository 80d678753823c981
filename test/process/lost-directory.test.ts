/**
 * A server whose data directory was taken over, as after a long freeze: another one works there now.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startNode, type TestNode } from "../support/node.ts";
import { type Command, RawClient } from "./raw-client.ts";

const LEAVING = "-LEAVING This node is leaving the cluster, please connect to a different one";
const OWNER = { host: "elsewhere", bootId: "x", pidNamespace: "y", pid: 4711, startTime: "1" };
const THEIR_LOCK = `${JSON.stringify({ ...OWNER, token: "0123456789abcdef" })}\n`;
const THEIR_NODES = "another server's";

/** What the other server does: it takes the lock and writes its own nodes file. */
function takeOver(node: TestNode): void {
  writeFileSync(join(node.dir, "ringq.lock"), THEIR_LOCK);
  writeFileSync(join(node.dir, "nodes.conf"), THEIR_NODES);
}

/** It ended as failed and left everything to the other one. */
async function assertGivenUp(node: TestNode): Promise<void> {
  assert.equal(await node.exited, 1);
  assert.match(
    node.log(),
    /"level":"fatal".*"the data directory was taken over by process 4711 on host elsewhere; nothing more is written there, stopping"/,
  );
  assert.match(node.log(), /"reason":"data directory lost","msg":"stopping"/);
  assert.match(node.log(), /"msg":"bye"\}\n$/);
  assert.equal(readFileSync(join(node.dir, "ringq.lock"), "utf8"), THEIR_LOCK);
  assert.equal(readFileSync(join(node.dir, "nodes.conf"), "utf8"), THEIR_NODES);
}

test("it notices by itself, sends its clients away and exits with 1", async (t) => {
  const node = await startNode(t);
  const blocked = await RawClient.connect(t, { port: node.port });
  blocked.send(["PING"], ["GETJOB", "FROM", "q"]);
  assert.equal(await blocked.read(), "PONG");
  takeOver(node);
  assert.equal(await blocked.read(), LEAVING);
  await assertGivenUp(node);
});

/** Changes that are saved before they are answered, and one that is saved in the same turn. */
const changes: [command: Command, reply: RegExp][] = [
  [["PAUSE", "q", "in"], /^(-ERR error saving .*\r\n)?$/],
  [["CLUSTER", "LEAVING", "yes"], /^(-ERR error saving .*\r\n)?$/],
  [["CLUSTER", "RESET", "HARD"], /^(\+OK\r\n)?$/],
];
for (const [change, reply] of changes) {
  test(`${change.join(" ")} writes nothing from the first moment on`, async (t) => {
    const node = await startNode(t);
    const client = await RawClient.connect(t, { port: node.port });
    takeOver(node);
    client.send(change);
    assert.match(await client.end(), reply);
    await assertGivenUp(node);
  });
}
