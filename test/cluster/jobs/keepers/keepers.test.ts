/** Whatever happens to nodes and links: in the end every job has one keeper and as many copies as it should. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "../../../support/fast-check.ts";
import { Fabric } from "../support/fabric.ts";

const NODES = 4;

/** Something that happens to the cluster, and how long it goes on after that. */
type Event = {
  readonly what:
    | "cut"
    | "join"
    | "suspect"
    | "trust"
    | "take"
    | "nack"
    | "leave"
    | "stay"
    | "wait"
    | "restart";
  readonly a: number;
  readonly b: number;
  readonly ms: number;
};

const node = fc.nat(NODES - 1);
const event: fc.Arbitrary<Event> = fc.record({
  what: fc.constantFrom("cut", "join", "suspect", "trust", "take", "nack", "leave", "stay", "wait"),
  a: node,
  b: node,
  ms: fc.constantFrom(0, 1, 3, 20, 700, 8000),
});

const restart: fc.Arbitrary<Event> = fc.record({
  what: fc.constant("restart"),
  a: node,
  b: node,
  ms: fc.constantFrom(0, 1, 3, 20, 700, 8000),
});

function happen(fabric: Fabric, { what, a, b, ms }: Event, id: string): void {
  if (what === "restart") fabric.restart(a);
  const at = fabric.node(a);
  const job = at.find(id);
  if (what === "cut" && a !== b) fabric.cut(a, b);
  else if (what === "join" && a !== b) fabric.join(a, b);
  else if (what === "suspect" && a !== b) at.setLive(b, false);
  else if (what === "trust" && a !== b) at.setLive(b, true);
  else if (what === "take") at.take("q", 1, 1);
  else if (what === "nack" && job >= 0) at.jobs.requeue(job, "nack");
  else if (what === "leave") at.setLeaving(true);
  else if (what === "stay") at.setLeaving(false);
  at.turn();
  fabric.run(ms);
}

/** Everybody is there and knows it; a while later nothing moves any more. */
function comeToRest(fabric: Fabric): void {
  for (const { number } of fabric.nodes) fabric.node(number).setLeaving(false);
  fabric.heal();
  fabric.run(60_000);
}

/** One keeper, enough copies, and the same list everywhere. */
function checkJob(fabric: Fabric, id: string, replicate: number): void {
  const roles = fabric.nodes.map((each) => each.roleOf(id)).filter((role) => role !== "");
  const where = fabric.whereabouts(id);
  assert.equal(roles.filter((role) => role.startsWith("own")).length, 1, where);
  assert.equal(roles.length, replicate, where);
  // A list that was on its way when a node started again may name that node; it says so when asked.
  const has = (number: number) => fabric.node(number).roleOf(id) !== "";
  const lists = fabric.nodes
    .filter(({ number }) => has(number))
    .map((each) => (replicate === 1 ? "" : each.listOf(id).filter(has).join(" ")));
  assert.equal(new Set(lists).size, 1, `${where}; lists ${lists.join(" | ")}`);
}

/** Two jobs live through a story, and come to rest. */
function live(
  story: readonly Event[],
  replicate: number,
  seed: number,
): { fabric: Fabric; ids: readonly string[] } {
  const fabric = new Fabric(NODES, { seed });
  const ids = [0, 1].map((number) => fabric.node(number).add({ replicate, retry: 5 }).id);
  fabric.run(50);
  for (const each of story) happen(fabric, each, ids[0] as string);
  comeToRest(fabric);
  return { fabric, ids };
}

/** In the end every job has one keeper and `replicate` copies, whatever has happened. */
function check(story: readonly Event[], replicate: number, seed: number): void {
  const { fabric, ids } = live(story, replicate, seed);
  for (const id of ids) checkJob(fabric, id, replicate);
}

for (const replicate of [1, 2, 3]) {
  test(`cuts, false suspicions and draining leave one keeper of ${replicate} copies`, () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.nat(1000), (events, seed) => {
        check(events, replicate, seed);
      }),
      { numRuns: 12 },
    );
  });
}

test("a copy that arrives behind its node's word that there is none becomes known to the keeper", () => {
  const story: readonly Event[] = [
    { what: "leave", a: 1, b: 0, ms: 0 },
    { what: "cut", a: 1, b: 2, ms: 0 },
    { what: "suspect", a: 0, b: 1, ms: 0 },
    { what: "suspect", a: 1, b: 0, ms: 700 },
  ];
  check(story, 3, 286);
});

test("a new copy stays known to a holder that hears only then that the old one had gone", () => {
  const story: readonly Event[] = [
    { what: "leave", a: 3, b: 0, ms: 8000 },
    { what: "cut", a: 0, b: 1, ms: 8000 },
    { what: "leave", a: 0, b: 0, ms: 2 },
  ];
  check(story, 3, 2);
});

test("a job called back while it moves goes to nobody else before its first move is answered", () => {
  const story: readonly Event[] = [
    { what: "leave", a: 0, b: 0, ms: 0 },
    { what: "nack", a: 0, b: 0, ms: 0 },
    { what: "cut", a: 0, b: 1, ms: 0 },
    { what: "stay", a: 1, b: 0, ms: 0 },
  ];
  check(story, 1, 347);
});

test("with two copies, no job is lost when one node after the other starts again", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(node, event), { maxLength: 5 }), fc.nat(1000), (rounds, seed) => {
      const fabric = new Fabric(NODES, { seed });
      const ids = [0, 1, 2].map((number) => fabric.node(number).add({ replicate: 2 }).id);
      fabric.run(50);
      for (const [number, each] of rounds) {
        fabric.restart(number);
        happen(fabric, { ...each, what: "take" }, ids[0] as string);
        fabric.run(3000);
      }
      comeToRest(fabric);
      for (const id of ids) checkJob(fabric, id, 2);
    }),
    { numRuns: 12 },
  );
});

test("with restarts at any moment, a job is gone altogether or has one keeper and its copies", () => {
  const events = fc.array(fc.oneof({ weight: 4, arbitrary: event }, restart), { maxLength: 12 });
  fc.assert(
    fc.property(events, fc.nat(1000), (happenings, seed) => {
      const { fabric, ids } = live(happenings, 2, seed);
      for (const id of ids) if (fabric.whereabouts(id) !== "") checkJob(fabric, id, 2);
    }),
    { numRuns: 12 },
  );
});

test("a leaving holder keeps its copy while the node that was asked for one instead does not answer", () => {
  const fabric = new Fabric(3);
  const { id } = fabric.node(0).add({ replicate: 2 });
  fabric.run(50);
  const holder = fabric.node(0).listOf(id)[1] as number;
  const other = 3 - holder;
  fabric.silence(0, other);
  fabric.node(holder).setLeaving(true);
  fabric.run(10_000);
  assert.equal(fabric.node(holder).roleOf(id), "copy");
  fabric.endSilence(0, other);
  fabric.run(10_000);
  assert.equal(fabric.node(holder).roleOf(id), "");
  assert.equal(fabric.node(other).roleOf(id), "copy");
});

test("a leaving keeper keeps a job while one of those who have it does not answer requests for copies", () => {
  const fabric = new Fabric(3);
  for (const number of [0, 1]) fabric.silence(number, 2);
  const first = () => fabric.node(0).add({ replicate: 2 });
  let added = first();
  while (fabric.node(0).listOf(added.id)[1] !== 2) added = first();
  fabric.until(() => added.outcome === "added", 1000);
  fabric.node(0).setLeaving(true);
  fabric.run(3000);
  const holders = () => [0, 1, 2].filter((node) => fabric.node(node).roleOf(added.id) !== "");
  assert.deepEqual(holders(), [0, 1]);
  for (const number of [0, 1]) fabric.endSilence(number, 2);
  fabric.until(() => fabric.node(0).roleOf(added.id) === "", 10_000);
  assert.deepEqual(holders(), [1, 2]);
});
