/** The pure parts of the pages: the ring's geometry, times of jobs, bytes, events, quantiles. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobShape } from "../../src/dashboard/shapes/api-shapes.ts";
import { EventLines } from "../../src/dashboard/shapes/event-lines.ts";
import { fromBase64, hexDump, oneLine } from "../../src/dashboard/shapes/hex-dump.ts";
import { bucketsBetween, quantile } from "../../src/dashboard/shapes/quantile.ts";
import { arcPath, arcsOf, pointAt } from "../../src/dashboard/shapes/ring-geometry.ts";
import { inIdOrder } from "../../src/dashboard/shapes/ring-order.ts";
import { stepsOf } from "../../src/dashboard/shapes/timeline.ts";

test("slices of the ring become arcs, clockwise from the top", () => {
  assert.deepEqual(arcsOf([0, 0, 1, 0]), [
    { node: 0, from: 0, to: 0.5 },
    { node: 1, from: 0.5, to: 0.75 },
    { node: 0, from: 0.75, to: 1 },
  ]);
  assert.deepEqual(pointAt(0, 10), { x: 0, y: -10 });
  assert.deepEqual(pointAt(0.25, 10), { x: 10, y: 0 });
  assert.equal(
    arcPath({ node: 0, from: 0, to: 0.25 }, 5, 10),
    "M 0 -10 A 10 10 0 0 1 10 0 L 5 0 A 5 5 0 0 0 0 -5 Z",
  );
  const whole = arcPath({ node: 0, from: 0, to: 1 }, 5, 10);
  assert.equal(whole.match(/M/g)?.length, 2, "an arc that ends where it begins would be nothing");
});

const job: JobShape = {
  id: "D-1",
  queue: { name: "q", nameUrl: "q" },
  state: "active",
  replicate: 3,
  createdAt: "2026-01-01T00:00:00.000Z",
  ttlLeftSeconds: 100,
  delaySeconds: 10,
  retrySeconds: 30,
  nacks: 1,
  additionalDeliveries: 2,
  holders: [],
  confirmed: [],
  requeueWithinSeconds: 5,
  awakeWithinSeconds: null,
  body: { bytes: 0, isCut: false, text: "", base64: null },
};

test("the life of a job is told in the order of time, with what is known to have been", () => {
  const nowMs = Date.parse(job.createdAt) + 20_000;
  const steps = stepsOf(job, nowMs);
  assert.deepEqual(
    steps.map(({ label, kind }) => `${label} (${kind})`),
    [
      "Created (past)",
      "Given back once (past)",
      "Queued again 2 times, its time was over (past)",
      "Delay ended (past)",
      "Now active (now)",
      "Queued again (future)",
      "Expires (future)",
    ],
  );
  const early = stepsOf(job, nowMs - 15_000).map(({ label }) => label);
  assert.ok(early.indexOf("Delay ends") > early.indexOf("Now active"));
});

test("bytes that are no text are shown sixteen a line, text on one line without control letters", () => {
  const dump = hexDump(
    fromBase64(Buffer.from("0123456789abcdef\0\xff", "latin1").toString("base64")),
  );
  const [first, second] = dump.split("\n");
  assert.equal(
    first,
    `00000000  ${"30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66"}  |0123456789abcdef|`,
  );
  assert.match(second ?? "", /^00000010 {2}00 ff {44}\|\.\.\|$/);
  assert.equal(oneLine("a\r\n\tb  c\u202e"), "a·b c·");
  assert.equal(oneLine("x".repeat(300)).length, 121);
});

test("events are read across chunks, letters too", () => {
  const bytes = new TextEncoder().encode(
    'retry: 1\n\nevent: snapshot\ndata: {"a":"é"}\n\nevent: x\n',
  );
  const lines = new EventLines();
  const events = [...bytes].flatMap((byte) => lines.push(Uint8Array.of(byte)));
  assert.deepEqual(events, [{ name: "snapshot", data: '{"a":"é"}' }]);
});

test("what took how long is found between two readings of buckets that double", () => {
  const before = { unitSeconds: 1, buckets: [5, 0, 0, 0] };
  const now = { unitSeconds: 1, buckets: [5, 0, 0, 100] };
  const between = bucketsBetween(before, now);
  assert.deepEqual(between.buckets, [0, 0, 0, 100]);
  assert.equal(quantile(between, 0.5), 6);
  assert.equal(quantile({ unitSeconds: 1, buckets: [0, 0] }, 0.5), null);
  assert.deepEqual(bucketsBetween(now, before), before, "counters of a node that was started anew");
});

test("nodes of a ring stand in the order of their ids, whoever comes first for a key", () => {
  const node = (nodeId: string) => ({ nodeId, address: "", flags: [], tokens: 1, share: 0.5 });
  const walk = { nodes: [node("c"), node("a"), node("b")], slices: [0, 1, 2, 0], position: 0.5 };
  const ring = inIdOrder(walk);
  assert.deepEqual(
    ring.nodes.map(({ nodeId }) => nodeId),
    ["a", "b", "c"],
  );
  assert.deepEqual(
    ring.slices.map((at) => ring.nodes[at]?.nodeId),
    ["c", "a", "b", "c"],
  );
});
