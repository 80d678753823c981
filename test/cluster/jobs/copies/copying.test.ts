/** Copies of jobs that nobody waits for, copies too many, and jobs added at a node that leaves. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fc } from "../../../support/fast-check.ts";
import { Fabric } from "../support/fabric.ts";
import type { Added } from "../support/fabric-add.ts";
import type { FabricNode } from "../support/fabric-node.ts";

/** Starts copies of a job of node 0 as the sweep would. */
function makeCopies(fabric: Fabric, id: string, count: number): number {
  const node = fabric.node(0);
  const begun = node.jobs.makeCopies(node.find(id), count);
  node.turn();
  return begun;
}

/** How many nodes have the job as its keeper or as a copy. */
function copies(fabric: Fabric, id: string): number {
  return fabric
    .whereabouts(id)
    .split(", ")
    .filter((place) => place !== "").length;
}

describe("further copies of a job", () => {
  test("are in the list of all before they exist", () => {
    const fabric = new Fabric(5);
    const { id } = fabric.node(0).add({ replicate: 2 });
    fabric.run(20);
    const [, holder = 0] = fabric.node(0).listOf(id);
    assert.equal(makeCopies(fabric, id, 2), 2);
    assert.equal(fabric.node(0).listOf(id).length, 4);
    fabric.run(20);
    assert.equal(copies(fabric, id), 4);
    assert.deepEqual(fabric.node(holder).listOf(id), fabric.node(0).listOf(id));
  });

  test("are not made where there are no nodes for them", () => {
    const fabric = new Fabric(3);
    const { id } = fabric.node(0).add({ replicate: 3 });
    fabric.run(20);
    assert.equal(makeCopies(fabric, id, 2), 0);
    assert.equal(fabric.node(0).jobs.newCopies.nextWakeAtMs, Number.POSITIVE_INFINITY);
  });

  test("are made elsewhere when nodes refuse or do not answer", () => {
    const fabric = new Fabric(5);
    for (const number of [1, 2]) fabric.node(number).broker.memory.maxBytes = 1;
    fabric.split([0], [1, 2, 3, 4]);
    const { id } = fabric.node(0).add({ replicate: 2, isAsync: true });
    fabric.run(100);
    assert.equal(fabric.whereabouts(id), "0 own queued");
    fabric.heal();
    fabric.silence(3, 0);
    fabric.run(400);
    assert.equal(fabric.node(4).roleOf(id), "copy");
    fabric.heal();
    fabric.run(400);
    assert.deepEqual(fabric.node(0).listOf(id), [0, 4]);
    assert.equal(fabric.whereabouts(id), "0 own queued, 4 copy");
  });
});

describe("WORKING for a job that waits for its copies", () => {
  /** A job of node 0 with a copy on node 1; nothing that node 2 says arrives at node 0. */
  function workingTooEarly(fabric: Fabric): Added {
    fabric.silence(2, 0);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(20);
    fabric.node(0).jobs.postpone(fabric.node(0).find(added.id));
    assert.equal(fabric.node(0).roleOf(added.id), "own replicating");
    return added;
  }

  test("changes nothing, and it is queued as soon as it has them", () => {
    const fabric = new Fabric(3);
    const added = workingTooEarly(fabric);
    fabric.heal();
    fabric.run(20);
    assert.equal(added.outcome, "added");
    assert.equal(fabric.node(0).roleOf(added.id), "own queued");
  });

  test("does not hide its end from the client that has added it", () => {
    const fabric = new Fabric(3);
    const added = workingTooEarly(fabric);
    fabric.node(1).ack(added.id);
    fabric.run(20);
    assert.equal(added.outcome, "added");
    fabric.heal();
    fabric.run(20);
    assert.equal(fabric.whereabouts(added.id), "");
  });

  test("does not keep copies of a deleted job alive", () => {
    const fabric = new Fabric(3);
    const added = workingTooEarly(fabric);
    fabric.node(0).jobs.delete(fabric.node(0).find(added.id));
    fabric.node(0).turn();
    fabric.heal();
    fabric.run(100);
    assert.equal(added.outcome, "gone");
    assert.equal(fabric.whereabouts(added.id), "");
  });
});

describe("copies too many", () => {
  test("are dropped again, and stay in the list until that is confirmed", () => {
    const fabric = new Fabric(4);
    const { id } = fabric.node(0).add({ retry: 0 });
    makeCopies(fabric, id, 2);
    fabric.run(20);
    const node = fabric.node(0);
    const [, , last = 0] = node.listOf(id);
    node.jobs.dropCopies(node.find(id), [node.indexOf(last)], true);
    node.turn();
    assert.equal(node.listOf(id).length, 3);
    fabric.run(20);
    assert.equal(node.listOf(id).length, 2);
    assert.equal(fabric.node(last).roleOf(id), "");
  });

  test("are not asked for again of a job that is over meanwhile", () => {
    const fabric = new Fabric(4);
    const { id } = fabric.node(0).add({ retry: 0 });
    fabric.silence(1, 0);
    makeCopies(fabric, id, 2);
    fabric.run(10);
    fabric.node(0).ack(id);
    fabric.heal();
    fabric.run(5000);
    assert.equal(fabric.records, 0);
  });
});

describe("a node that refuses", () => {
  test("is replaced at once, and is in no list", () => {
    const fabric = new Fabric(4);
    const full = fabric.node(1);
    full.broker.pause(full.queue(), true, false);
    const jobs = Array.from({ length: 10 }, () => fabric.node(0).add({ replicate: 3 }));
    fabric.until(() => jobs.every(({ outcome }) => outcome === "added"), 60);
    fabric.run(50);
    for (const { id } of jobs) {
      assert.equal(fabric.whereabouts(id), "0 own queued, 2 copy, 3 copy");
      assert.deepEqual(fabric.node(2).listOf(id).sort(), [0, 2, 3]);
    }
  });

  test("is asked again later when there is nobody else", () => {
    const fabric = new Fabric(3);
    const full = fabric.node(1);
    full.broker.pause(full.queue(), true, false);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(2000);
    assert.equal(added.outcome, "waiting");
    full.broker.pause(full.queue(), false, false);
    fabric.until(() => added.outcome === "added", 600);
    assert.equal(copies(fabric, added.id), 3);
  });
});

describe("ADDJOB at a node that leaves", () => {
  test("waits for as many others, and counts itself not", () => {
    const fabric = new Fabric(4);
    fabric.node(0).setLeaving(true);
    fabric.silence(3, 0);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(30);
    assert.equal(added.outcome, "waiting");
    assert.deepEqual(fabric.node(0).listOf(added.id).sort(), [0, 1, 2, 3]);
    fabric.heal();
    fabric.until(() => added.outcome === "added", 10);
  });

  test("leaves the job to the others, as many as were asked for", () => {
    const fabric = new Fabric(5);
    fabric.node(0).setLeaving(true);
    const jobs = [1, 2, 3].map((replicate) => fabric.node(0).add({ replicate }));
    const early = fabric.node(0).add({ replicate: 3, isAsync: true });
    assert.deepEqual(
      [...jobs, early].map(({ outcome }) => outcome),
      ["waiting", "waiting", "waiting", "added"],
    );
    fabric.run(5000);
    for (const [i, { id, outcome }] of jobs.entries()) {
      assert.equal(outcome, "added");
      assert.equal(copies(fabric, id), i + 1, fabric.whereabouts(id));
    }
    assert.equal(copies(fabric, early.id), 3);
    assert.equal(fabric.node(0).broker.jobs.count, 0);
  });

  test("fails in time when nobody takes its only copy, and none survives", () => {
    const fabric = new Fabric(3);
    fabric.node(0).setLeaving(true);
    for (const number of [1, 2]) fabric.silence(0, number);
    const added = fabric.node(0).add({ timeoutMs: 500 });
    assert.equal(
      fabric.until(() => added.outcome !== "waiting", 1000),
      500,
    );
    assert.equal(added.outcome, "timeout");
    fabric.heal();
    fabric.run(10_000);
    assert.equal(fabric.records, 0);
  });

  test("is not failed because the node begins to leave", () => {
    const fabric = new Fabric(3);
    fabric.cut(0, 1);
    const added = fabric.node(0).add({ replicate: 3 });
    fabric.run(10);
    fabric.node(0).setLeaving(true);
    fabric.join(0, 1);
    fabric.until(() => added.outcome === "added", 20);
  });
});

const happenings = ["cut", "join", "silence", "heal", "add", "add with ASYNC", "cancel"] as const;

/** A cluster to which things happen, and the jobs added at node 0. */
class Life {
  readonly #fabric: Fabric;
  readonly #origin: FabricNode;
  readonly #jobs: { readonly added: Added; readonly isAsync: boolean }[] = [];

  constructor(seed: number) {
    this.#fabric = new Fabric(5, { seed });
    this.#origin = this.#fabric.node(0);
  }

  /** Something happens to the link with a node, or at node 0. */
  live(happening: (typeof happenings)[number], number: number, ms: number): void {
    if (happening === "cut") this.#fabric.cut(0, number);
    else if (happening === "join") this.#fabric.join(0, number);
    else if (happening === "silence") this.#fabric.silence(number, 0);
    else if (happening === "heal") this.#fabric.heal();
    else if (happening === "cancel") this.#cancel();
    else this.#add(happening !== "add");
    this.#fabric.run(ms);
    for (const { added, isAsync } of this.#jobs) {
      if (added.outcome !== "added" || isAsync) continue;
      assert.ok(copies(this.#fabric, added.id) >= 3);
    }
  }

  /** All is well again for a while. */
  end(): void {
    this.#fabric.heal();
    this.#fabric.run(15_000);
    for (const { added } of this.#jobs) {
      assert.notEqual(added.outcome, "waiting");
      const places = this.#fabric.whereabouts(added.id);
      assert.equal(copies(this.#fabric, added.id), added.outcome === "added" ? 3 : 0, places);
      if (added.outcome === "added") this.#checkLists(added.id);
    }
    assert.equal(this.#origin.jobs.newCopies.waiting, 0);
    assert.equal(this.#origin.jobs.newCopies.nextWakeAtMs, Number.POSITIVE_INFINITY);
  }

  #add(isAsync: boolean): void {
    const added = this.#origin.add({ replicate: 3, timeoutMs: 100, isAsync });
    this.#jobs.push({ added, isAsync });
  }

  #cancel(): void {
    const last = this.#jobs.at(-1)?.added;
    if (last?.outcome !== "waiting") return;
    last.outcome = "gone";
    this.#origin.jobs.cancelAdd(last.receiver);
    this.#origin.turn();
  }

  #checkLists(id: string): void {
    const list = this.#origin.listOf(id).sort();
    for (const number of list) assert.deepEqual(this.#fabric.node(number).listOf(id).sort(), list);
  }
}

test("whatever happens, an answer is true: that many copies, or none in the end", () => {
  const step = fc.tuple(
    fc.constantFrom(...happenings),
    fc.integer({ min: 1, max: 4 }),
    fc.oneof(fc.constant(0), fc.nat(80)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.nat(1000), (steps, seed) => {
      const life = new Life(seed);
      for (const [happening, number, ms] of steps) life.live(happening, number, ms);
      life.end();
    }),
    { numRuns: 20 },
  );
});
