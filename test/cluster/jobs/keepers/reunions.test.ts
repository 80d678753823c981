/** Nodes that do not know of each other what they have: one forgot the other, or its log has lost its end. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { STRANGERS_MAX } from "../../../../src/cluster/job-messages.ts";
import { Fabric } from "../support/fabric.ts";

/** What is said is repaired and trimmed in this time. */
const SETTLED_MS = 5000;

function separate(fabric: Fabric, a = 0, b = 1): void {
  fabric.node(a).removed(b);
  fabric.node(b).removed(a);
  fabric.run(50);
}

function reunite(fabric: Fabric, a = 0, b = 1): void {
  fabric.node(a).introduced(b);
  fabric.node(b).introduced(a);
}

/** Its keeper and its other holder are keepers both, each with a copy elsewhere, and nobody is linked with both. */
function twoKeepers(hasLogs = false): { fabric: Fabric; id: string; other: number } {
  const fabric = new Fabric(5, { hasLogs });
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const other = fabric.node(0).listOf(id)[1] as number;
  const [left, ...right] = [1, 2, 3, 4].filter((number) => number !== other);
  fabric.split([0], right);
  fabric.cut(other, left as number);
  separate(fabric, 0, other);
  for (const number of [0, other]) assert.equal(fabric.node(number).roleOf(id), "own queued");
  return { fabric, id, other };
}

function keepersOf(fabric: Fabric, id: string): number {
  return fabric.nodes.filter((node) => node.roleOf(id).startsWith("own")).length;
}

describe("a job of which both became the keeper", () => {
  test("has one keeper when they have met again, and no copy too many in the end", () => {
    const { fabric, id, other } = twoKeepers();
    reunite(fabric, 0, other);
    fabric.run(50);
    fabric.heal();
    fabric.run(SETTLED_MS);
    const roles = fabric.nodes.map((node) => node.roleOf(id)).filter((role) => role !== "");
    assert.deepEqual(roles.sort(), ["copy", "own queued"]);
  });

  test("has one keeper, too, when what they said to each other got lost on its way", () => {
    const { fabric, id, other } = twoKeepers();
    const ways = [[0, other] as const, [other, 0] as const];
    for (const [from, to] of ways) fabric.silence(from, to);
    reunite(fabric, 0, other);
    fabric.run(100);
    for (const [from, to] of ways) fabric.breakStream(from, to);
    for (const [from, to] of ways) fabric.endSilence(from, to);
    fabric.run(SETTLED_MS);
    assert.equal(keepersOf(fabric, id), 1);
  });

  test("waits while the other one does not get rid of what it was sent", () => {
    const { fabric, id, other } = twoKeepers();
    fabric.congested.add(`0>${other}`).add(`${other}>0`);
    reunite(fabric, 0, other);
    fabric.run(1000);
    for (const number of [0, other]) assert.equal(fabric.node(number).roleOf(id), "own queued");
    fabric.congested.clear();
    fabric.run(SETTLED_MS);
    assert.equal(keepersOf(fabric, id), 1);
  });

  test("is over for both when it was acknowledged at one after they have met", () => {
    const { fabric, id, other } = twoKeepers();
    reunite(fabric, 0, other);
    fabric.run(50);
    fabric.node(0).ack(id);
    fabric.heal();
    fabric.run(SETTLED_MS);
    assert.equal(fabric.whereabouts(id), "");
  });

  test("goes back to its lender, whose client's node has forgotten it, or stays with that", () => {
    const fabric = new Fabric(2);
    fabric.node(1).take();
    fabric.run(50);
    const { id } = fabric.node(0).add({ replicate: 1, retry: 600 });
    fabric.run(50);
    assert.deepEqual(fabric.node(1).delivered, [id]);
    separate(fabric);
    reunite(fabric);
    fabric.run(SETTLED_MS);
    const roles = [0, 1].map((number) => fabric.node(number).roleOf(id));
    assert.equal(roles.filter((role) => role.startsWith("own")).length, 1);
    assert.equal(roles.filter((role) => role === "").length, 1);
  });
});

test("two keepers that have both started again before they meet become one (cluster seed 936397)", () => {
  const { fabric, id, other } = twoKeepers(true);
  for (const number of [0, other, 0, other]) fabric.restart(number, true);
  fabric.run(SETTLED_MS);
  assert.equal(keepersOf(fabric, id), 2);
  reunite(fabric, 0, other);
  fabric.run(SETTLED_MS);
  assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
});

test("a node that was never a member before is told of no job", () => {
  const fabric = new Fabric(2);
  separate(fabric);
  fabric.restart(0);
  fabric.node(0).add({ replicate: 1 });
  fabric.sent.length = 0;
  reunite(fabric);
  fabric.run(SETTLED_MS);
  assert.equal(fabric.count("taken"), 0);
});

describe("a node whose log has lost its end", () => {
  /** Its job is in the hands of a client of the other node, which has become the keeper meanwhile. */
  function returned(): { fabric: Fabric; id: string } {
    const fabric = new Fabric(2, { hasLogs: true });
    fabric.node(1).take();
    fabric.run(50);
    const { id } = fabric.node(0).add({ replicate: 1, retry: 600 });
    fabric.run(50);
    fabric.crash(0);
    fabric.setLive(0, false);
    fabric.run(50);
    assert.equal(fabric.node(1).roleOf(id), "own active");
    fabric.restart(0, true, true);
    fabric.run(SETTLED_MS);
    return { fabric, id };
  }

  test("finds out who keeps its job by now, though neither has the other in its list", () => {
    const { fabric, id } = returned();
    assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
  });

  test("is told of the acknowledgement", () => {
    const { fabric, id } = returned();
    assert.ok(fabric.node(1).ack(id));
    fabric.run(SETTLED_MS);
    assert.equal(fabric.whereabouts(id), "");
  });

  test("says nothing of its jobs when nothing was lost", () => {
    const fabric = new Fabric(2, { hasLogs: true });
    fabric.node(0).add({ replicate: 1 });
    fabric.restart(0, true);
    fabric.run(SETTLED_MS);
    assert.equal(fabric.count("taken"), 0);
  });
});

describe("a node whose log has lost its end, and another one that has joined since,", () => {
  /** Neither knows the other, and both keep the job. */
  function strangers(): { fabric: Fabric; id: string } {
    const fabric = new Fabric(2, { hasLogs: true });
    fabric.node(1).take();
    fabric.run(50);
    const { id } = fabric.node(0).add({ replicate: 1, retry: 600 });
    fabric.run(50);
    separate(fabric);
    fabric.restart(1, true);
    fabric.restart(0, true, true);
    assert.equal(keepersOf(fabric, id), 2);
    return { fabric, id };
  }

  test("find out that they have the same job", () => {
    const { fabric, id } = strangers();
    reunite(fabric);
    fabric.run(SETTLED_MS);
    assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
  });

  test("have no copy of what either acknowledges before it was told so", () => {
    for (const number of [0, 1]) {
      const { fabric, id } = strangers();
      fabric.congested.add("0>1");
      reunite(fabric);
      fabric.run(50);
      fabric.node(number).ack(id);
      fabric.run(50);
      fabric.congested.clear();
      fabric.run(SETTLED_MS);
      assert.equal(fabric.whereabouts(id), "");
    }
  });

  test("do not say it all again when they are linked again", () => {
    const { fabric } = strangers();
    reunite(fabric);
    fabric.run(SETTLED_MS);
    fabric.sent.length = 0;
    fabric.cut(0, 1);
    fabric.join(0, 1);
    fabric.run(SETTLED_MS);
    assert.equal(fabric.count("telling"), 0);
  });
});

describe("a node that gives a job away, and is forgotten by another keeper of it,", () => {
  /** The first one is to give it away; a client of the second one has it. */
  function separated(): { fabric: Fabric; id: string } {
    const fabric = new Fabric(3);
    fabric.node(1).take();
    fabric.run(50);
    const { id } = fabric.node(0).add({ replicate: 1, retry: 600 });
    fabric.run(50);
    separate(fabric);
    for (const number of [0, 1]) assert.equal(fabric.node(number).roleOf(id), "own active");
    return { fabric, id };
  }

  test("names that one, so that who is given the job finds out", () => {
    const { fabric, id } = separated();
    fabric.node(0).setLeaving(true);
    fabric.run(SETTLED_MS);
    assert.equal(fabric.node(0).roleOf(id), "");
    assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
  });

  test("names it, too, while it is away", () => {
    const { fabric, id } = separated();
    fabric.split([1], [0, 2]);
    fabric.node(0).setLeaving(true);
    fabric.run(SETTLED_MS);
    assert.equal(keepersOf(fabric, id), 2, fabric.whereabouts(id));
    fabric.heal();
    fabric.run(SETTLED_MS);
    assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
  });

  test("names it, so that an acknowledgement there is one for all", () => {
    const { fabric, id } = separated();
    fabric.node(0).setLeaving(true);
    fabric.run(SETTLED_MS);
    assert.ok(fabric.node(1).ack(id));
    fabric.run(SETTLED_MS);
    assert.equal(fabric.whereabouts(id), "");
  });
});

test("a node that gives a job away names one, too, that has not said yet what it has (cluster seed 870061)", () => {
  const fabric = new Fabric(3, { hasLogs: true });
  fabric.node(1).take();
  fabric.run(50);
  const { id } = fabric.node(0).add({ replicate: 1, retry: 600 });
  fabric.run(50);
  fabric.crash(0);
  fabric.setLive(0, false);
  fabric.run(50);
  assert.equal(fabric.node(1).roleOf(id), "own active");
  fabric.cut(0, 1);
  fabric.restart(0, true, true);
  fabric.run(50);
  fabric.node(1).setLeaving(true);
  fabric.run(SETTLED_MS);
  assert.equal(fabric.node(1).roleOf(id), "");
  assert.equal(keepersOf(fabric, id), 1, fabric.whereabouts(id));
});

test("a stranger that is named often is told once", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 1 });
  const ids = Array.from({ length: STRANGERS_MAX }, (_, at) => fabric.node(1 + (at % 2)).id);
  Object.defineProperty(fabric.node(0).jobs, "strangers", { value: ids });
  const shown: number[] = [];
  for (const { jobs, number } of fabric.nodes) {
    const showTo = jobs.showTo.bind(jobs);
    jobs.showTo = (job, node) => {
      shown.push(number);
      showTo(job, node);
    };
  }
  fabric.node(0).setLeaving(true);
  fabric.run(SETTLED_MS);
  assert.equal(fabric.node(0).roleOf(id), "");
  assert.equal(shown.length, 1);
});
