/** ADDJOB with copies, as its client and the holders see it: nodes that answer, are slow, gone, or full. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fabric } from "../support/fabric.ts";

/** Nodes other than 0 in the job's list, as node 0 has it. */
function holders(fabric: Fabric, id: string): number[] {
  return fabric
    .node(0)
    .listOf(id)
    .filter((number) => number !== 0);
}

describe("ADDJOB with REPLICATE", () => {
  test("is answered when that many nodes have the job, and never before", () => {
    const fabric = new Fabric(5);
    const added = fabric.node(0).add({ replicate: 3 });
    assert.equal(added.outcome, "waiting");
    assert.equal(fabric.node(0).roleOf(added.id), "own replicating");
    fabric.until(() => added.outcome === "added", 10);
    const [a, b] = holders(fabric, added.id).sort();
    assert.equal(fabric.whereabouts(added.id), `0 own queued, ${a} copy, ${b} copy`);
    fabric.run(1000);
    assert.deepEqual([fabric.count("store"), fabric.count("stored")], [2, 2]);
    assert.deepEqual([fabric.count("holders"), fabric.count("drop")], [0, 0]);
  });

  test("all holders know the same list, each led by the origin", () => {
    const fabric = new Fabric(5);
    const { id } = fabric.node(0).add({ replicate: 4 });
    fabric.run(50);
    const list = fabric.node(0).listOf(id);
    assert.equal(list.length, 4);
    for (const number of list) assert.deepEqual(fabric.node(number).listOf(id), list);
  });

  test("jobs of one turn travel in one message a peer, and are answered in one", () => {
    const fabric = new Fabric(3);
    const node = fabric.node(0);
    const asked = { replicate: 3, delaySeconds: 0, retrySeconds: 30, ttlSeconds: 60 };
    let answers = 0;
    for (let i = 0; i < 50; i++) {
      const receiver = { replication: -1, replicated: () => answers++, failed: assert.fail };
      const wait = { isAsync: false, deadlineMs: Number.POSITIVE_INFINITY, receiver };
      node.jobs.addJob(node.queue(), Buffer.from("x"), 0, 1, asked, wait);
    }
    node.turn();
    fabric.run(20);
    assert.equal(answers, 50);
    assert.deepEqual([fabric.count("store"), fabric.count("stored")], [2, 2]);
    assert.equal(node.jobs.newCopies.waiting, 0);
  });
});

describe("ADDJOB", () => {
  test("with ASYNC the job is queued at once, and the copies come after", () => {
    const fabric = new Fabric(3);
    const { id, outcome } = fabric.node(0).add({ replicate: 3, isAsync: true });
    assert.equal(outcome, "added");
    assert.equal(fabric.whereabouts(id), "0 own queued");
    fabric.run(20);
    assert.equal(fabric.whereabouts(id), "0 own queued, 1 copy, 2 copy");
  });

  test("a delay begins when the copies exist", () => {
    const fabric = new Fabric(3);
    const added = fabric.node(0).add({ replicate: 2, delay: 5 });
    const tookMs = fabric.until(() => added.outcome === "added", 20);
    assert.equal(fabric.node(0).roleOf(added.id), "own active");
    assert.equal(
      fabric.until(() => fabric.node(0).roleOf(added.id) === "own queued", 6000),
      5000,
    );
    assert.ok(tookMs > 0);
  });

  test("nothing is left to do when all is answered", () => {
    const fabric = new Fabric(3);
    fabric.node(0).add({ replicate: 3 });
    fabric.run(100);
    assert.equal(fabric.node(0).jobs.newCopies.nextWakeAtMs, Number.POSITIVE_INFINITY);
    assert.equal(fabric.node(1).jobs.heldCopies.nextWakeAtMs, Number.POSITIVE_INFINITY);
  });
});

describe("nodes that do not answer", () => {
  test("are replaced all at once after 50 ms, and have no copy in the end", () => {
    const fabric = new Fabric(5);
    const probe = fabric.node(0).add({ replicate: 3 });
    fabric.run(50);
    // The first two of some walk are silent; jobs with the same walk go elsewhere.
    const [a = 0, b = 0] = holders(fabric, probe.id);
    for (const number of [a, b]) fabric.silence(number, 0);
    const jobs = Array.from({ length: 5 }, () => fabric.node(0).add({ replicate: 3 }));
    fabric.until(() => jobs.every(({ outcome }) => outcome === "added"), 80);
    fabric.heal();
    fabric.run(100);
    for (const { id } of jobs) {
      assert.equal(fabric.whereabouts(id).split(", ").length, 3);
      for (const holder of holders(fabric, id)) assert.ok(holder !== a && holder !== b);
    }
  });

  test("come last for the next jobs, until they answer anything", () => {
    const fabric = new Fabric(4);
    fabric.silence(1, 0);
    const first = Array.from({ length: 10 }, () => fabric.node(0).add({ replicate: 3 }));
    fabric.until(() => first.every(({ outcome }) => outcome === "added"), 80);
    const next = fabric.node(0).add({ replicate: 3 });
    assert.equal(fabric.until(() => next.outcome === "added", 10) < 10, true);
    fabric.heal();
    fabric.run(50);
    const later = Array.from({ length: 20 }, () => fabric.node(0).add({ replicate: 3 }));
    fabric.run(20);
    assert.ok(later.some(({ id }) => holders(fabric, id).includes(1)));
  });

  test("are still good enough when there is nobody else", () => {
    const fabric = new Fabric(3);
    fabric.silence(1, 0);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(5000);
    assert.equal(added.outcome, "waiting");
    fabric.heal();
    fabric.until(() => added.outcome === "added", 10);
    assert.equal(fabric.whereabouts(added.id), "0 own queued, 1 copy, 2 copy");
  });

  test("are replaced for a job added with ASYNC, too", () => {
    const fabric = new Fabric(4);
    fabric.silence(1, 0);
    const jobs = Array.from({ length: 20 }, () =>
      fabric.node(0).add({ replicate: 3, isAsync: true }),
    );
    fabric.run(150);
    fabric.heal();
    fabric.run(100);
    for (const { id } of jobs) {
      assert.equal(fabric.whereabouts(id), "0 own queued, 2 copy, 3 copy");
    }
  });
});

describe("links that break", () => {
  test("a node whose link breaks is replaced at once", () => {
    const fabric = new Fabric(4);
    const added = fabric.node(0).add({ replicate: 2 });
    const [target = 0] = holders(fabric, added.id);
    fabric.cut(0, target);
    fabric.until(() => added.outcome === "added", 10);
    fabric.join(0, target);
    fabric.run(100);
    assert.equal(fabric.whereabouts(added.id).split(", ").length, 2);
    assert.ok(!fabric.whereabouts(added.id).includes(`${target} copy`));
  });

  test("a pending ADDJOB is completed by a node that comes back", () => {
    const fabric = new Fabric(3);
    fabric.cut(0, 1);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(3000);
    assert.equal(added.outcome, "waiting");
    fabric.join(0, 1);
    fabric.until(() => added.outcome === "added", 10);
    assert.equal(fabric.whereabouts(added.id), "0 own queued, 1 copy, 2 copy");
  });

  test("requests that were lost with a link are sent again over the next one", () => {
    const fabric = new Fabric(3);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.cut(0, 1);
    fabric.join(0, 1);
    fabric.until(() => added.outcome === "added", 10);
    assert.equal(fabric.whereabouts(added.id), "0 own queued, 1 copy, 2 copy");
  });

  test("a restarted node counts as one that was never asked", () => {
    const fabric = new Fabric(3, { delayMsMax: 1 });
    fabric.silence(2, 0);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(10);
    // Node 1 has confirmed and forgets.
    fabric.restart(1);
    fabric.heal();
    fabric.until(() => added.outcome === "added", 20);
    assert.equal(fabric.whereabouts(added.id), "0 own queued, 1 copy, 2 copy");
  });

  test("a removed member is replaced", () => {
    const fabric = new Fabric(4);
    const added = fabric.node(0).add({ replicate: 3 });
    const [target = 0] = holders(fabric, added.id);
    fabric.forget(target);
    fabric.until(() => added.outcome === "added", 10);
    assert.equal(fabric.run(50).node(0).listOf(added.id).length, 3);
  });
});

describe("an ADDJOB that fails", () => {
  test("is told when its time is over, and no copy survives", () => {
    const fabric = new Fabric(3);
    fabric.cut(0, 1);
    const added = fabric.node(0).add({ replicate: 3, timeoutMs: 300 });
    assert.equal(
      fabric.until(() => added.outcome !== "waiting", 1000),
      300,
    );
    assert.equal(added.outcome, "timeout");
    fabric.run(100);
    fabric.join(0, 1);
    fabric.run(5000);
    assert.equal(fabric.records, 0);
  });

  test("of which the client is gone leaves nothing behind, and tells nobody", () => {
    const fabric = new Fabric(3);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.node(0).jobs.cancelAdd(added.receiver);
    fabric.node(0).turn();
    fabric.run(5000);
    assert.equal(added.outcome, "waiting");
    assert.equal(fabric.records, 0);
    assert.equal(fabric.node(0).jobs.newCopies.waiting, 0);
  });
});

describe("an ADDJOB whose job comes to an end", () => {
  test("by DELJOB is told so, and no copy survives", () => {
    const fabric = new Fabric(3);
    const added = fabric.node(0).add({ replicate: 3 });
    const node = fabric.node(0);
    node.jobs.delete(node.find(added.id));
    node.turn();
    assert.equal(added.outcome, "gone");
    fabric.run(5000);
    assert.equal(fabric.records, 0);
  });

  test("by its expiry is told so", () => {
    const fabric = new Fabric(3);
    fabric.cut(0, 1);
    const added = fabric.node(0).add({ replicate: 3, ttl: 2, retry: 1 });
    fabric.run(3000);
    assert.equal(added.outcome, "gone");
    assert.equal(fabric.records, 0);
  });

  test("because everything was flushed is told so, and later answers do no harm", () => {
    const fabric = new Fabric(3);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.node(0).jobs.flush();
    fabric.node(0).turn();
    assert.equal(added.outcome, "gone");
    fabric.run(5000);
    assert.equal(fabric.whereabouts(added.id), "");
  });

  test("by a holder that takes it over fails, and no copy survives", () => {
    const fabric = new Fabric(3);
    fabric.silence(2, 0);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(20);
    fabric.node(1).setLive(0, false);
    fabric.until(() => added.outcome !== "waiting", 1000);
    assert.equal(added.outcome, "gone");
    fabric.heal();
    fabric.run(5000);
    assert.equal(fabric.records, 0);
  });

  test("by an acknowledgement succeeds", () => {
    const fabric = new Fabric(3);
    fabric.silence(1, 0);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(20);
    fabric.node(2).ack(added.id);
    fabric.until(() => added.outcome === "added", 10);
    fabric.heal();
    fabric.run(5000);
    assert.equal(fabric.records, 0);
  });
});

test("a copy that is made after its node was flushed is in the list (cluster seed 3019)", () => {
  const fabric = new Fabric(2);
  fabric.silence(0, 1);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.node(1).jobs.flush();
  fabric.node(1).turn();
  fabric.run(20);
  fabric.endSilence(0, 1);
  fabric.run(20);
  assert.deepEqual(fabric.node(0).listOf(id), [0, 1]);
  fabric.node(0).ack(id);
  fabric.run(2000);
  assert.equal(fabric.records, 0, fabric.whereabouts(id));
});
