/** Connections of HTTP: what is no HTTP, viewers who come and go, and the end of the server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { BODY_BYTES_MAX } from "../../src/http/body-text.ts";
import { eventually } from "../support/eventually.ts";
import type { TestNode } from "../support/node.ts";
import { plain } from "../support/reply.ts";
import { shared } from "../support/shared.ts";
import { startWithHttp } from "./http-node.ts";

const server = shared((scope) => startWithHttp(scope));

/** Sends bytes and returns everything that comes until the other side hangs up. */
function talk(node: TestNode, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(node.ports.httpPort), "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.once("close", () => resolve(text));
    socket.once("error", reject);
  });
}

test("what is no HTTP is told so, and nothing it says runs", async () => {
  const { node, url } = await server();
  const answers = await Promise.all([
    talk(node, "*1\r\n$4\r\nPING\r\n"),
    talk(node, "GET / HTTP/9.9\r\n\r\n"),
    talk(node, "\0\xff".repeat(100)),
  ]);
  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*"error":"NOHTTP"/);
  const long = `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`;
  assert.match(await talk(node, long), /^HTTP\/1\.1 431 [\s\S]*"error":"TOOLARGE"/);
  assert.match(
    await talk(node, "GET /healthz HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n"),
    /"error":"BADREQUEST"/,
  );
  const smuggled =
    "POST /healthz HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
  assert.match(await talk(node, smuggled), /^HTTP\/1\.1 400/);
  assert.equal((await fetch(url("/healthz"))).status, 200);
});

test("who sends too long a body is answered, and hung up on unless it ends soon", {
  timeout: 10_000,
}, async () => {
  const { node } = await server();
  const bytes = BODY_BYTES_MAX + 1;
  const head = (length: number): string =>
    `POST /api/queues/q/jobs HTTP/1.1\r\nhost: localhost\r\nx-ringq-action: 1\r\ncontent-length: ${length}\r\n\r\n`;
  const next = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  const [waiting, whole] = await Promise.all([
    talk(node, head(bytes)),
    talk(node, `${head(bytes)}${"x".repeat(bytes)}${next}`),
  ]);
  for (const answer of [waiting, whole]) assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(whole, /HTTP\/1\.1 200 /);
});

test("silent connections do not keep health checks away", async (t) => {
  const { node, url } = await startWithHttp(t);
  let ended = 0;
  for (let batch = 0; batch < 3; batch++) {
    const silent = Array.from({ length: 100 }, () =>
      connect(Number(node.ports.httpPort), "127.0.0.1"),
    );
    t.after(() => {
      for (const socket of silent) socket.destroy();
    });
    for (const socket of silent) socket.on("error", () => {}).once("close", () => ended++);
    await Promise.all(silent.map((socket) => once(socket, "connect")));
    // Answered, so all before it are accepted: what the backlog has no room for comes again after seconds.
    assert.match(await talk(node, "GET /healthz HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /);
  }
  await eventually(() => ended >= 300 - 256, { what: "the oldest have gone" });
  assert.equal((await fetch(url("/healthz"))).status, 200);
});

test("a health check without a Host header is answered, as load balancers send it", async () => {
  const { node } = await server();
  assert.match(await talk(node, "GET /healthz HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /);
  assert.match(await talk(node, "GET /api/node HTTP/1.0\r\n\r\n"), /"error":"BADHOST"/);
});

test("without a Host header, or with two, a request is told so", async () => {
  const { node } = await server();
  for (const hosts of ["", "Host: localhost\r\nhost: evil.example\r\n"]) {
    const request = `GET /healthz HTTP/1.1\r\n${hosts}connection: close\r\n\r\n`;
    assert.match(
      await talk(node, request),
      /^HTTP\/1\.1 400 [\s\S]*"error":"BADREQUEST".*one Host/,
    );
  }
});

test("viewers who have gone make room for others", async (t) => {
  const { url } = await startWithHttp(t);
  for (let i = 0; i < 40; i++) {
    await eventually(
      async () => {
        const leaving = new AbortController();
        const { status } = await fetch(url("/api/live"), { signal: leaving.signal });
        leaving.abort();
        return status === 200;
      },
      { what: "there is room" },
    );
    assert.equal((await fetch(url("/api/live"), { method: "HEAD" })).status, 200);
  }
});

test("the server ends although somebody watches and a connection is open", async (t) => {
  const { node, url } = await startWithHttp(t);
  const live = await fetch(url("/api/live"));
  const reader = live.body?.getReader();
  await reader?.read();
  assert.equal(await node.stop(), 0);
  await assert.rejects(fetch(url("/healthz")));
});

test("while it stops it answers that it is not ready", async (t) => {
  const { node, url } = await startWithHttp(t, { "shutdown-timeout": "5" });
  // Replies that are not taken keep the server from ending at once.
  const stuck = connect(node.port, "127.0.0.1");
  t.after(() => stuck.destroy());
  const body = "x".repeat(4_000_000);
  stuck.write(`ADDJOB q ${body.slice(0, 10)} 0\r\n*4\r\n$6\r\nADDJOB\r\n$1\r\nq\r\n`);
  stuck.write(`$${body.length}\r\n${body}\r\n$1\r\n0\r\n${"QPEEK q -1\r\n".repeat(10)}`);
  const client = await node.client();
  const isBehind = async () =>
    /omem=[1-9]/.test(String(plain(await client.call("CLIENT", "LIST"))));
  await eventually(isBehind, { what: "replies wait for the client" });
  const isStopping = async (): Promise<boolean> => {
    const { status } = await fetch(url("/readyz"));
    return status === 503;
  };
  const ended = node.stop();
  await eventually(isStopping, { what: "it says that it is stopping" });
  assert.equal((await fetch(url("/healthz"))).status, 200);
  stuck.destroy();
  assert.equal(await ended, 0);
});
