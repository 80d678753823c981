/** The stopwatch: time is shared among quick commands, and a slow one is still found. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../support/fake-server.ts";

/** A server whose clock for statistics moves by one microsecond with every look at it. */
function ticking(settings: Readonly<Record<string, unknown>> = {}) {
  const server = new FakeServer({ settings });
  let looks = 0;
  server.host.elapsedMicros = () => ++looks;
  server.state.slowestMicrosIgnored = 10_000;
  return { server, client: server.connect(), looks: () => looks };
}

function microsOf(server: FakeServer, name: string): number | undefined {
  return server.state.commands.stats.counter(name)?.micros;
}

test("a pipeline of one quick command needs a look for every sixteen, not one for each", () => {
  const { server, client, looks } = ticking();
  client.raw("QLEN q\r\n".repeat(160));
  assert.ok(looks() < 20);
  assert.equal(microsOf(server, "qlen"), 10);
  assert.equal(server.state.commands.stats.counter("qlen")?.calls, 160);
});

test("the last commands of a batch are measured although the run is not full", () => {
  const { server, client } = ticking();
  client.raw("QLEN q\r\nQLEN q\r\n");
  assert.equal(microsOf(server, "qlen"), 1);
});

test("another command ends the run before it begins", () => {
  const { server, client } = ticking();
  client.raw("QLEN q\r\nQLEN q\r\nTIME\r\nQLEN q\r\n");
  assert.equal(microsOf(server, "qlen"), 2);
  assert.equal(microsOf(server, "time"), 1);
});

test("a slow command is found in the middle of quick ones of its kind", () => {
  const { server, client } = ticking();
  let micros = 0;
  server.host.elapsedMicros = () => micros;
  client.raw("QLEN q\r\n");
  const name = "n".repeat(2000);
  client.send("ADDJOB", name, "b", 0);
  const writeJobs = server.state.broker.serving.take.bind(server.state.broker.serving);
  server.state.broker.serving.take = (...args) => {
    micros += 20_000;
    writeJobs(...args);
  };
  client.send("GETJOB", "FROM", name);
  assert.equal(server.state.slowlog.length, 1);
  assert.equal(server.state.slowlog.newest(1)[0]?.durationMicros, 20_000);
});

test("while everything is logged, every command is measured by itself", () => {
  const { server, client } = ticking();
  server.state.slowestMicrosIgnored = 0;
  client.raw("QLEN q\r\n".repeat(3));
  assert.equal(microsOf(server, "qlen"), 3);
});
