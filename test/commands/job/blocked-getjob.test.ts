/** GETJOB when it has to wait: who is served, in which order, and how waiting ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeClient } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { addAndTake, addJob, bodiesOf, number, pairsOf, stateOf } from "./steps.ts";

/** A server, somebody who adds jobs, and clients that wait. */
function withWaiters(...waits: string[]): {
  server: FakeServer;
  producer: FakeClient;
  waiters: FakeClient[];
} {
  const server = new FakeServer();
  const waiters = waits.map((arguments_) => {
    const client = server.connect();
    assert.deepEqual(client.raw(`GETJOB ${arguments_}\r\n`), []);
    return client;
  });
  return { server, producer: server.connect(), waiters };
}

/** Bodies each client has been given, "" for none. */
function given(clients: readonly FakeClient[]): string[] {
  return clients.map((client) => {
    const reply = client.read();
    return reply === undefined ? "" : bodiesOf(reply).join(" ");
  });
}

function blocked(client: FakeClient, queue: string): number {
  return number(pairsOf(client.send("QSTAT", queue)).blocked);
}

test("a waiting client gets the next job, and is not waiting afterwards", () => {
  const { server, producer, waiters } = withWaiters("FROM q");
  assert.equal(blocked(producer, "q"), 1);
  assert.equal(server.state.clients.blockedCount, 1);
  const id = addJob(producer, "q", "hello");
  assert.deepEqual(waiters[0]?.read(), [["$q", `$${id}`, "$hello"]]);
  assert.equal(blocked(producer, "q"), 0);
  assert.equal(server.state.clients.blockedCount, 0);
  addJob(producer, "q", "next");
  assert.deepEqual(given(waiters), [""]);
});

test("who has waited longest is served first, one job each", () => {
  const { producer, waiters } = withWaiters("FROM q", "FROM q", "FROM q");
  producer.raw("ADDJOB q 1 0\r\nADDJOB q 2 0\r\n");
  assert.deepEqual(given(waiters), ["1", "2", ""]);
  addJob(producer, "q", "3");
  assert.deepEqual(given(waiters), ["", "", "3"]);
});

test("a newcomer does not overtake a waiting client", () => {
  const { server, producer, waiters } = withWaiters("FROM q");
  producer.raw("ADDJOB q 1 0\r\nGETJOB NOHANG FROM q\r\n");
  assert.deepEqual(given(waiters), ["1"]);
  assert.equal(server.state.broker.waiting.count, 0);
});

test("who waits for several queues is served by the first that gets a job, once", () => {
  const { producer, waiters } = withWaiters("FROM x y z");
  producer.raw("ADDJOB y 1 0\r\nADDJOB x 2 0\r\n");
  assert.deepEqual(given(waiters), ["1"]);
  for (const queue of ["x", "y", "z"]) assert.equal(blocked(producer, queue), 0);
  assert.equal(producer.send("QLEN", "x"), ":1");
});

test("clients that wait for different queues get what they wait for", () => {
  const { producer, waiters } = withWaiters("FROM x y", "FROM y", "FROM x");
  addJob(producer, "x", "1");
  assert.deepEqual(given(waiters), ["1", "", ""]);
  addJob(producer, "x", "2");
  addJob(producer, "y", "3");
  assert.deepEqual(given(waiters), ["", "3", "2"]);
});

test("a queue named twice is waited for once", () => {
  const { producer, waiters } = withWaiters("FROM q q");
  assert.equal(blocked(producer, "q"), 1);
  producer.raw("ADDJOB q 1 0\r\nADDJOB q 2 0\r\n");
  assert.deepEqual(given(waiters), ["1"]);
});

test("COUNT holds after waiting: what is there at the end of the turn is handed out", () => {
  const { producer, waiters } = withWaiters("COUNT 3 FROM q");
  producer.raw("ADDJOB q 1 0\r\nADDJOB q 2 0\r\n");
  assert.deepEqual(given(waiters), ["1 2"]);
});

test("COUNT is filled up only when everybody who waits has a job", () => {
  const { producer, waiters } = withWaiters("COUNT 3 FROM q", "FROM q", "COUNT 2 FROM q");
  producer.raw([1, 2, 3, 4, 5, 6].map((body) => `ADDJOB q ${body} 0\r\n`).join(""));
  assert.deepEqual(given(waiters), ["1 4 5", "2", "3 6"]);
});

test("COUNT is filled up from all the queues waited for, in their order", () => {
  const { producer, waiters } = withWaiters("COUNT 4 FROM x y");
  producer.raw("ADDJOB y y1 0\r\nADDJOB y y2 0\r\nADDJOB x x1 0\r\nADDJOB x x2 0\r\n");
  assert.deepEqual(given(waiters), ["y1 x1 y2 x2"]);
});

test("COUNT after waiting does not reach into a queue paused in output", () => {
  const { producer, waiters } = withWaiters("COUNT 3 FROM x y");
  addJob(producer, "z", "no");
  producer.raw("PAUSE x out\r\nADDJOB x x1 0\r\nADDJOB y y1 0\r\n");
  assert.deepEqual(given(waiters), ["y1"]);
  assert.equal(producer.send("QLEN", "x"), ":1");
});

test("waiting ends with nothing at its time, to the millisecond", () => {
  const { server, producer, waiters } = withWaiters("TIMEOUT 200 FROM q1 q2", "FROM q1");
  server.advance(199);
  assert.equal(waiters[0]?.read(), undefined);
  server.advance(1);
  assert.equal(waiters[0]?.read(), "nil*");
  assert.equal(blocked(producer, "q1"), 1);
  assert.equal(blocked(producer, "q2"), 0);
  addJob(producer, "q2", "b");
  assert.deepEqual(given(waiters), ["", ""]);
});

test("TIMEOUT 0 waits for ever, as no TIMEOUT does", () => {
  const { server, producer, waiters } = withWaiters("TIMEOUT 0 FROM q", "FROM q");
  server.advance(1e9);
  producer.raw("ADDJOB q 1 0\r\nADDJOB q 2 0\r\n");
  assert.deepEqual(given(waiters), ["1", "2"]);
});

test("what a blocked client sends runs after it was answered, in order", () => {
  const { producer, waiters } = withWaiters("FROM q");
  waiters[0]?.raw("PING after\r\nGETJOB FROM q\r\nPING last\r\n");
  addJob(producer, "q", "1");
  assert.deepEqual(waiters[0]?.readAll().slice(1), ["$after"]);
  addJob(producer, "q", "2");
  assert.deepEqual(waiters[0]?.readAll().slice(1), ["$last"]);
});

test("NACK, ENQUEUE, the end of a delay and the end of a lease serve who waits", () => {
  const server = new FakeServer();
  const worker = server.connect();
  const client = server.connect();
  const id = addAndTake(worker, "q", "RETRY", 2);
  const served = (step: () => void): unknown => {
    client.send("GETJOB", "WITHCOUNTERS", "FROM", "q");
    step();
    return client.read();
  };
  const job = (nacks: number, deliveries: number) => [
    ["$q", `$${id}`, "$b", "$nacks", `:${nacks}`, "$additional-deliveries", `:${deliveries}`],
  ];
  assert.deepEqual(
    served(() => worker.send("NACK", id)),
    job(1, 0),
  );
  assert.deepEqual(
    served(() => worker.send("ENQUEUE", id)),
    job(1, 1),
  );
  assert.deepEqual(
    served(() => server.advance(2000)),
    job(1, 2),
  );
  worker.send("ACKJOB", id);
  addJob(worker, "d", "late", "DELAY", 1);
  client.send("GETJOB", "FROM", "d");
  server.advance(999);
  assert.equal(client.read(), undefined);
  server.advance(1);
  assert.deepEqual(bodiesOf(client.read()), ["late"]);
});

test("a job named twice in one NACK is queued once, although somebody waits for it", () => {
  const server = new FakeServer();
  const worker = server.connect();
  const ids = [addAndTake(worker, "q"), addAndTake(worker, "q")];
  const waiter = server.connect();
  waiter.send("GETJOB", "WITHCOUNTERS", "FROM", "q");
  assert.equal(worker.send("NACK", ids[0] ?? "", ids[0] ?? ""), ":1");
  assert.deepEqual((waiter.read() as string[][])[0]?.slice(4), [
    ":1",
    "$additional-deliveries",
    ":0",
  ]);
  waiter.send("GETJOB", "WITHCOUNTERS", "FROM", "q");
  assert.equal(worker.send("ENQUEUE", ids[1] ?? "", ids[1] ?? ""), ":1");
  assert.deepEqual((waiter.read() as string[][])[0]?.slice(4), [
    ":0",
    "$additional-deliveries",
    ":1",
  ]);
});

test("opening a queue paused in output serves who waits for it", () => {
  const { producer, waiters } = withWaiters("FROM q", "FROM q");
  producer.send("PAUSE", "q", "out");
  addJob(producer, "q", "1");
  assert.deepEqual(given(waiters), ["", ""]);
  producer.send("PAUSE", "q", "none");
  assert.deepEqual(given(waiters), ["1", ""]);
});

test("a claimed job that is acknowledged in the same turn is not delivered", () => {
  const server = new FakeServer();
  const worker = server.connect();
  const id = addAndTake(worker, "q");
  const [first, second] = [server.connect(), server.connect()];
  first.send("GETJOB", "TIMEOUT", 500, "FROM", "q");
  second.send("GETJOB", "FROM", "q");
  worker.raw(`NACK ${id}\r\nACKJOB ${id}\r\n`);
  assert.equal(stateOf(server, id), "gone");
  assert.deepEqual(given([first, second]), ["", ""]);
  addJob(worker, "q", "next");
  assert.deepEqual(given([first, second]), ["next", ""], "it kept its place in the line");
  second.close();
});

test("a waiter whose claimed job was taken away takes the next one of the same turn", () => {
  const { producer, waiters, server } = withWaiters("FROM q");
  const id = addAndTake(server.connect(), "r");
  const other = server.connect();
  other.send("GETJOB", "FROM", "r");
  producer.raw(`NACK ${id}\r\nACKJOB ${id}\r\nADDJOB r new 0\r\n`);
  assert.deepEqual(given([other, ...waiters]), ["new", ""]);
});

test("CLUSTER LEAVING and DEBUG FLUSHALL answer everybody who waits", () => {
  const { producer, waiters } = withWaiters("FROM q", "TIMEOUT 100 FROM q r");
  producer.send("CLUSTER", "LEAVING", "yes");
  for (const waiter of waiters)
    assert.match(String(waiter.read()), /^-LEAVING This node is leaving/);
  assert.equal(blocked(producer, "q"), 0);
  producer.send("CLUSTER", "LEAVING", "no");
  for (const waiter of waiters) waiter.send("GETJOB", "FROM", "q");
  producer.send("DEBUG", "FLUSHALL");
  for (const waiter of waiters) assert.equal(waiter.read(), "nil*");
});

test("flushing in the turn in which jobs were claimed leaves their waiters with nothing", () => {
  const { producer, waiters, server } = withWaiters("FROM q");
  producer.raw("ADDJOB q 1 0\r\nDEBUG FLUSHALL\r\n");
  assert.equal(waiters[0]?.read(), "nil*");
  assert.equal(server.state.broker.stats.jobsDelivered, 0);
});

test("CLIENT PAUSE stops neither the serving of blocked clients nor their timeouts", () => {
  const { server, producer, waiters } = withWaiters("FROM q", "TIMEOUT 50 FROM r");
  addJob(producer, "q", "late", "DELAY", 1);
  assert.deepEqual(given(waiters), ["", ""]);
  producer.send("CLIENT", "PAUSE", 5000);
  server.advance(50);
  assert.equal(waiters[1]?.read(), "nil*");
  server.advance(950);
  assert.deepEqual(given(waiters.slice(0, 1)), ["late"]);
});
