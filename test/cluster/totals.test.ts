/** Totals: everybody is asked, everybody is named, and nothing is waited for longer than a second. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerLink } from "../../src/cluster/members/links.ts";
import type { Message, TotalsMessage } from "../../src/cluster/messages.ts";
import {
  type AskedMember,
  type NodeTotals,
  TOTALS_WAIT_MS,
  Totals,
} from "../../src/cluster/totals.ts";
import { joinQueues, missingCount, sumOfNodes } from "../../src/cluster/totals-sum.ts";
import { FakeServer } from "../support/fake-server.ts";

const NOTHING = { queues: [], scanFrom: 0, scanCount: 0 };

/** A node of a made-up cluster: what it says goes nowhere but into `sent`. */
class Asker {
  readonly server = new FakeServer();
  readonly members: (AskedMember & { link: PeerLink | undefined })[] = [];
  readonly sent: [to: string, message: TotalsMessage][] = [];
  readonly known: (readonly NodeTotals[])[] = [];
  readonly totals: Totals;

  constructor(linked: readonly string[], unlinked: readonly string[] = []) {
    const { broker, cluster } = this.server.state;
    for (const id of linked) this.members.push({ id, link: linkTo(id), heardAtMs: 0 });
    for (const id of unlinked) this.members.push({ id, link: undefined, heardAtMs: 0 });
    this.totals = new Totals({
      host: this.server.host,
      broker,
      jobs: cluster.jobs,
      membership: { nodeId: "own", members: () => this.members },
      links: {
        send: (link, message: Message) => this.sent.push([link.remoteId, message as TotalsMessage]),
      },
    });
  }

  ask(question = NOTHING): boolean {
    return this.totals.ask(question, { totalsKnown: (nodes) => this.known.push(nodes) });
  }

  /** Member `at` answers the question with this number. */
  answer(at: number, question: number, figures: number[] = [], queues: [string, number][] = []) {
    const rows = queues.map(([name, length]) => ({ queue: Buffer.from(name), figures: [length] }));
    const message = { type: "answer", question, figures, queues: rows, scanNext: 0 } as const;
    this.totals.received(this.members[at] as AskedMember, message);
  }

  pass(ms: number): void {
    this.server.host.nowMs += ms;
    this.totals.tick();
  }
}

function linkTo(remoteId: string): PeerLink {
  return { remoteId, incarnation: 1, remoteIp: "", dialled: undefined };
}

function answersOf(nodes: readonly NodeTotals[] | undefined): string[] {
  return nodes?.map(({ nodeId, answer }) => `${nodeId} ${answer}`) ?? [];
}

test("a lone node answers itself at the end of the turn", () => {
  const asker = new Asker([]);
  asker.server.connect().send("ADDJOB", "q", "x", "0");
  asker.ask({
    queues: [Buffer.from("q"), Buffer.from("none")],
    scanFrom: 0,
    scanCount: 0,
  } as never);
  assert.equal(asker.known.length, 0, "not from inside the call");
  assert.equal(asker.totals.nextWakeAtMs, asker.server.host.nowMs);
  asker.totals.tick();
  assert.deepEqual(answersOf(asker.known[0]), ["own answered"]);
  const queues = joinQueues(asker.known[0] ?? []);
  assert.deepEqual(
    queues.map(({ queue, figures }) => [queue.toString(), figures[0]]),
    [["q", 1]],
  );
  assert.equal(asker.totals.nextWakeAtMs, Number.POSITIVE_INFINITY);
});

test("figures of all who answered are summed, and their age is told", () => {
  const asker = new Asker(["a", "b"]);
  asker.ask();
  asker.answer(0, 1, [5, 3], [["q", 2]]);
  asker.pass(40);
  assert.equal(asker.known.length, 0, "b may still answer");
  asker.answer(
    1,
    1,
    [7],
    [
      ["q", 4],
      ["r", 1],
    ],
  );
  asker.totals.tick();
  const nodes = asker.known[0] ?? [];
  assert.deepEqual(
    nodes.map(({ ageMs }) => ageMs),
    [0, 40, 40],
  );
  assert.deepEqual(sumOfNodes(nodes).slice(0, 2), [12, 3], "an older node knows fewer figures");
  assert.deepEqual(
    joinQueues(nodes).map(({ queue, figures }) => `${queue} ${figures[0]}`),
    ["q 6", "r 1"],
  );
});

test("who does not answer within a second, or is not connected, is named", () => {
  const asker = new Asker(["quick", "slow"], ["away"]);
  asker.ask();
  asker.answer(0, 1);
  asker.pass(TOTALS_WAIT_MS - 1);
  assert.equal(asker.known.length, 0);
  assert.equal(asker.totals.nextWakeAtMs, asker.server.host.nowMs + 1);
  asker.pass(1);
  const nodes = asker.known[0] ?? [];
  assert.deepEqual(answersOf(nodes), [
    "own answered",
    "quick answered",
    "slow silent",
    "away not connected",
  ]);
  assert.equal(missingCount(nodes), 2);
  assert.equal(nodes[2]?.ageMs, Number.POSITIVE_INFINITY);
  asker.answer(1, 1, [99]);
  asker.pass(5000);
  assert.equal(asker.known.length, 1, "a late answer is dropped");
});

test("a link that breaks ends the wait for that node", () => {
  const asker = new Asker(["a"]);
  asker.ask();
  const [member] = asker.members;
  if (member !== undefined) member.link = linkTo("a");
  asker.totals.tick();
  assert.deepEqual(answersOf(asker.known[0]), ["own answered", "a not connected"]);
});

test("answers nobody asked for, to other questions or given twice, change nothing", () => {
  const asker = new Asker(["a"]);
  asker.answer(0, 1, [9]);
  asker.ask();
  asker.answer(0, 77, [9]);
  asker.answer(0, 1, [1]);
  asker.answer(0, 1, [9]);
  asker.totals.tick();
  assert.equal(sumOfNodes(asker.known[0] ?? [])[0], 1);
});

test("a question is answered with what is asked, in pages", () => {
  const asker = new Asker(["a"]);
  const client = asker.server.connect();
  for (let i = 0; i < 5; i++) client.send("ADDJOB", `q${i}`, "x", "0");
  const question = { type: "question", question: 8, queues: [], scanCount: 3 } as const;
  const [member] = asker.members as [AskedMember];
  const names: string[] = [];
  for (let scanFrom = 0, pages = 0; pages === 0 || scanFrom > 0; pages++) {
    asker.totals.received(member, { ...question, scanFrom });
    const [to, answer] = asker.sent.at(-1) as [string, TotalsMessage & { type: "answer" }];
    assert.equal(`${to} ${answer.question}`, "a 8");
    names.push(...answer.queues.map(({ queue }) => queue.toString()));
    scanFrom = answer.scanNext;
  }
  assert.deepEqual(names, ["q0", "q1", "q2", "q3", "q4"]);
});

test("so many questions may be open, and one that was cancelled is nobody's", () => {
  const asker = new Asker(["a"]);
  let open = 0;
  while (asker.ask()) open++;
  assert.equal(open, 64);
  assert.equal(asker.totals.openCount, 64);
  asker.pass(TOTALS_WAIT_MS);
  assert.equal(asker.totals.openCount, 0);
  const receiver = { totalsKnown: () => assert.fail("cancelled") };
  asker.totals.ask(NOTHING, receiver);
  asker.totals.cancel(receiver);
  asker.pass(TOTALS_WAIT_MS);
});
