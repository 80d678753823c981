/** ACKJOB, FASTACK and DELJOB: on one node each makes jobs known here be gone, and counts them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";
import { addAndTake, addJob, bodiesOf, digest, FOREIGN_ID, stateOf, UNKNOWN_ID } from "./steps.ts";

const BADID = "-BADID Invalid Job ID format.";
const removing = ["ACKJOB", "FASTACK", "DELJOB"];

test("a job is gone at once and counted once", () => {
  for (const command of removing) {
    const server = new FakeServer();
    const client = server.connect();
    const id = addAndTake(client, "q");
    assert.equal(client.send(command, id), ":1", command);
    assert.equal(stateOf(server, id), "gone");
    assert.equal(client.send(command, id), ":0");
  }
});

test("several ids are counted, repeated and unknown ones are not", () => {
  for (const command of removing) {
    const server = new FakeServer();
    const client = server.connect();
    const [a, b, c] = ["1", "2", "3"].map((body) => addJob(client, "q", body));
    const reply = client.send(command, a ?? "", a ?? "", UNKNOWN_ID, FOREIGN_ID, b ?? "");
    assert.equal(reply, ":2", command);
    assert.equal(stateOf(server, c ?? ""), "queued 0/0 in 300000");
    assert.equal(client.send(command), ":0");
  }
});

test("a queued job leaves its queue, whatever its place", () => {
  for (const command of removing) {
    const client = new FakeServer().connect();
    const ids = ["1", "2", "3", "4", "5"].map((body) => addJob(client, "q", body));
    assert.equal(client.send(command, ids[4] ?? "", ids[0] ?? "", ids[2] ?? ""), ":3", command);
    assert.deepEqual(bodiesOf(client.send("GETJOB", "COUNT", 9, "FROM", "q")), ["2", "4"]);
  }
});

test("one malformed id means that nothing is done", () => {
  const malformed = [
    "",
    "D-0000",
    `d${UNKNOWN_ID.slice(1)}`,
    `D_${UNKNOWN_ID.slice(2)}`,
    `${UNKNOWN_ID}0`,
    UNKNOWN_ID.slice(0, -1),
    UNKNOWN_ID.replace("D-00000000-", "D-00000000x"),
    UNKNOWN_ID.replace("-0fff", "x0fff"),
  ];
  const server = new FakeServer();
  const client = server.connect();
  const id = addAndTake(client, "q");
  const before = digest(server);
  for (const command of [...removing, "ENQUEUE", "NACK", "DEQUEUE"]) {
    for (const bad of malformed) {
      assert.equal(client.send(command, id, bad), BADID, `${command} ${bad}`);
      assert.equal(client.send(command, bad, id), BADID);
    }
  }
  for (const bad of malformed) {
    assert.equal(client.send("SHOW", bad), BADID);
    assert.equal(client.send("WORKING", bad), BADID);
  }
  assert.deepEqual(digest(server), before);
});

test("what is acknowledged and what is deleted is told apart in the totals", () => {
  const server = new FakeServer();
  const client = server.connect();
  const ids = ["1", "2", "3"].map((body) => addJob(client, "q", body));
  for (const [i, command] of removing.entries()) client.send(command, ids[i] ?? "");
  const { jobsAcked, jobsDeleted, jobsAdded } = server.state.broker.stats;
  assert.deepEqual(
    { jobsAcked, jobsDeleted, jobsAdded },
    { jobsAcked: 2, jobsDeleted: 1, jobsAdded: 3 },
  );
});
