/** The live feed: one snapshot for all who watch, none when nobody does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TotalsReceiver } from "../../src/cluster/totals.ts";
import { eventually } from "../support/eventually.ts";
import { HttpRig } from "./http-rig.ts";

/** Reads a stream until it has so many snapshots or ends; returns them. */
async function snapshots(stream: ReadableStream<Uint8Array>, wanted: number): Promise<string[]> {
  let text = "";
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString("utf8");
    if ((text.match(/^data: .*\n\n/gm)?.length ?? 0) >= wanted) break;
  }
  return text.match(/^data: .*$/gm) ?? [];
}

async function open(rig: HttpRig): Promise<ReadableStream<Uint8Array>> {
  const response = await rig.response("/api/live");
  assert.equal(response.status, 200);
  return response.body as ReadableStream<Uint8Array>;
}

test("everybody who watches gets the same snapshot", async (t) => {
  const rig = new HttpRig(t);
  await rig.client().send(["ADDJOB", "q", "x", "0"]);
  const [one, other] = await Promise.all([open(rig), open(rig)]);
  assert.equal(rig.feed.viewerCount, 2);
  const [seen, seenToo] = await Promise.all([snapshots(one, 1), snapshots(other, 1)]);
  assert.equal(seen[0], seenToo[0]);
  const { longestQueues } = JSON.parse(seen[0]?.slice("data: ".length) ?? "");
  assert.deepEqual([longestQueues[0].name, longestQueues[0].length], ["q", 1]);
  assert.equal(rig.feed.viewerCount, 0);
});

test("a viewer who does not read is not waited for, and piles nothing up", async (t) => {
  const rig = new HttpRig(t);
  await open(rig);
  const seen = await snapshots(await open(rig), 3);
  assert.equal(seen.length, 3);
});

test("a node that does not answer holds no snapshot up", async (t) => {
  const rig = new HttpRig(t);
  const { totals } = rig.node.server.cluster;
  const known: TotalsReceiver[] = [];
  Object.assign(totals, {
    ask: (_: unknown, receiver: TotalsReceiver) => known.push(receiver) > 0,
  });
  const [first, second] = await snapshots(await open(rig), 2);
  for (const data of [first, second]) {
    const { cluster, clusterAgeSeconds } = JSON.parse(data?.slice("data: ".length) ?? "");
    assert.deepEqual([cluster, clusterAgeSeconds], [null, null]);
  }
  assert.equal(known.length, 1, "nobody is asked again before he has answered");
});

test("there may be so many viewers, and all streams end with the server", async (t) => {
  const rig = new HttpRig(t);
  const streams = await Promise.all(Array.from({ length: 32 }, () => open(rig)));
  assert.equal((await rig.get("/api/live")).status, 503);
  rig.feed.close();
  await Promise.all(streams.map((stream) => snapshots(stream, 100)));
  assert.equal(rig.feed.viewerCount, 0);
  assert.equal((await rig.get("/api/live")).status, 503);
  await eventually(() => rig.node.server.cluster.totals.openCount === 0, { what: "quiet" });
});
