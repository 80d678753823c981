/** The walk over all queues: the oldest job, the longest queues, and turns for everybody else meanwhile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST_QUEUES, QueueSurvey } from "../../src/http/queue-survey.ts";
import { Slices } from "../../src/http/slices.ts";
import { FakeServer } from "../support/fake-server.ts";

test("the longest queues are found, and how old the oldest job of all is", async () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("ADDJOB", "old", "x", "0");
  server.advance(5000);
  for (let i = 0; i < 300; i++) {
    for (let job = 0; job <= (i * 7) % 300; job += 10) client.send("ADDJOB", `q${i}`, "x", "0");
  }
  client.send("ADDJOB", "later", "x", "0", "DELAY", "60", "TTL", "600");
  const survey = await new QueueSurvey(server.state, new Slices(() => undefined)).take();
  assert.equal(survey.oldestAgeMs, 5000);
  assert.equal(survey.isPartial, false);
  const lengths = survey.longest.map((queue) => queue.length);
  const { queues } = server.state.broker;
  const all = Array.from({ length: queues.numberLimit }, (_, at) => queues.at(at)?.length ?? 0);
  assert.deepEqual(lengths, all.sort((a, b) => b - a).slice(0, LONGEST_QUEUES));
});

test("a delay counts from its end, and an empty node has no age", async () => {
  const server = new FakeServer();
  const survey = new QueueSurvey(server.state, new Slices(() => undefined));
  assert.equal((await survey.take()).oldestAgeMs, null);
  server.connect().send("ADDJOB", "q", "x", "0", "DELAY", "10", "TTL", "600");
  server.advance(10_000);
  server.advance(2500);
  assert.equal((await survey.take()).oldestAgeMs, 2500);
});

test("who asks meanwhile or soon after gets the same result", async () => {
  const server = new FakeServer();
  const survey = new QueueSurvey(server.state, new Slices(() => undefined));
  const [one, other] = await Promise.all([survey.take(), survey.take()]);
  assert.equal(one, other);
  assert.equal(await survey.take(), one);
  server.advance(1000);
  assert.notEqual(await survey.take(), one);
});

test("where queues are many, a result is good for longer, as a walk is dear", async () => {
  const server = new FakeServer();
  const client = server.connect();
  for (let i = 0; i < 10_000; i++) client.send("ADDJOB", `q${i}`, "x", "0");
  const survey = new QueueSurvey(server.state, new Slices(() => undefined));
  const first = await survey.take();
  server.advance(1900);
  assert.equal(await survey.take(), first);
  server.advance(100);
  assert.notEqual(await survey.take(), first);
});
