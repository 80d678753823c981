/** Whatever producers and consumers do on whichever nodes: each job is delivered once, and nobody waits in vain. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../support/fast-check.ts";
import { Fabric } from "../support/fabric.ts";
import type { FabricNode } from "../support/fabric-node.ts";

const NODES = 4;
const QUEUES = ["q", "r"];
/** Polls keep jobs for two seconds. */
const POLLS_OVER_MS = 2500;
/** Several round trips, and no second thoughts. */
const REST_MS = 100;

interface Fault {
  do: "cut" | "join" | "suspect" | "trust" | "restart";
  node: number;
  other: number;
}

type Step =
  | Fault
  | { do: "add"; node: number; queue: string; retry: number; replicate: number }
  | { do: "take"; node: number; queue: string; count: number; timeoutMs: number }
  | { do: "pause"; node: number; queue: string; isOut: boolean }
  | { do: "wait"; ms: number };

const node = fc.nat(NODES - 1);
const queue = fc.constantFrom(...QUEUES);
const adding = fc.record({
  do: fc.constant("add" as const),
  node,
  queue,
  retry: fc.constantFrom(0, 300, 300),
  replicate: fc.constantFrom(1, 1, 2),
});
const taking = fc.record({
  do: fc.constant("take" as const),
  node,
  queue,
  count: fc.constantFrom(1, 1, 3, 10),
  timeoutMs: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 20, 1500, 0),
});
const pausing = fc.record({ do: fc.constant("pause" as const), node, queue, isOut: fc.boolean() });
const waiting = fc.record({
  do: fc.constant("wait" as const),
  ms: fc.constantFrom(1, 5, 50, 1100),
});
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: adding },
    { weight: 6, arbitrary: taking },
    { weight: 1, arbitrary: pausing },
    { weight: 4, arbitrary: waiting },
  ),
  { maxLength: 60 },
);
const failing = fc.record({
  do: fc.constantFrom<Fault["do"]>("cut", "cut", "join", "suspect", "trust", "restart"),
  node,
  other: node,
});
const stepsWithFaults = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.oneof(adding, taking, waiting) },
    { weight: 1, arbitrary: failing },
  ),
  { maxLength: 60 },
);

function perform(fabric: Fabric, step: Step, added: string[]): void {
  if (step.do === "wait") fabric.run(step.ms);
  else if (step.do === "add") {
    const replicate = step.retry === 0 ? 1 : step.replicate;
    added.push(fabric.node(step.node).add({ ...step, replicate }).id);
  } else if (step.do === "take") {
    fabric.node(step.node).take(step.queue, step.count, step.timeoutMs);
  } else if (step.do === "pause") {
    setPaused(fabric.node(step.node), step.queue, step.isOut);
  } else {
    fail(fabric, step);
  }
}

function fail(fabric: Fabric, { do: fault, node: one, other }: Fault): void {
  if (fault === "restart") fabric.restart(one);
  else if (one === other) return;
  else if (fault === "cut") fabric.cut(one, other);
  else if (fault === "join") fabric.join(one, other);
  else fabric.node(one).setLive(other, fault === "trust");
}

function setPaused(at: FabricNode, name: string, isOut: boolean): void {
  const queue = at.queue(name);
  at.broker.serving.visit([queue]);
  at.broker.pause(queue, false, isOut);
  at.turn();
}

/** Queues with an open waiter on some node and a job that may leave another one. */
function stranded(fabric: Fabric): string[] {
  return QUEUES.filter((name) => {
    const bytes = Buffer.from(name, "latin1");
    const known = fabric.nodes.map(({ broker }) => broker.queues.known(bytes, 0, bytes.length));
    const open = known.filter((each) => each !== undefined && !each.isPausedOut);
    return open.some((each) => each?.waiterCount) && open.some((each) => each?.length);
  });
}

/** Consumers who take whatever is left, one after the other. */
function takeAll(fabric: Fabric, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    for (const name of QUEUES) fabric.node(round % NODES).take(name, 1000);
    fabric.run(REST_MS);
  }
}

test("each job is delivered once, and nobody waits where there is work", () => {
  fc.assert(
    fc.property(steps, fc.nat(), (script, seed) => {
      const fabric = new Fabric(NODES, { seed, delayMsMax: 3 });
      const added: string[] = [];
      for (const step of script) perform(fabric, step, added);
      fabric.run(REST_MS);
      const hadPolls = script.some((step) => step.do === "take" && step.timeoutMs === 0);
      if (hadPolls) fabric.run(POLLS_OVER_MS);
      assert.deepEqual(stranded(fabric), []);
      for (const each of fabric.nodes) for (const name of QUEUES) setPaused(each, name, false);
      takeAll(fabric, added.length + 1);
      const delivered = fabric.nodes.flatMap((each) => each.delivered);
      assert.deepEqual(delivered.toSorted(), added.toSorted());
    }),
    { numRuns: 40 },
  );
});

test("after any faults nobody waits where there is work, and nothing is delivered twice at most once", () => {
  fc.assert(
    fc.property(stepsWithFaults, fc.nat(), (script, seed) => {
      const fabric = new Fabric(NODES, { seed, delayMsMax: 3 });
      const added: string[] = [];
      const restarted = new Set<string>();
      for (const step of script) {
        perform(fabric, step, added);
        if (step.do === "restart") for (const id of added) restarted.add(id);
      }
      fabric.heal();
      fabric.run(REST_MS + POLLS_OVER_MS);
      assert.deepEqual(stranded(fabric), []);
      takeAll(fabric, added.length + 1);
      const delivered = fabric.nodes.flatMap((each) => each.delivered);
      for (const id of added) {
        const times = delivered.filter((other) => other === id).length;
        assert.ok(times > 0 || restarted.has(id) || isAtMostOnce(id), "it is delivered");
        assert.ok(times <= 1 || !isAtMostOnce(id), "it is delivered once");
      }
    }),
    { numRuns: 40 },
  );
});

/** The last bit of an id tells. */
function isAtMostOnce(id: string): boolean {
  return Number.parseInt(id.slice(-1), 16) % 2 === 0;
}
