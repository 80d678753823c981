/** TLS for clients: who is let in, and what those meet who are not, or speak something else. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { Authority } from "../support/certificates.ts";
import { eventually, within } from "../support/eventually.ts";
import { startNode } from "../support/node.ts";
import type { ListReply } from "../support/reply.ts";
import { RespClient } from "../support/resp-client.ts";
import { tempDir } from "../support/temp-dir.ts";
import { clientOptions, startTlsNode, type TlsNode } from "./tls-node.ts";

type Own = Parameters<TlsNode["client"]>[0];

/** What a client with this certificate hears. */
async function heard(node: TlsNode, own: Own): Promise<string> {
  try {
    const client = await node.client(own);
    return String((await client.call("PING")).v);
  } catch (error) {
    return String(error);
  }
}

async function isServed(node: TlsNode, own: Own): Promise<boolean> {
  return (await heard(node, own)) === "PONG";
}

function linesOf(log: string, message: string): string[] {
  return log.split("\n").filter((line) => line.includes(message));
}

async function failures(client: RespClient): Promise<number> {
  const info = String((await client.call("INFO", "stats")).v);
  return Number(/total_failed_tls_handshakes:(\d+)/.exec(info)?.[1]);
}

async function foreignCertificate(t: TestContext): Promise<{ cert: string; key: string }> {
  return (await Authority.make(await tempDir(t), "stranger")).issue("client");
}

test("only certificates that are valid and signed by the authority are let in", async (t) => {
  const server = await startTlsNode(t);
  const { authority, node } = server;
  const client = await server.client();
  assert.equal((await client.call("PING")).v, "PONG");
  const expired = await authority.issue("expired", { fromDays: -3, toDays: -1 });
  const early = await authority.issue("early", { fromDays: 1, toDays: 3 });
  const foreign = await foreignCertificate(t);
  const refused: [Own, RegExp][] = [
    ["no certificate", /DENIED .* is refused: it has no certificate$/],
    [foreign, /DENIED .* signed by an authority that is not trusted$/],
    [expired, /DENIED .* its certificate has expired$/],
    [early, /DENIED .* its certificate is not valid yet$/],
  ];
  for (const [own, reason] of refused) assert.match(await heard(server, own), reason);
  assert.equal(await failures(client), refused.length);
  const lines = linesOf(node.log(), "refused a TLS connection");
  assert.equal(lines.length, 1, "one line for each address and minute");
  assert.match(lines[0] ?? "", /127\.0\.0\.1.*it has no certificate/);
  await client.call("CONFIG", "SET", "tls-auth-clients", "optional");
  assert.equal(await isServed(server, "no certificate"), true);
  assert.equal(await isServed(server, foreign), false);
  assert.equal(await isServed(server, expired), false);
  await client.call("CONFIG", "SET", "tls-auth-clients", "no");
  assert.equal(await isServed(server, foreign), true);
  assert.equal(await node.stop(), 0);
});

test("plain text, HTTP and garbage on the TLS port end, and are counted", async (t) => {
  const server = await startTlsNode(t);
  const client = await server.client();
  const texts = ["*1\r\n$4\r\nPING\r\n", "PING\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"];
  const all = [...texts, Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]).toString("latin1")];
  for (const text of all) {
    const socket = connect({ port: server.port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.end(Buffer.from(text, "latin1"));
    socket.resume();
    await within(new Promise((resolve) => socket.once("close", resolve)), 5000, "it is closed");
  }
  await eventually(async () => (await failures(client)) >= texts.length, { what: "all counted" });
  const lines = linesOf(server.node.log(), "refused a TLS connection");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /it does not speak TLS/);
  assert.equal((await client.call("PING")).v, "PONG");
});

test("TLS on the plain port is told apart at once, logged once and counted", async (t) => {
  const node = await startNode(t);
  for (let i = 0; i < 2; i++) {
    await assert.rejects(
      RespClient.connect({ port: node.port, tls: {} }),
      /WRONG_VERSION|wrong version/i,
    );
  }
  assert.equal(linesOf(node.log(), "spoke TLS on a port without it").length, 1);
  const info = String((await (await node.client()).call("INFO", "stats")).v);
  assert.match(info, /total_protocol_errors:2|protocol_errors:2/);
});

test("large pipelines and bodies arrive whole, in both directions", async (t) => {
  const server = await startTlsNode(t);
  const client = await server.client();
  const body = Buffer.alloc(8 * 1024 * 1024, "0123456789abcdef");
  assert.match(String((await client.call("ADDJOB", "large", body, "0")).v), /^D-/);
  const [job] = (await client.call("GETJOB", "FROM", "large")).v as ListReply[];
  assert.equal(Buffer.from(String(job?.v[2]?.v), "latin1").equals(body), true);
});

test("a client that closes its half gets its answers first", async (t) => {
  const { port, files } = await startTlsNode(t);
  const client = await RespClient.connect({ port, tls: { ...clientOptions(files.ca, files) } });
  for (let i = 0; i < 1000; i++) client.send(["ADDJOB", "q", `job ${i}`, "0"]);
  client.send(["QLEN", "q"]);
  client.end();
  for (let i = 0; i < 1000; i++) assert.match(String((await client.read()).v), /^D-/);
  assert.equal((await client.read()).v, 1000);
  client.close();
});
