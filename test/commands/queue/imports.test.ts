/** QSTAT and QSCAN tell of jobs that come from other nodes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobPacker } from "../../../src/cluster/jobs/packing/packed-jobs.ts";
import { Nodes } from "../../../src/cluster/nodes.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { addJob, pairsOf } from "../job/steps.ts";

/** One job of queue "q" of another node, as that would send it. */
function jobFromElsewhere(): Buffer {
  const { state, host } = new FakeServer({ seed: 2 });
  const { broker } = state;
  const name = Buffer.from("q");
  const queue = broker.queues.entry(name, 0, name.length);
  const asked = { replicate: 1, delaySeconds: 0, retrySeconds: 60, ttlSeconds: 600 };
  const job = broker.addJob(queue, Buffer.from("body"), 0, 4, asked);
  const nodes = new Nodes();
  nodes.set(0, { id: broker.nodeId, isLinked: true, isLive: true, isLeaving: false });
  const packer = new JobPacker({ host, broker, nodes });
  packer.add(job);
  return packer.take();
}

test("a queue that imports jobs has an import rate", () => {
  const server = new FakeServer();
  const client = server.connect();
  const consumer = server.connect();
  consumer.send("GETJOB", "FROM", "q");
  addJob(client, "other", "b");
  server.state.cluster.jobs.received(1, { type: "push", jobs: jobFromElsewhere(), number: 1 });
  server.turn();
  assert.equal(pairsOf(client.send("QSTAT", "q"))["import-rate"], ":20");
  assert.deepEqual(client.send("QSCAN", "BUSYLOOP", "IMPORTRATE", "1"), ["$0", ["$q"]]);
  server.advance(6000);
  assert.equal(pairsOf(client.send("QSTAT", "q"))["import-rate"], ":0");
});
