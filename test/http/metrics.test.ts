/** /metrics and /metrics/per-queue, read by a strict reader that shares no code with what writes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricTable } from "../../src/http/metric-table.ts";
import { metricLines } from "../../src/http/metrics.ts";
import { QueueTexts, queueMetrics } from "../../src/http/queue-metrics.ts";
import { parsePrometheus } from "../support/prometheus.ts";
import { HttpRig } from "./http-rig.ts";

async function scrape(rig: HttpRig, path: string) {
  const { status, text, headers } = await rig.get(path);
  assert.equal(status, 200);
  assert.match(headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  return parsePrometheus(text);
}

test("every metric of the table is told, with its type and its help", async (t) => {
  const families = await scrape(new HttpRig(t), "/metrics");
  const lines = metricLines();
  assert.equal(new Set(lines.map(({ name }) => name)).size, lines.length, "names are unique");
  for (const { name, type, help } of lines) {
    assert.match(name, /^ringq_[a-z_]+$/);
    assert.equal(name.endsWith("_total"), type === "counter", name);
    assert.match(help, /^[A-Z0-9].*\.$/, name);
    assert.deepEqual([families.get(name)?.type, families.get(name)?.help], [type, help], name);
  }
});

test("the table for people has a line for each metric", async (t) => {
  const rig = new HttpRig(t);
  await rig.client().send(["ADDJOB", "q", "x", "0"]);
  const told = [...(await scrape(rig, "/metrics")).keys()];
  const perQueue = [...(await scrape(rig, "/metrics/per-queue")).keys()];
  const inTable = [...metricTable().matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(inTable.sort(), [...told, ...perQueue].sort());
});

test("metrics of the process come with them while HTTP is served", async (t) => {
  const rig = new HttpRig(t);
  rig.metrics.start();
  t.after(() => rig.metrics.stop());
  const families = await scrape(rig, "/metrics");
  assert.ok(families.has("process_cpu_seconds_total"));
  assert.ok(families.has("nodejs_eventloop_lag_p99_seconds"));
});

test("what happens to jobs shows: counters, ages, and how long things took", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  await client.send(["ADDJOB", "q", "x", "0", "RETRY", "60"], ["ADDJOB", "old", "x", "0"]);
  await rig.wired.advance(3000);
  await client.send(["GETJOB", "FROM", "q"]);
  const [, , got] = client.replies();
  await rig.wired.advance(500);
  await client.send(["ACKJOB", String((got as string[][])[0]?.[1]).slice(1)]);
  const families = await scrape(rig, "/metrics");
  const value = (family: string, name: string, labels = {}) =>
    families
      .get(family)
      ?.samples.find(
        (sample) =>
          sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels),
      )?.value;
  assert.equal(value("ringq_jobs_added_total", "ringq_jobs_added_total"), 2);
  assert.equal(value("ringq_jobs_acknowledged_total", "ringq_jobs_acknowledged_total"), 1);
  assert.equal(value("ringq_oldest_job_age_seconds", "ringq_oldest_job_age_seconds"), 3.5);
  const calls = "ringq_command_calls_total";
  assert.equal(value(calls, calls, { command: "addjob" }), 2);
  const delivery = "ringq_job_first_delivery_seconds";
  assert.equal(value(delivery, `${delivery}_sum`), 3);
  assert.equal(value(delivery, `${delivery}_bucket`, { le: "2.048" }), 0);
  assert.equal(value(delivery, `${delivery}_bucket`, { le: "4.096" }), 1);
  const ack = "ringq_job_acknowledgement_seconds";
  assert.equal(value(ack, `${ack}_sum`), 0.5);
});

test("a scrape takes several turns, tells of one moment, and is shared by who comes meanwhile", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  await client.send(["ADDJOB", "q", "x", "0"]);
  const texts = Promise.all([rig.metrics.text(), rig.metrics.text()]);
  let turns = 0;
  let isOver = false;
  const addEachTurn = (): void => {
    turns++;
    void client.send(["ADDJOB", "q", "x", "0"]);
    if (!isOver) setImmediate(addEachTurn);
  };
  setImmediate(addEachTurn);
  const [one, other] = await texts;
  isOver = true;
  assert.equal(one, other);
  assert.ok(turns >= 3, `${turns} turns`);
  const families = parsePrometheus(one);
  const added = families.get("ringq_jobs_added_total")?.samples[0]?.value;
  const calls = families.get("ringq_command_calls_total")?.samples;
  assert.equal(calls?.find(({ labels }) => labels.command === "addjob")?.value, added);
  const later = parsePrometheus(await rig.metrics.text());
  assert.ok((later.get("ringq_jobs_added_total")?.samples[0]?.value ?? 0) >= turns);
});

test("series do not grow with queues", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  await client.send(["ADDJOB", "one", "x", "0"]);
  const before = (await rig.get("/metrics")).text.split("\n").length;
  for (let i = 0; i < 50; i++) await client.send(["ADDJOB", `q${i}`, "x", "0"]);
  assert.equal((await rig.get("/metrics")).text.split("\n").length, before);
});

test("every queue has its figures, whatever its name", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  const names = ["plain", 'a "b" \\ c', "line\nend", "größe", ""];
  for (const name of names) await client.send(["ADDJOB", Buffer.from(name), "x", "0"]);
  await client.send(["ADDJOB", Buffer.from([0xff, 0x41]), "x", "0"]);
  await client.send(["PAUSE", "plain", "in"]);
  const families = await scrape(rig, "/metrics/per-queue");
  for (const { name } of queueMetrics) {
    if (name.includes("paused")) continue;
    const labels = families.get(name)?.samples.map((sample) => sample.labels.queue);
    assert.deepEqual(labels, [...names, "%FFA"], name);
  }
  const paused = families.get("ringq_queue_paused_in")?.samples;
  assert.deepEqual(
    paused?.map(({ labels, value }) => [labels.queue, value]),
    [["plain", 1]],
    "a line for every queue would be a quarter of the text",
  );
  assert.equal(families.get("ringq_queues_omitted")?.samples[0]?.value, 0);
});

test("of thousands of queues as many are told of as the directive says, some a turn", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  const adds = Array.from({ length: 1500 }, (_, i) => ["ADDJOB", `q${i}`, "x", "0"]);
  await client.send(...adds);
  let turns = 0;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  let isOver = false;
  setImmediate(count);
  const families = await scrape(rig, "/metrics/per-queue");
  isOver = true;
  assert.equal(families.get("ringq_queue_jobs")?.samples.length, 1500);
  assert.ok(turns >= 5, `others had ${turns} turns meanwhile`);
  rig.wired.state.config.set([["metrics-queues-max", "700"]]);
  const fewer = await scrape(rig, "/metrics/per-queue");
  assert.equal(fewer.get("ringq_queue_jobs")?.samples.length, 700);
  assert.equal(fewer.get("ringq_queues_omitted")?.samples[0]?.value, 800);
});

test("scrapers who come together get the same text, later ones another", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  await client.send(["ADDJOB", "q", "x", "0"]);
  const texts = new QueueTexts(rig.node);
  const [one, other] = await Promise.all([texts.take(), texts.take()]);
  assert.equal(one?.pieces, other?.pieces);
  await rig.wired.advance(1000);
  const later = await texts.take();
  assert.notEqual(later?.pieces, one?.pieces);
  await rig.wired.advance(1000);
  assert.equal(await texts.take(), undefined, "two are being taken");
  one?.release();
  other?.release();
  assert.notEqual(await texts.take(), undefined);
});

test("names that fill a piece of text are told whole", async (t) => {
  const rig = new HttpRig(t);
  const names = ["a", "b".repeat(60_000), "c".repeat(60_000), "d"];
  for (const name of names) await rig.client().send(["ADDJOB", name, "x", "0"]);
  const samples = (await scrape(rig, "/metrics/per-queue")).get("ringq_queue_jobs")?.samples ?? [];
  const told = samples.map(
    ({ labels, value }) => `${labels.queue?.at(-1)} ${labels.queue?.length} ${value}`,
  );
  assert.deepEqual(told, ["a 1 1", "b 60000 1", "c 60000 1", "d 1 1"]);
});
