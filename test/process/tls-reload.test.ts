/** Certificates are exchanged while a server runs: CONFIG SET, SIGHUP; for clients and for HTTPS. */
import assert from "node:assert/strict";
import { request } from "node:https";
import { test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { Authority, pem } from "../support/certificates.ts";
import { eventually } from "../support/eventually.ts";
import { tempDir } from "../support/temp-dir.ts";
import { clientOptions, startTlsNode, type TlsNode } from "./tls-node.ts";

/** The serial number of the certificate that a new connection sees. */
function serialAt(port: number, { files }: TlsNode): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ port, ...clientOptions(files.ca, files) }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

/** The status of a request by HTTPS, without a certificate of one's own. */
function statusOf(port: number, ca: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, ca: pem(ca) }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.once("error", reject);
    asked.end();
  });
}

test("a new certificate serves new connections, a wrong one is refused with its reason", async (t) => {
  const server = await startTlsNode(t, { "http-port": "any", "http-tls": "yes" });
  const { node, port, authority, files } = server;
  const httpPort = Number(node.ports.httpPort);
  const client = await server.client();
  const set = async (...pairs: string[]) => (await client.call("CONFIG", "SET", ...pairs)).v;
  const before = await serialAt(port, server);
  assert.equal(await serialAt(httpPort, server), before);
  const other = await authority.issue("other", { passphrase: "geheim" });
  const pair = ["tls-cert-file", other.cert, "tls-key-file", other.key];
  assert.match(
    String(await set(...pair)),
    /other.key: the key is encrypted: set tls-key-file-pass/,
  );
  assert.match(
    String(await set("tls-cert-file", other.cert)),
    /tls-key-file .*node.key: it is not the key of the certificate in .*other.pem/,
  );
  assert.match(String(await set("tls-cert-file", "/nowhere.pem")), /nowhere.pem: No such file/);
  assert.match(String(await set("tls-ca-cert-file", files.key)), /there is no certificate in it/);
  assert.match(String(await set("tls-ciphers", "NONSENSE")), /tls-ciphers/);
  assert.equal(await serialAt(port, server), before);
  assert.equal(await set(...pair, "tls-key-file-pass", "geheim"), "OK");
  const after = await serialAt(port, server);
  assert.notEqual(after, before);
  assert.equal(await serialAt(httpPort, server), after);
  assert.equal((await client.call("PING")).v, "PONG");
  assert.doesNotMatch(node.log(), /geheim|PRIVATE KEY/);
  assert.equal(await node.stop(), 0);
});

test("SIGHUP reads the files again, and keeps the former certificate when they are wrong", async (t) => {
  const server = await startTlsNode(t);
  const { node, port, authority } = server;
  const client = await server.client();
  const before = await serialAt(port, server);
  await authority.issue("node");
  process.kill(node.pid, "SIGHUP");
  await eventually(async () => (await serialAt(port, server)) !== before, { what: "the new one" });
  const stranger = await Authority.make(await tempDir(t), "stranger");
  const { key } = await stranger.issue("node");
  assert.equal(
    (await client.call("CONFIG", "SET", "tls-key-file", key)).v?.toString().startsWith("ERR"),
    true,
  );
  assert.equal((await client.call("PING")).v, "PONG");
});

test("HTTPS asks for no certificate; health is open, plain HTTP there is refused", async (t) => {
  const more = { "http-port": "any", "http-tls": "yes", "http-password": "s3cret" };
  const { node, files } = await startTlsNode(t, more);
  const port = Number(node.ports.httpPort);
  assert.equal(await statusOf(port, files.ca, "/healthz"), 200);
  assert.equal(await statusOf(port, files.ca, "/api/node"), 401);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
  await eventually(() => /does not speak TLS.*HTTP: refused a TLS connection/.test(node.log()), {
    what: "it is logged",
  });
});
