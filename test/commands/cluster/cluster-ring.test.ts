/** CLUSTER RING: who has how much of the ring, and who is near a key. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";

test("a lone node owns the whole ring", () => {
  const server = new FakeServer();
  const client = server.connect();
  const { nodeId } = server.state.broker;
  const row = [`$${nodeId}`, "$127.0.0.1:7711", "$myself"];
  assert.deepEqual(client.send("CLUSTER", "RING"), [[...row, ":512", "$1.0000"]]);
  assert.deepEqual(client.send("CLUSTER", "RING", "some queue"), [row]);
  const id = String(client.send("ADDJOB", "q", "body", 0)).slice(1);
  assert.deepEqual(client.send("CLUSTER", "RING", id), [row]);
});

test("a node that is leaving is not on the ring", () => {
  const client = new FakeServer().connect();
  client.send("CLUSTER", "LEAVING", "yes");
  assert.deepEqual(client.send("CLUSTER", "RING"), []);
  assert.deepEqual(client.send("CLUSTER", "RING", "q"), []);
});
