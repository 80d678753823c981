/** Lists of queues in an order: what comes first, what is left out, pages, and who shares a walk. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpRig } from "./http-rig.ts";

interface Listed {
  readonly queues: readonly { readonly name: string; readonly inRate: number | null }[];
  readonly next: number | null;
  readonly found: number;
  readonly queueCount: number;
  readonly jobCount: number;
}

async function listed(rig: HttpRig, query: string): Promise<Listed> {
  const { status, json, text } = await rig.get(`/api/queues?${query}`);
  assert.equal(status, 200, text);
  return json as Listed;
}

async function names(rig: HttpRig, query: string): Promise<string> {
  return (await listed(rig, query)).queues.map(({ name }) => name).join(" ");
}

async function someQueues(rig: HttpRig): Promise<void> {
  const client = rig.client();
  await client.send(["ADDJOB", "video", "x", "0"], ["GETJOB", "FROM", "video"]);
  await client.send(["PAUSE", "video", "out"]);
  await rig.wired.advance(1000);
  for (let i = 0; i < 3; i++) await client.send(["ADDJOB", "Mailbox", "x", "0"]);
  await rig.wired.advance(1000);
  await client.send(["ADDJOB", "mail", "x", "0"], ["ADDJOB", "audio", "x", "0"]);
  await rig.client().send(["GETJOB", "FROM", "none"]);
}

test("queues come in the order that is asked for, equal ones by name", async (t) => {
  const rig = new HttpRig(t);
  await someQueues(rig);
  for (const scope of ["node", "cluster"]) {
    const by = (query: string): Promise<string> => names(rig, `${query}&scope=${scope}`);
    assert.equal(await by("order=length"), "Mailbox audio mail none video");
    assert.equal(await by("order=length&direction=ascending"), "none video audio mail Mailbox");
    assert.equal(await by("order=name&direction=ascending"), "Mailbox audio mail none video");
    assert.equal(await by("order=name"), "video none mail audio Mailbox");
    assert.equal(await by("order=oldest&count=1"), "Mailbox");
    assert.equal(await by("order=waiters&count=1"), "none");
    assert.equal(await by("order=idle&count=1"), "video");
    assert.equal(await by("order=pause&count=2"), "video Mailbox");
  }
});

test("only those that fit are found, and all are counted", async (t) => {
  const rig = new HttpRig(t);
  await someQueues(rig);
  for (const scope of ["node", "cluster"]) {
    const by = (query: string): Promise<string> =>
      names(rig, `order=length&scope=${scope}&${query}`);
    assert.equal(await by("contains=MAIL"), "Mailbox mail");
    assert.equal(await by("only=waiting"), "Mailbox audio mail");
    assert.equal(await by("only=paused"), "video");
    assert.equal(await by("only=starving&contains=a&cursor=1"), "audio mail");
    const { found, queueCount, jobCount, next } = await listed(
      rig,
      `order=length&contains=mail&count=1&scope=${scope}`,
    );
    assert.deepEqual(
      { found, queueCount, jobCount, next },
      { found: 2, queueCount: 5, jobCount: 5, next: 1 },
    );
  }
});

test("pages in an order meet every queue, with names that are no text", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  const names = Array.from({ length: 1200 }, (_, i) => Buffer.from([i >> 8, i & 255, 255]));
  await client.send(...names.map((name) => ["ADDJOB", name, "x", "0"]));
  const seen = new Set<string>();
  let next: number | null = 0;
  while (next !== null) {
    const page: Listed = await listed(rig, `order=length&count=250&cursor=${next}`);
    for (const queue of page.queues) seen.add(JSON.stringify(queue));
    next = page.next;
  }
  assert.equal(seen.size, 1200);
  assert.equal((await listed(rig, "order=length&contains=%01%02%FF")).found, 1);
});

test("a page of many queues is the same for all for a second, without those that do not fit any more", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  const adds = Array.from({ length: 600 }, (_, i) => ["ADDJOB", `q${i}`, "x", "0"]);
  await client.send(...adds);
  const query = "order=length&only=waiting&count=2";
  const wish = {
    order: "length",
    isDescending: true,
    only: "waiting",
    contains: undefined,
  } as const;
  const page = { ...wish, offset: 0, count: 2 };
  assert.equal(rig.node.ranking.take(page), rig.node.ranking.take(page));
  assert.equal(await names(rig, query), "q0 q1");
  await client.send(["ADDJOB", "q500", "x", "0"], ["GETJOB", "FROM", "q1"]);
  assert.equal(await names(rig, query), "q0");
  await rig.wired.advance(1000);
  assert.equal(await names(rig, query), "q500 q0");
});

test("rates decide where the node knows them, and are refused for all nodes", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  await client.send(["ADDJOB", "slow", "x", "0"], ["ADDJOB", "fast", "x", "0"]);
  assert.equal((await listed(rig, "order=in")).queues[0]?.inRate, null);
  await rig.wired.advance(2000);
  for (let i = 0; i < 4; i++) await client.send(["ADDJOB", "fast", "x", "0"]);
  const { queues } = await listed(rig, "order=in");
  assert.deepEqual(
    queues.map(({ name, inRate }) => [name, inRate]),
    [
      ["fast", 2],
      ["slow", 0],
    ],
  );
  assert.equal((await rig.get("/api/queues?order=out&scope=cluster")).status, 400);
});
