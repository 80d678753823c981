/** Job ids in requests: all are checked before anything is done, and only known jobs count. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { areJobIds, countIds, jobAt } from "../../src/commands/job-ids.ts";
import { NO_JOB } from "../../src/core/job.ts";
import { FakeServer } from "../support/fake-server.ts";
import { addJob, FOREIGN_ID, UNKNOWN_ID } from "./job/steps.ts";
import { requestOf } from "./request-of.ts";

function setUp() {
  const server = new FakeServer();
  const client = server.connect();
  const { session } = client;
  /** What the session was answered. */
  const answer = (): string => session.reply.take().toString("latin1");
  return { server, client, session, answer };
}

test("well formed ids pass, known here or not", () => {
  const { session, client, answer } = setUp();
  const id = addJob(client, "q", "b");
  assert.equal(areJobIds(session, requestOf("X", id, UNKNOWN_ID, FOREIGN_ID), 1), true);
  assert.equal(areJobIds(session, requestOf("X"), 1), true);
  assert.equal(answer(), "");
});

test("one malformed id is answered, once", () => {
  const { session, answer } = setUp();
  assert.equal(areJobIds(session, requestOf("X", UNKNOWN_ID, "bad", "worse"), 1), false);
  assert.equal(answer(), "-BADID Invalid Job ID format.\r\n");
  assert.equal(areJobIds(session, requestOf("X", "bad", UNKNOWN_ID), 2), true);
});

test("an id names its job, and nothing when it is unknown, foreign or expired", () => {
  const { server, client } = setUp();
  const id = addJob(client, "q", "b", "TTL", 5);
  const request = requestOf("X", UNKNOWN_ID, FOREIGN_ID, id);
  const { state } = server;
  assert.deepEqual(
    [1, 2].map((i) => jobAt(state, request, i)),
    [NO_JOB, NO_JOB],
  );
  assert.equal(jobAt(state, request, 3), 0);
  server.host.nowMs += 5000;
  assert.equal(jobAt(state, request, 3), NO_JOB);
});

test("an id in another spelling is not the job's id", () => {
  const { server, client } = setUp();
  const id = addJob(client, "q", "b");
  const upper = id.slice(0, 2) + id.slice(2, 10).toUpperCase() + id.slice(10);
  const request = requestOf("X", upper, `${id.slice(0, 36)}05A1`);
  for (const i of [1, 2]) assert.equal(jobAt(server.state, request, i), NO_JOB);
});

test("every canonical id is given to the command, which says what counts", () => {
  const { server, session, client, answer } = setUp();
  const ids = ["a", "b", "c"].map((body) => addJob(client, "q", body));
  const given: number[] = [];
  countIds(session, requestOf("X", ...ids, UNKNOWN_ID, ids[0] ?? ""), (id) => {
    given.push(server.state.broker.find(id));
    return given.at(-1) !== 1;
  });
  assert.deepEqual(given, [0, 1, 2, NO_JOB, 0]);
  assert.equal(answer(), ":4\r\n");
  countIds(session, requestOf("X", ...ids, "bad"), () => assert.fail("too early"));
  assert.equal(answer(), "-BADID Invalid Job ID format.\r\n");
});
