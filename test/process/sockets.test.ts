/**
 * Where the server listens: addresses, ports and unix sockets, and what it says when it cannot.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startNode } from "../support/node.ts";
import { tempDir } from "../support/temp-dir.ts";
import { launch, run } from "./launch.ts";
import { RawClient } from "./raw-client.ts";

/** An address that is reserved for documentation: no machine has it. */
const MISSING_ADDRESS = "192.0.2.77";

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === "::1");

async function pong(t: TestContext, host: string, port: number): Promise<void> {
  const client = await RawClient.connect(t, { host, port });
  assert.equal(await client.call("PING"), "PONG");
}

async function pongAt(t: TestContext, path: string): Promise<RawClient> {
  const client = await RawClient.connect(t, { path });
  assert.equal(await client.call("PING"), "PONG");
  return client;
}

test("all addresses of bind are served on one port", async (t) => {
  const addresses = hasIpv6 ? ["127.0.0.1", "127.0.0.2", "::1"] : ["127.0.0.1", "127.0.0.2"];
  const node = await startNode(t, { bind: addresses });
  for (const address of addresses) await pong(t, address, node.port);
});

test("an IPv6 client is shown with brackets", { skip: !hasIpv6 && "no ::1 here" }, async (t) => {
  const node = await startNode(t, { bind: "::1" });
  const client = await RawClient.connect(t, { host: "::1", port: node.port });
  const line = String(await client.call("CLIENT", "LIST"));
  assert.match(line, new RegExp(` addr=\\[::1\\]:${client.socket.localPort} `));
});

test("an optional address may be missing, the others are served", async (t) => {
  const node = await startNode(t, { bind: ["127.0.0.1", `-${MISSING_ADDRESS}`, "-::1"] });
  await pong(t, "127.0.0.1", node.port);
  if (hasIpv6) await pong(t, "::1", node.port);
});

test("without addresses, all of the machine are served", async (t) => {
  const node = await startNode(t, { bind: [""] });
  await pong(t, "127.0.0.1", node.port);
  await pong(t, "127.0.0.2", node.port);
  if (hasIpv6) await pong(t, "::1", node.port);
});

test("all addresses may be named as in Redis", async (t) => {
  const node = await startNode(t, { bind: ["*", "-::*"] });
  await pong(t, "127.0.0.2", node.port);
  if (hasIpv6) await pong(t, "::1", node.port);
});

test("an address that is not this machine's ends the start with code 1 and says so", async (t) => {
  const dir = await tempDir(t);
  const args = ["--port", "1", "--bind", MISSING_ADDRESS, "--dir", dir];
  const { code, stdout } = await run(t, args);
  assert.equal(code, 1);
  assert.match(stdout, /cannot listen on 192\.0\.2\.77 port 1: Address not available/);
  assert.ok(!existsSync(join(dir, "ringq.lock")), "the lock is gone");
});

test("a port that is taken ends the start with code 1 and says so", async (t) => {
  const node = await startNode(t);
  const dir = await tempDir(t);
  const args = ["--port", String(node.port), "--bind", "127.0.0.1", "--dir", dir];
  const { code, stdout } = await run(t, args);
  assert.equal(code, 1);
  assert.match(stdout, /cannot listen on 127\.0\.0\.1 port \d+: Address already in use/);
});

test("a server that would listen nowhere does not start", async (t) => {
  const dir = await tempDir(t);
  for (const args of [
    ["--port", "0"],
    ["--port", "1", "--bind", `-${MISSING_ADDRESS}`],
  ]) {
    const { code, stdout } = await run(t, [...args, "--dir", dir]);
    assert.equal(code, 1);
    assert.match(stdout, /nothing to listen on/);
  }
});

test("port 0 means no TCP, a unix socket alone will do", async (t) => {
  const dir = await tempDir(t);
  const server = launch(t, ["--port", "0", "--unixsocket", "only.sock", "--dir", dir]);
  await server.says(/ready to accept connections/);
  const client = await pongAt(t, join(dir, "only.sock"));
  assert.match(String(await client.call("INFO", "server")), /tcp_port:0\r\n/);
  const sockets = readFileSync(`/proc/${server.pid}/net/tcp`, "latin1");
  const inodes = listeningInodes(sockets);
  assert.deepEqual(
    inodes.filter((inode) => isOpenIn(server.pid, inode)),
    [],
  );
});

/** Inodes of the listening sockets in the text of /proc/net/tcp. */
function listeningInodes(table: string): string[] {
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === "0A")
    .map((columns) => columns[9] ?? "");
}

function isOpenIn(pid: number, inode: string): boolean {
  for (let fd = 0; fd < 100; fd++) {
    const path = `/proc/${pid}/fd/${fd}`;
    if (existsSync(path) && statSync(path).ino === Number(inode)) return true;
  }
  return false;
}

test("a unix socket has the permissions asked for, is served, and goes with the server", async (t) => {
  const node = await startNode(t, { unixsocket: "ringq.sock", unixsocketperm: "700" });
  const path = join(node.dir, "ringq.sock");
  assert.equal(statSync(path).mode & 0o777, 0o700);
  const client = await pongAt(t, path);
  const list = String(await client.call("CLIENT", "LIST"));
  assert.ok(list.includes(" addr=ringq.sock:0 "), list);
  assert.match(list, / flags=U /);
  assert.equal(await node.stop(), 0);
  assert.ok(!existsSync(path));
});

test("the unix socket goes with the server also after CONFIG SET dir", async (t) => {
  const node = await startNode(t, { unixsocket: "ringq.sock" });
  const elsewhere = await tempDir(t);
  writeFileSync(join(elsewhere, "ringq.sock"), "somebody else's");
  const client = await RawClient.connect(t, { port: node.port });
  assert.equal(await client.call("CONFIG", "SET", "dir", elsewhere), "OK");
  assert.equal(await node.stop(), 0);
  assert.ok(!existsSync(join(node.dir, "ringq.sock")));
  assert.ok(existsSync(join(elsewhere, "ringq.sock")));
});

test("a unix socket left over by a killed server is taken over", async (t) => {
  const path = join(await tempDir(t), "ringq.sock");
  const first = await startNode(t, { unixsocket: [path] });
  await first.kill9();
  assert.ok(existsSync(path));
  await startNode(t, { unixsocket: [path] });
  await pongAt(t, path);
});

test("a unix socket somebody listens on is left alone", async (t) => {
  const path = join(await tempDir(t), "ringq.sock");
  await startNode(t, { unixsocket: [path] });
  const args = ["--port", "0", "--unixsocket", path, "--dir", await tempDir(t)];
  const { code, stdout } = await run(t, args);
  assert.equal(code, 1);
  assert.match(stdout, /cannot listen on unix socket .*ringq\.sock: Address already in use/);
  await pongAt(t, path);
});

test("a file that is no socket is not removed to make room for one", async (t) => {
  const path = join(await tempDir(t), "precious");
  writeFileSync(path, "data");
  const args = ["--port", "0", "--unixsocket", path, "--dir", await tempDir(t)];
  const { code, stdout } = await run(t, args);
  assert.equal(code, 1);
  assert.match(stdout, /cannot listen on unix socket .*precious/);
  assert.equal(readFileSync(path, "utf8"), "data");
});
