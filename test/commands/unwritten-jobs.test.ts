/** Jobs in replies on their way to the client: what is taken back when the connection ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UnwrittenJobs } from "../../src/commands/unwritten-jobs.ts";
import { checkBroker } from "../../src/core/broker-check.ts";
import type { Job } from "../../src/core/job.ts";
import { FakeServer } from "../support/fake-server.ts";
import { addJob, stateOf } from "./job/steps.ts";

/** A server with one job, leased to nobody in particular. */
function withLeased(...options: (string | number)[]) {
  const server = new FakeServer();
  const { broker } = server.state;
  const id = addJob(server.connect(), "q", "b", ...options);
  const jobs: Job[] = [];
  const queue = broker.queues.find(Buffer.from("q"), 0, 1);
  assert.ok(queue);
  broker.serving.take([queue], 1, jobs);
  const unwritten = new UnwrittenJobs();
  for (const job of jobs) unwritten.add(broker, job);
  return { server, broker, id, unwritten };
}

test("nothing is kept once the replies are in the kernel", () => {
  const { server, broker, id, unwritten } = withLeased("RETRY", 100);
  unwritten.written();
  assert.equal(unwritten.count, 1, "it was not even given to the socket");
  unwritten.handedOver();
  unwritten.written();
  assert.equal(unwritten.count, 0);
  unwritten.takeBack(broker);
  assert.equal(stateOf(server, id), "active 0/0 in 100000");
});

test("what was added after the last hand-over is still unwritten", () => {
  const { server, broker, unwritten } = withLeased();
  unwritten.handedOver();
  const later = addJob(server.connect(), "r", "b", "RETRY", 0);
  const queue = broker.queues.find(Buffer.from("r"), 0, 1);
  assert.ok(queue);
  const jobs: Job[] = [];
  broker.serving.take([queue], 1, jobs);
  for (const job of jobs) unwritten.add(broker, job);
  unwritten.written();
  assert.equal(unwritten.count, 1);
  unwritten.takeBack(broker);
  assert.equal(unwritten.count, 0);
  assert.equal(stateOf(server, later), "queued 0/0 never");
});

test("each delivery is taken back once", () => {
  const { server, broker, id, unwritten } = withLeased("RETRY", 100);
  unwritten.handedOver();
  unwritten.takeBack(broker);
  unwritten.takeBack(broker);
  assert.equal(stateOf(server, id), "queued 0/1 in 100000");
});

test("a job that was given to a waiting client in the same millisecond stays with it", () => {
  const { server, broker, id, unwritten } = withLeased("RETRY", 100);
  const waiter = server.connect();
  waiter.send("GETJOB", "FROM", "q");
  // Within one turn: the job is claimed by the waiter when the first client's connection ends.
  broker.lifecycle.enqueue(0, "nack");
  unwritten.takeBack(broker);
  server.turn();
  assert.deepEqual(waiter.read(), [["$q", `$${id}`, "$b"]]);
  assert.equal(broker.stats.jobsDelivered, 2);
  assert.equal(broker.stats.jobsReturned, 0);
  checkBroker(broker);
});

test("a job that came back and was taken again in the same millisecond stays with the second", () => {
  const { server, broker, id, unwritten } = withLeased("RETRY", 100);
  const second = server.connect();
  broker.lifecycle.enqueue(0, "nack");
  assert.deepEqual(second.send("GETJOB", "FROM", "q"), [["$q", `$${id}`, "$b"]]);
  unwritten.takeBack(broker);
  assert.equal(stateOf(server, id), "active 1/0 in 100000");
});
