/**
 * How `ringq` gets to its server: passwords, URLs, unix sockets, TLS.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { makeCertificates, pem } from "../support/certificates.ts";
import { runCli } from "../support/cli.ts";
import { startNode } from "../support/node.ts";
import { startScriptServer } from "../support/script-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const ok = (stdout: string) => ({ code: 0, stdout, stderr: "" });

test("the password comes from the environment, an option with a warning, or a URL", async (t) => {
  const { port } = await startNode(t, { requirepass: "s3cret" });
  const at = ["-p", `${port}`];
  assert.equal((await runCli(t, [...at, "PING"])).stderr, "NOAUTH Authentication required.\n");
  for (const name of ["RINGQ_AUTH", "REDISCLI_AUTH"]) {
    assert.deepEqual(await runCli(t, [...at, "PING"], { env: { [name]: "s3cret" } }), ok("PONG\n"));
  }
  const warned = await runCli(t, [...at, "-a", "s3cret", "PING"]);
  assert.match(warned.stderr, /^Warning: .*RINGQ_AUTH/);
  assert.deepEqual([warned.code, warned.stdout], [0, "PONG\n"]);
  const url = `redis://default:s3cret@127.0.0.1:${port}`;
  assert.deepEqual(await runCli(t, ["-u", url, "--no-auth-warning", "PING"]), ok("PONG\n"));
  const wrong = await runCli(t, [...at, "PING"], { env: { RINGQ_AUTH: "wrong" } });
  assert.deepEqual([wrong.code, wrong.stderr], [1, "ringq: ERR invalid password\n"]);
});

test("a password for a server that has none is used by nobody, which is said once", async (t) => {
  const { port } = await startNode(t);
  const given = await runCli(t, ["-p", `${port}`, "PING"], { env: { RINGQ_AUTH: "wrong" } });
  assert.deepEqual([given.code, given.stdout], [0, "PONG\n"]);
  assert.match(given.stderr, /^Warning: the server has no password[^\n]*\n$/);
});

test("a unix socket serves as well", async (t) => {
  const path = join(await tempDir(t), "ringq.sock");
  await startNode(t, { unixsocket: [path] });
  assert.deepEqual(await runCli(t, ["-s", path, "PING"]), ok("PONG\n"));
  assert.deepEqual(await runCli(t, ["-u", `unix://${path}`, "PING"]), ok("PONG\n"));
});

test("--tls checks the server's certificate", async (t) => {
  const files = await makeCertificates(await tempDir(t));
  const { port } = await startScriptServer(t, () => "+PONG\r\n", {
    cert: pem(files.cert),
    key: pem(files.key),
  });
  const at = ["-p", `${port}`, "--tls"];
  assert.deepEqual(await runCli(t, [...at, "--cacert", files.ca, "PING"]), ok("PONG\n"));
  assert.deepEqual(await runCli(t, [...at, "--insecure", "PING"]), ok("PONG\n"));
  const url = `rediss://127.0.0.1:${port}`;
  assert.deepEqual(
    await runCli(t, ["-u", url, "--cacert", files.ca, "--sni", "localhost", "PING"]),
    ok("PONG\n"),
  );
  const untrusted = await runCli(t, [...at, "PING"]);
  assert.deepEqual([untrusted.code, untrusted.stdout], [1, ""]);
  assert.match(untrusted.stderr, /^ringq: cannot connect .* certificate is not trusted/);
  assert.equal((await runCli(t, [...at, "--cacert", files.key, "PING"])).code, 2);
});
