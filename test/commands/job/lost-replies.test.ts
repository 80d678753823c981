/** Clients that vanish: jobs whose reply did not leave go back, as far as delivery rules allow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../../src/core/broker-check.ts";
import type { FakeClient } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { addAndTake, addJob, bodiesOf, pairsOf, stateOf } from "./steps.ts";

/** A client whose reply with the job stays in its socket, not written. */
function stuckWith(server: FakeServer, queue: string): FakeClient {
  const client = server.connect();
  client.isStuck = true;
  assert.equal(client.send("GETJOB", "NOHANG", "COUNT", 10, "FROM", queue), undefined);
  return client;
}

/** Runs a request of the victim and closes it before the turn ends, so that its reply is not sent. */
function killBeforeReply(server: FakeServer, ...requests: string[]): void {
  const victim = server.connect();
  const killer = server.connect();
  killer.send("CLIENT", "PAUSE", 10);
  victim.raw(requests.map((request) => `${request}\r\n`).join(""));
  killer.raw(`CLIENT KILL ${victim.remoteAddress}\r\n`);
  server.advance(10);
  assert.equal(killer.read(), "+OK");
  assert.equal(victim.isClosed, true);
}

test("a client that vanishes while it waits is forgotten", () => {
  const server = new FakeServer();
  const producer = server.connect();
  const waiter = server.connect();
  waiter.send("GETJOB", "TIMEOUT", 50, "FROM", "q", "r");
  waiter.close();
  assert.equal(pairsOf(producer.send("QSTAT", "q")).blocked, ":0");
  addJob(producer, "q", "b");
  assert.equal(producer.send("QLEN", "q"), ":1");
  server.advance(100);
  checkBroker(server.state.broker);
});

test("a claimed job goes to the next in line when its client vanishes in the same turn", () => {
  const server = new FakeServer();
  const [first, second] = [server.connect(), server.connect()];
  for (const client of [first, second]) client.send("GETJOB", "WITHCOUNTERS", "FROM", "q");
  const producer = server.connect();
  producer.raw(`ADDJOB q b 0 RETRY 0\r\nCLIENT KILL ${first.remoteAddress}\r\n`);
  assert.equal(first.isClosed, true);
  const [job] = second.read() as string[][];
  assert.deepEqual(job?.slice(2), ["$b", "$nacks", ":0", "$additional-deliveries", ":0"]);
  checkBroker(server.state.broker);
});

test("a claimed job goes back to its queue when nobody else waits, as if never touched", () => {
  const server = new FakeServer();
  const waiter = server.connect();
  waiter.send("GETJOB", "FROM", "q");
  const producer = server.connect();
  const [added] = producer.raw(`ADDJOB q b 0 RETRY 0\r\nCLIENT KILL ${waiter.remoteAddress}\r\n`);
  assert.equal(stateOf(server, String(added).slice(1)), "queued 0/0 never");
  assert.equal(pairsOf(producer.send("QSTAT", "q"))["jobs-out"], ":0");
  assert.equal(server.state.broker.stats.jobsDelivered, 0);
});

test("a reply that never reached the socket gives its jobs back uncounted, once-only ones too", () => {
  const server = new FakeServer();
  const producer = server.connect();
  const often = addJob(producer, "q", "1", "RETRY", 100);
  const once = addJob(producer, "q", "2", "RETRY", 0);
  killBeforeReply(server, "GETJOB COUNT 2 FROM q");
  assert.equal(stateOf(server, often), "queued 0/0 in 100000");
  assert.equal(stateOf(server, once), "queued 0/0 never");
  assert.deepEqual(bodiesOf(producer.send("GETJOB", "COUNT", 9, "FROM", "q")), ["1", "2"]);
  assert.equal(server.state.broker.stats.jobsReturned, 2);
});

test("jobs of several unsent replies go back, not those that were acknowledged meanwhile", () => {
  const server = new FakeServer();
  const producer = server.connect();
  const [a, b] = [addJob(producer, "q", "1"), addJob(producer, "q", "2")];
  killBeforeReply(server, "GETJOB FROM q", "GETJOB FROM q", `ACKJOB ${a}`);
  assert.equal(stateOf(server, a), "gone");
  assert.equal(stateOf(server, b), "queued 0/0 in 300000");
});

test("a reply in the socket gives jobs back at once, counted as a delivery", () => {
  const server = new FakeServer();
  const id = addJob(server.connect(), "q", "b", "RETRY", 100);
  const stuck = stuckWith(server, "q");
  server.advance(1000);
  assert.equal(stateOf(server, id), "active 0/0 in 99000");
  stuck.close();
  assert.equal(stateOf(server, id), "queued 0/1 in 100000");
});

test("a reply in the socket may have arrived, so a job to be delivered once does not go back", () => {
  const server = new FakeServer();
  const id = addJob(server.connect(), "q", "b", "RETRY", 0);
  stuckWith(server, "q").close();
  assert.equal(stateOf(server, id), "active 0/0 never");
});

test("a reply that was written gives nothing back", () => {
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q", "RETRY", 100);
  client.close();
  assert.equal(stateOf(server, id), "active 0/0 in 100000");
});

test("jobs of a vanished client go to who waits for them", () => {
  const server = new FakeServer();
  const producer = server.connect();
  addJob(producer, "q", "b");
  const stuck = stuckWith(server, "q");
  const waiter = server.connect();
  waiter.send("GETJOB", "FROM", "q");
  stuck.close();
  assert.deepEqual(bodiesOf(waiter.read()), ["b"]);
});

test("jobs of a vanished client wait while their queue is paused in input", () => {
  const server = new FakeServer();
  const producer = server.connect();
  const id = addJob(producer, "q", "b");
  const stuck = stuckWith(server, "q");
  producer.send("PAUSE", "q", "in");
  stuck.close();
  assert.equal(stateOf(server, id), "active 0/0 in 0");
  producer.send("PAUSE", "q", "none");
  assert.equal(stateOf(server, id), "queued 0/1 in 300000");
});

test("a job whose reply was never sent has not left its queue, though that was paused since", () => {
  const server = new FakeServer();
  const producer = server.connect();
  const often = addJob(producer, "q", "1", "RETRY", 100);
  const once = addJob(producer, "q", "2", "RETRY", 0);
  killBeforeReply(server, "GETJOB COUNT 2 FROM q", "PAUSE q in");
  const states = [often, once].map((id) => stateOf(server, id));
  assert.deepEqual(states, ["queued 0/0 in 100000", "queued 0/0 never"]);
});

test("nor has a job that was promised to a client that vanished", () => {
  const server = new FakeServer();
  const waiter = server.connect();
  waiter.send("GETJOB", "FROM", "q");
  const producer = server.connect();
  const kill = `CLIENT KILL ${waiter.remoteAddress}`;
  const [added] = producer.raw(`ADDJOB q b 0 RETRY 0\r\nPAUSE q in\r\n${kill}\r\n`);
  assert.equal(stateOf(server, String(added).slice(1)), "queued 0/0 never");
});

test("what became of a job after its delivery is not undone when the client vanishes", () => {
  const fates: [command: string, state: string][] = [
    ["ACKJOB", "gone"],
    ["NACK", "queued 1/0 in 100000"],
    ["ENQUEUE", "queued 0/1 in 100000"],
    ["WORKING", "active 0/0 in 100000"],
  ];
  for (const [command, state] of fates) {
    const server = new FakeServer();
    const producer = server.connect();
    const id = addJob(producer, "q", "b", "RETRY", 100);
    const stuck = stuckWith(server, "q");
    server.advance(50);
    producer.send(command, id);
    stuck.close();
    assert.equal(stateOf(server, id), state, command);
  }
});

test("a job delivered again to somebody else stays with that client", () => {
  const server = new FakeServer();
  const producer = server.connect();
  const id = addJob(producer, "q", "b", "RETRY", 100);
  const stuck = stuckWith(server, "q");
  server.advance(100_000);
  assert.deepEqual(bodiesOf(producer.send("GETJOB", "FROM", "q")), ["b"]);
  stuck.close();
  assert.equal(stateOf(server, id), "active 0/1 in 100000");
});

test("a record used again for another job is not mistaken for the delivered one", () => {
  const server = new FakeServer();
  const producer = server.connect();
  const id = addJob(producer, "q", "old", "RETRY", 0);
  const stuck = stuckWith(server, "q");
  producer.send("ACKJOB", id);
  const other = addAndTake(producer, "r", "RETRY", 0);
  stuck.close();
  assert.equal(stateOf(server, other), "active 0/0 never");
});

test("jobs flushed before the client vanished do not come back", () => {
  const server = new FakeServer();
  const producer = server.connect();
  addJob(producer, "q", "b");
  const stuck = stuckWith(server, "q");
  producer.send("DEBUG", "FLUSHALL");
  stuck.close();
  assert.equal(producer.send("QLEN", "q"), ":0");
  checkBroker(server.state.broker);
});
