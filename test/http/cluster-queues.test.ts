/** Queues of all nodes: joined by name over portions, shared by who looks at once, honest about who is silent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeTotals } from "../../src/cluster/totals.ts";
import { queueFigures } from "../../src/cluster/totals-figures.ts";
import type { TotalsQuestion } from "../../src/cluster/totals-own.ts";
import { ClusterQueues } from "../../src/http/cluster-queues.ts";
import { HttpRig } from "./http-rig.ts";

const LENGTH = queueFigures.findIndex(({ name }) => name === "len");

/** Nodes whose queues have numbers, some of them unused, and one job each. */
class FakeNodes {
  nowMs = 1000;
  questions = 0;
  silent = "";
  /** This node has no link while the question with this number is asked. */
  away: readonly [nodeId: string, question: number] = ["", 0];
  readonly queues: Readonly<Record<string, readonly (string | undefined)[]>>;

  constructor(queues: Readonly<Record<string, readonly (string | undefined)[]>>) {
    this.queues = queues;
  }

  readonly ask = async ({ scanFrom, scanCount }: TotalsQuestion): Promise<NodeTotals[]> => {
    this.questions++;
    this.nowMs += 10;
    return Object.entries(this.queues).map(([nodeId, names]) => {
      const node = { nodeId, ageMs: 5, heardMsAgo: 0 };
      if (nodeId === this.silent) return { ...node, answer: "silent", reading: undefined };
      if (nodeId === this.away[0] && this.questions === this.away[1]) {
        return { ...node, answer: "not connected", reading: undefined };
      }
      const told = names.map((name, number) => ({ name, number })).slice(scanFrom);
      const found = told.filter(({ name }) => name !== undefined).slice(0, scanCount);
      const last = found.at(-1)?.number ?? names.length;
      const queues = found.map(({ name = "" }) => ({ queue: Buffer.from(name), figures: one }));
      const scanNext = last + 1 < names.length ? last + 1 : 0;
      return { ...node, answer: "answered", reading: { figures: [], queues, scanNext } };
    });
  };
}

const one = queueFigures.map(({ name }) => (name === "len" ? 1 : 0));

function reader(nodes: FakeNodes): ClusterQueues {
  return new ClusterQueues(nodes, nodes.ask, { next: async () => {} });
}

const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `q${from + i}`);

test("every queue of every node counts once, whatever numbers they have", async () => {
  const holes = Array.from({ length: 700 }, () => undefined);
  const nodes = new FakeNodes({ a: names(0, 900), b: [...holes, ...names(300, 1000)], c: [] });
  const { queues, isPartial } = await reader(nodes).take();
  assert.equal(queues.length, 1000);
  assert.equal(isPartial, false);
  const jobs = queues.reduce((sum, { figures }) => sum + (figures[LENGTH] ?? 0), 0);
  assert.equal(jobs, 900 + 700);
});

test("who looks meanwhile or soon after gets the same, as old as it is", async () => {
  const nodes = new FakeNodes({ a: names(0, 600) });
  const queues = reader(nodes);
  const [first, second] = await Promise.all([queues.take(), queues.take()]);
  assert.equal(nodes.questions, 3);
  assert.equal(first?.queues, second?.queues);
  assert.equal(first?.nodes[0]?.ageMs, 25, "of the first portion");
  nodes.nowMs += 1500;
  assert.equal((await queues.take()).nodes[0]?.ageMs, 1525);
  nodes.nowMs += 500;
  await queues.take();
  assert.equal(nodes.questions, 6);
});

test("a silent node is asked once, and what is missing is said", async () => {
  const nodes = new FakeNodes({ a: names(0, 600), b: names(0, 600) });
  nodes.silent = "b";
  const { queues, isPartial, nodes: answers } = await reader(nodes).take();
  assert.deepEqual([queues.length, isPartial, nodes.questions], [250, true, 1]);
  assert.equal(answers[1]?.answer, "silent");
});

for (const question of [1, 2, 3]) {
  test(`a node that is away in portion ${question} of three is missing, and the rest partial`, async () => {
    const nodes = new FakeNodes({ a: names(0, 600), b: names(600, 1200) });
    nodes.away = ["b", question];
    const { isPartial, nodes: answers } = await reader(nodes).take();
    assert.equal(nodes.questions, 3);
    const told = answers.map(({ answer, reading }) => [answer, reading === undefined]);
    assert.deepEqual(told, [
      ["answered", false],
      ["not connected", true],
    ]);
    assert.equal(isPartial, true);
  });
}

test("the longest queue of all nodes is found among many", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  await client.send(...names(0, 800).map((name) => ["ADDJOB", name, "x", "0"]));
  await client.send(["ADDJOB", "q799", "x", "0"]);
  const { json } = await rig.get("/api/queues?scope=cluster&order=length&count=2");
  const { queues, found, jobCount, isPartial } = json as Record<string, unknown>;
  assert.deepEqual(
    (queues as { name: string }[]).map(({ name }) => name),
    ["q799", "q0"],
  );
  assert.deepEqual([found, jobCount, isPartial], [800, 801, false]);
});
