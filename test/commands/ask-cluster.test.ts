/**
 * Answers that come later, and what happens to them when their client does not wait: nobody settles
 * what is not wanted any more, and a place that is used again gets its own reply.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeTotals, TotalsReceiver } from "../../src/cluster/totals.ts";
import type { ServerState } from "../../src/commands/server-state.ts";
import { FakeServer } from "../support/fake-server.ts";

/** A server whose other nodes answer when the test says so. */
function slowServer(): { server: FakeServer; open: TotalsReceiver[]; answer(): void } {
  const server = new FakeServer();
  const open: TotalsReceiver[] = [];
  const { totals } = server.state.cluster;
  Object.assign(totals, {
    ask: (_question: unknown, receiver: TotalsReceiver) => open.push(receiver) > 0,
    cancel: (receiver: TotalsReceiver) => open.splice(open.indexOf(receiver), 1),
  });
  const nodes: NodeTotals[] = [];
  return { server, open, answer: () => open.shift()?.totalsKnown(nodes) };
}

function failedAdds({ commands }: ServerState): number {
  return commands.stats.counter("addjob")?.failed ?? 0;
}

test("later requests wait for it, except ADDJOB, whose reply comes behind", () => {
  const { server, answer } = slowServer();
  const client = server.connect();
  assert.deepEqual(client.raw("QLEN q CLUSTER\r\nADDJOB q x 0\r\nQLEN q\r\n"), []);
  assert.equal(server.state.broker.stats.jobsAdded, 1);
  answer();
  server.advance(0);
  const [sum, id, length] = client.readAll();
  assert.deepEqual(sum, [":0", []]);
  assert.match(String(id), /^\+D-/);
  assert.equal(length, ":1");
});

test("when the client goes, the question is cancelled", () => {
  const { server, open } = slowServer();
  const client = server.connect();
  client.raw("QLEN q CLUSTER\r\n");
  assert.equal(open.length, 1);
  client.session.pending?.close();
  assert.equal(open.length, 0);
});

test("one that is given up is an error, but none of ADDJOB, and its place is used again", () => {
  const { server, open, answer } = slowServer();
  const client = server.connect();
  client.raw("QLEN q CLUSTER\r\n");
  client.session.pending?.abandon("timeout");
  assert.equal(open.length, 0);
  server.advance(0);
  assert.match(String(client.readAll()[0]), /^-ERR the connection ends before/);
  assert.equal(failedAdds(server.state), 0);
  client.raw("QLEN q CLUSTER\r\n");
  answer();
  server.advance(0);
  assert.deepEqual(client.readAll(), [[":0", []]]);
});
