/** Nodes that speak TLS only, with clients and with one another. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Authority, type Certificates } from "../support/certificates.ts";
import { runCli } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { startNode, type TestNode } from "../support/node.ts";
import type { ListReply } from "../support/reply.ts";
import { RespClient } from "../support/resp-client.ts";
import { tempDir } from "../support/temp-dir.ts";
import { clientOptions, tlsDirectives } from "./tls-node.ts";

function start(t: TestContext, files: Certificates): Promise<TestNode> {
  return startNode(t, { "tls-port": "any", "tls-cluster": "yes", ...tlsDirectives(files) });
}

test("a cluster without a plain port copies jobs, and refuses a node of another authority", async (t) => {
  const authority = await Authority.make(await tempDir(t));
  const files = await authority.issue("node");
  const foreign = await (await Authority.make(await tempDir(t), "other")).issue("node");
  const [nodes, stranger] = await Promise.all([
    Promise.all([start(t, files), start(t, files), start(t, files)]),
    start(t, foreign),
  ]);
  const [first] = nodes;
  const ports = nodes.map(({ ports }) => ports.tlsPort);
  const tls = ["--tls", "--cacert", files.ca, "--cert", files.cert, "--key", files.key];
  const names = nodes.map(({ ports }) => `127.0.0.1:${ports.tlsPort}@${ports.busPort}`);
  const made = await runCli(t, ["cluster", "create", ...names, ...tls]);
  assert.equal(made.code, 0, made.stderr);
  const client = await RespClient.connect({
    port: ports[0] ?? 0,
    tls: clientOptions(files.ca, files),
  });
  t.after(() => client.close());
  const added = await client.call("ADDJOB", "q", "body", "5000", "REPLICATE", "3");
  assert.match(String(added.v), /^D-/);
  const rows = ((await client.call("HELLO")).v as ListReply[]).slice(2);
  const told = rows.map(({ v }) => Number(v[2]?.v)).sort();
  assert.deepEqual(told, [...ports].sort(), "the ports for clients are announced");
  await client.call("CLUSTER", "MEET", "127.0.0.1", "1", String(stranger.ports.busPort));
  const refusals = (): string[] =>
    [...(first?.log() ?? "").split("\n"), ...stranger.log().split("\n")].filter((line) =>
      /refused a connection with another node|refused a TLS connection/.test(line),
    );
  await eventually(() => refusals().some((line) => /"reason":"tls"/.test(line)), {
    what: "the node of another authority is refused",
  });
  assert.match(refusals().join("\n"), /signed by an authority that is not trusted|does not trust/);
  assert.ok(refusals().length <= 2, "one line on each side");
  await Promise.all([...nodes, stranger].map((node) => node.stop()));
});
