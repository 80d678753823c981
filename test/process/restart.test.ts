/**
 * What a server is after it was killed: the same node, in its own folder, with its queues paused.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startNode, type TestNode } from "../support/node.ts";
import { tempDir } from "../support/temp-dir.ts";
import { run } from "./launch.ts";
import { RawClient } from "./raw-client.ts";

async function myId(client: RawClient): Promise<string> {
  const hello = await client.call("HELLO");
  assert.ok(Array.isArray(hello));
  return String(hello[1]);
}

async function restart(t: TestContext, node: TestNode, dir: string): Promise<RawClient> {
  await node.kill9();
  const { port } = await startNode(t, {}, { dir });
  return RawClient.connect(t, { port });
}

test("kill -9 changes neither the node's id nor its pauses", async (t) => {
  const dir = await tempDir(t);
  const node = await startNode(t, {}, { dir });
  const before = await RawClient.connect(t, { port: node.port });
  const id = await myId(before);
  assert.match(id, /^[0-9a-f]{40}$/);
  const binary = Buffer.from([0, 255, 13, 10, 32, 34]);
  assert.equal(await before.call("PAUSE", "q", "in"), "in");
  assert.equal(await before.call("PAUSE", binary, "all"), "all");
  assert.equal(await before.call("PAUSE", "open", "out"), "out");
  assert.equal(await before.call("PAUSE", "open", "none"), "none");
  const after = await restart(t, node, dir);
  assert.equal(await myId(after), id);
  assert.equal(await after.call("PAUSE", "q", "state"), "in");
  assert.equal(await after.call("PAUSE", binary, "state"), "all");
  assert.equal(await after.call("PAUSE", "open", "state"), "none");
  assert.equal(
    await after.call("ADDJOB", "q", "x", "0"),
    "-PAUSED Queue paused in input, try later",
  );
});

test("kill -9 right after the first start finds the id on the disk", async (t) => {
  const dir = await tempDir(t);
  const node = await startNode(t, {}, { dir });
  const id = /"nodeId":"([0-9a-f]{40})"/.exec(node.log())?.[1];
  const after = await restart(t, node, dir);
  assert.equal(await myId(after), id);
});

test("CLUSTER LEAVING survives kill -9", async (t) => {
  const dir = await tempDir(t);
  const node = await startNode(t, {}, { dir });
  const before = await RawClient.connect(t, { port: node.port });
  assert.equal(await before.call("CLUSTER", "LEAVING", "yes"), "OK");
  const after = await restart(t, node, dir);
  assert.equal(await after.call("CLUSTER", "LEAVING"), "yes");
});

test("a pause in the same pipeline as SHUTDOWN is kept", async (t) => {
  const dir = await tempDir(t);
  const node = await startNode(t, {}, { dir });
  const before = await RawClient.connect(t, { port: node.port });
  before.send(["PAUSE", "q", "out"], ["SHUTDOWN"]);
  assert.equal(await before.end(), "+out\r\n");
  assert.equal(await node.exited, 0);
  const again = await startNode(t, {}, { dir });
  const after = await RawClient.connect(t, { port: again.port });
  assert.equal(await after.call("PAUSE", "q", "state"), "out");
});

test("the nodes file stays in the folder of the start after CONFIG SET dir", async (t) => {
  const dir = await tempDir(t);
  const node = await startNode(t, {}, { dir });
  const elsewhere = await tempDir(t);
  writeFileSync(join(elsewhere, "nodes.conf"), "another server's");
  const before = await RawClient.connect(t, { port: node.port });
  await before.call("CONFIG", "SET", "dir", elsewhere);
  assert.equal(await before.call("PAUSE", "q", "in"), "in");
  assert.equal(readFileSync(join(elsewhere, "nodes.conf"), "utf8"), "another server's");
  const after = await restart(t, node, dir);
  assert.equal(await after.call("PAUSE", "q", "state"), "in");
});

test("a pause that cannot be saved is refused, another change is saved later by itself", async (t) => {
  const dir = await tempDir(t);
  const node = await startNode(t, {}, { dir });
  const client = await RawClient.connect(t, { port: node.port });
  // The name under which the new content is prepared is taken by a folder.
  const obstacle = join(dir, `.nodes.conf.${node.pid}.tmp`);
  mkdirSync(obstacle);
  assert.match(String(await client.call("PAUSE", "q", "in")), /ERR error saving/);
  assert.equal(await client.call("PAUSE", "q", "state"), "none");
  assert.equal(await client.call("CLUSTER", "RESET", "HARD"), "OK");
  const nodeId = String(await client.call("CLUSTER", "MYID"));
  assert.match(node.log(), /the nodes file was not saved, trying again/);
  rmdirSync(obstacle);
  await eventually(() => readFileSync(join(dir, "nodes.conf"), "utf8").includes(nodeId), {
    what: "it is saved",
  });
});

test("a second server in the same folder exits with 10 and says who is there", async (t) => {
  const dir = await tempDir(t);
  const node = await startNode(t, {}, { dir });
  const args = ["--port", "0", "--ports-file", join(dir, "second.json"), "--dir", dir];
  const second = await run(t, args);
  assert.equal(second.code, 10);
  assert.match(second.stdout, new RegExp(`data directory is in use by.* ${node.pid}\\b`));
  assert.ok(!existsSync(join(dir, "second.json")));
  const client = await RawClient.connect(t, { port: node.port });
  assert.equal(await client.call("PING"), "PONG");
});

for (const content of ["garbage\n", "ringq nodes 1\nnode 123\n", "\0\0\0\0"]) {
  test(`a nodes file that begins ${JSON.stringify(content.slice(0, 12))} stops the start and is kept`, async (t) => {
    const dir = await tempDir(t);
    const file = join(dir, "nodes.conf");
    writeFileSync(file, content);
    const { code, stdout } = await run(t, ["--port", "0", "--ports-file", "p", "--dir", dir]);
    assert.equal(code, 1);
    assert.match(stdout, /"level":"fatal".*cannot use nodes file .*nodes\.conf: /);
    assert.match(stdout, /restore it, or move it away to start as a new node/);
    assert.equal(readFileSync(file, "utf8"), content);
    assert.ok(!existsSync(join(dir, "ringq.lock")));
  });
}

test("a folder that does not exist, or that cannot hold the files, is told by name", async (t) => {
  const dir = await tempDir(t);
  const missing = await run(t, ["--port", "0", "--dir", join(dir, "missing")]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /cannot use dir .*missing: No such file or directory/);
  const args = ["--port", "0", "--ports-file", "no/where.json", "--dir", dir];
  const noPorts = await run(t, args);
  assert.equal(noPorts.code, 1);
  assert.match(noPorts.stdout, /cannot write ports-file no\/where\.json: No such file/);
});

test("paths may have any characters", async (t) => {
  const dir = join(await tempDir(t), "süß 水");
  mkdirSync(dir);
  const node = await startNode(t, { dir: [dir], unixsocket: ["söcket"] }, { dir });
  assert.ok(existsSync(join(dir, "nodes.conf")));
  const client = await RawClient.connect(t, { path: join(dir, "söcket") });
  const list = Buffer.from(String(await client.call("CLIENT", "LIST")), "latin1").toString("utf8");
  assert.ok(list.includes(" addr=söcket:0 "), list);
  assert.equal(await node.stop(), 0);
});
