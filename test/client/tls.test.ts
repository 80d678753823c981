/** TLS from the client's side: who is trusted, who is not, and what is said about it. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Connection } from "../../src/client/connection.ts";
import { ConnectionError } from "../../src/client/connection-error.ts";
import { textOf } from "../../src/client/reply.ts";
import type { TlsSettings } from "../../src/client/target.ts";
import { type Certificates, makeCertificates, pem } from "../support/certificates.ts";
import { startScriptServer } from "../support/script-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const pong = () => "+PONG\r\n";

/** Connects to a TLS server and says PING. */
async function ping(
  port: number,
  tls: TlsSettings | undefined,
  host = "127.0.0.1",
): Promise<string> {
  const connection = await Connection.open({
    address: { kind: "tcp", host, port },
    connectTimeoutMs: 5000,
    ...(tls !== undefined && { tls }),
  });
  try {
    return textOf(await connection.call("PING"));
  } finally {
    connection.close();
  }
}

const text = (path: string): string => pem(path).toString("latin1");

async function serve(
  t: TestContext,
  asksForCertificate = false,
): Promise<{ port: number; files: Certificates }> {
  const files = await makeCertificates(await tempDir(t));
  const { port } = await startScriptServer(t, pong, {
    cert: pem(files.cert),
    key: pem(files.key),
    ca: pem(files.ca),
    requestCert: asksForCertificate,
    rejectUnauthorized: asksForCertificate,
  });
  return { port, files };
}

test("a server whose authority is known is trusted, by address and by name", async (t) => {
  const { port, files } = await serve(t);
  const tls = { ca: [text(files.ca)], isInsecure: false };
  assert.equal(await ping(port, tls), "PONG");
  assert.equal(await ping(port, { ...tls, serverName: "broker.test" }), "PONG");
});

test("an unknown authority and a wrong name are refused, unless everything is taken", async (t) => {
  const { port, files } = await serve(t);
  await assert.rejects(ping(port, { isInsecure: false }), /certificate is not trusted/);
  const wrongName = { ca: [text(files.ca)], serverName: "elsewhere.test", isInsecure: false };
  await assert.rejects(ping(port, wrongName), /certificate is for another name/);
  assert.equal(await ping(port, { isInsecure: true }), "PONG");
});

test("a server that asks for our certificate gets it", async (t) => {
  const { port, files } = await serve(t, true);
  const ours = { cert: text(files.cert), key: text(files.key) };
  assert.equal(await ping(port, { ca: [text(files.ca)], ...ours, isInsecure: false }), "PONG");
  await assert.rejects(ping(port, { ca: [text(files.ca)], isInsecure: false }));
});

test("plain where TLS is spoken, and TLS where it is not, are told apart", async (t) => {
  const { port } = await serve(t);
  await assert.rejects(ping(port, undefined), /not the Redis protocol|closed the connection/);
  const plain = await startScriptServer(t, pong);
  const stranger = plain.port;
  await assert.rejects(ping(stranger, { isInsecure: true }), /cannot connect/);
});

test("a certificate that OpenSSL does not take is a reason in words", async (t) => {
  const { port, files } = await serve(t);
  const other = await makeCertificates(await tempDir(t));
  const tls = { cert: text(files.cert), key: text(other.key), isInsecure: true };
  await assert.rejects(ping(port, tls), (error) => error instanceof ConnectionError);
});
