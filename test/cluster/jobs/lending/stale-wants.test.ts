/** An owner of a queue believes that somebody waits where nobody does, or that there are jobs where there are none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

const SOON_MS = 50;
/** Who is told that nobody waits any more, or that no job is left, is told after a second. */
const TOLD_MS = 2000;

/** The first owner of the queue, and two nodes that are no owners. */
function setUp(): { fabric: Fabric; waited: FabricNode; having: FabricNode; owner: number } {
  const fabric = new Fabric(4);
  const { id } = fabric.node(3).add();
  fabric.run(SOON_MS);
  const told = fabric.sent.filter((line) => line.endsWith(" have"));
  const owners = told.map((line) => Number(line.split(/[> ]/)[1]));
  fabric.node(3).ack(id);
  fabric.run(TOLD_MS);
  const [owner] = owners;
  const [waited, having] = fabric.nodes.filter(({ number }) => !owners.includes(number));
  assert.ok(owner !== undefined && waited !== undefined && having !== undefined);
  return { fabric, waited, having, owner };
}

/** The owner believes that somebody waits there for some jobs, however it came by that. */
function believe(fabric: Fabric, node: FabricNode, owner: number): void {
  const queues = [{ queue: Buffer.from("q", "latin1"), credits: 5 }];
  fabric.node(owner).receive(node.number, { type: "want", queues });
  fabric.run(SOON_MS);
}

describe("a job that is sent where nobody waits", () => {
  test("goes back, and is not sent there again", () => {
    const { fabric, waited, having, owner } = setUp();
    believe(fabric, waited, owner);
    const { id } = having.add();
    fabric.run(TOLD_MS);
    assert.equal(fabric.whereabouts(id), `${having.number} own queued`);
    assert.equal(fabric.count("push"), 1);
  });

  test("is not sent again either where the memory is full", () => {
    const { fabric, waited, having, owner } = setUp();
    believe(fabric, waited, owner);
    waited.broker.memory.maxBytes = 1_000_000;
    waited.broker.otherBytes += 1_000_001;
    having.add();
    fabric.run(TOLD_MS);
    assert.equal(fabric.count("push"), 1);
    assert.equal(waited.jobs.lending.trades, 0);
  });

  test("does not go to and fro between two such nodes when it stays where it comes", () => {
    const { fabric, waited, having, owner } = setUp();
    for (const node of [waited, having]) believe(fabric, node, owner);
    having.add({ retry: 0 });
    fabric.run(TOLD_MS);
    assert.equal(fabric.count("push"), 2);
  });
});

describe("what an owner was told last, and lost with the stream on which it came,", () => {
  test("is not that a node wants jobs for which nobody waits there any more", () => {
    const { fabric, waited, having, owner } = setUp();
    waited.take("q", 5, SOON_MS);
    fabric.run(SOON_MS);
    fabric.silence(waited.number, owner);
    fabric.run(TOLD_MS);
    fabric.breakStream(waited.number, owner);
    fabric.endSilence(waited.number, owner);
    fabric.run(SOON_MS);
    fabric.sent.length = 0;
    having.add();
    fabric.run(SOON_MS);
    assert.ok(!fabric.sent.includes(`${owner}>${having.number} grant`));
  });

  test("is not that a node has jobs that are gone: who waits gets them from where they are", () => {
    // The owner asks those first whose jobs it heard of first.
    const { fabric, waited: having, having: emptied, owner } = setUp();
    const first = emptied.add();
    fabric.run(SOON_MS);
    fabric.silence(emptied.number, owner);
    emptied.ack(first.id);
    fabric.run(TOLD_MS);
    fabric.breakStream(emptied.number, owner);
    fabric.endSilence(emptied.number, owner);
    fabric.run(SOON_MS);
    const { id } = having.add();
    fabric.run(SOON_MS);
    fabric.node(owner).take();
    fabric.run(SOON_MS);
    assert.deepEqual(fabric.node(owner).delivered, [id]);
  });
});
