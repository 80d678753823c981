/**
 * PAUSE ... BCAST on several nodes that hear each other or do not.
 *
 * The property at the end is the promise: when all have met again, all have the same state, whoever
 * was away while it was announced.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PauseNews } from "../../src/cluster/messages.ts";
import { Pauses } from "../../src/cluster/pauses.ts";
import { Broker } from "../../src/core/broker.ts";
import type { PauseState } from "../../src/core/queue.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { fc } from "../support/fast-check.ts";

/** A node; what it says reaches those it is linked with at once. */
class PausingNode {
  readonly id: string;
  readonly broker: Broker;
  readonly pauses: Pauses;
  readonly links = new Set<PausingNode>();
  saves = 0;
  readonly #host = { nowMs: 0, wallMs: 0, randomWord: () => 1 };

  constructor(number: number) {
    this.id = String(number).repeat(40);
    const random = new Xorshift(number);
    this.#host.randomWord = () => random.word();
    this.broker = new Broker(this.#host, { nodeId: this.id, maxMemoryBytes: 0 });
    this.pauses = new Pauses({
      host: this.#host,
      broker: this.broker,
      ownId: () => this.id,
      broadcast: (news) => {
        for (const other of this.links) other.pauses.received(news);
      },
      changed: () => {
        this.saves++;
      },
    });
  }

  /** PAUSE name state [BCAST]. */
  pause(name: string, state: PauseState, isForAll: boolean): void {
    const queue = this.#queue(name);
    this.broker.pause(queue, state === "in" || state === "all", state === "out" || state === "all");
    if (isForAll) this.announce(name, state);
  }

  /** Whether there was room for it. */
  announce(name: string, state: PauseState): boolean {
    const news = this.pauses.announce(Buffer.from(name), state);
    if (news !== undefined) this.pauses.spread(news);
    return news !== undefined;
  }

  stateOf(name: string): PauseState {
    return this.#queue(name).pauseState;
  }

  meet(other: PausingNode): void {
    if (this.links.has(other)) return;
    this.links.add(other);
    other.links.add(this);
    for (const news of [...this.pauses.all()]) other.pauses.received(news);
    for (const news of [...other.pauses.all()]) this.pauses.received(news);
  }

  part(other: PausingNode): void {
    this.links.delete(other);
    other.links.delete(this);
  }

  #queue(name: string) {
    const bytes = Buffer.from(name);
    return this.broker.queues.entry(bytes, 0, bytes.length);
  }
}

function three(): [PausingNode, PausingNode, PausingNode] {
  const nodes: [PausingNode, PausingNode, PausingNode] = [
    new PausingNode(1),
    new PausingNode(2),
    new PausingNode(3),
  ];
  for (const node of nodes) for (const other of nodes) if (node !== other) node.meet(other);
  return nodes;
}

test("a pause for all holds on all nodes, and is saved there", () => {
  const [a, b, c] = three();
  a.pause("q", "in", true);
  assert.deepEqual([b.stateOf("q"), c.stateOf("q")], ["in", "in"]);
  assert.deepEqual([b.saves, c.saves], [1, 1]);
  b.pause("q", "none", true);
  assert.deepEqual([a.stateOf("q"), c.stateOf("q")], ["none", "none"]);
});

test("a node that was away hears of it when it is back, also from others than the one that said it", () => {
  const [a, b, c] = three();
  for (const node of [a, b]) node.part(c);
  a.pause("q", "all", true);
  b.part(a);
  c.meet(b);
  assert.equal(c.stateOf("q"), "all");
});

test("what is told on reaches a node that cannot hear the one that said it", () => {
  const [a, b, c] = three();
  a.part(c);
  a.pause("q", "out", true);
  assert.equal(c.stateOf("q"), "out");
  assert.equal(b.stateOf("q"), "out");
});

test("a later pause of one node alone holds there until there is a newer one for all", () => {
  const [a, b] = three();
  a.pause("q", "in", true);
  b.pause("q", "none", false);
  a.part(b);
  a.meet(b);
  assert.deepEqual([a.stateOf("q"), b.stateOf("q")], ["in", "none"]);
  a.pause("q", "out", true);
  assert.equal(b.stateOf("q"), "out");
});

test("of two that were announced at once the same one holds everywhere", () => {
  const [a, b, c] = three();
  for (const node of [a, b, c]) for (const other of [a, b, c]) node.part(other);
  a.pause("q", "in", true);
  b.pause("q", "out", true);
  for (const [one, other] of [[a, c] as const, [b, c] as const, [a, b] as const]) one.meet(other);
  assert.deepEqual(
    [a, b, c].map((node) => node.stateOf("q")),
    ["out", "out", "out"],
  );
});

test("a queue nobody has heard of does not come into being to be open", () => {
  const [a, b] = three();
  a.announce("new", "none");
  assert.equal(b.broker.queues.entryCount, 0);
});

test("announcements come in messages of bounded size", () => {
  const node = new PausingNode(1);
  for (let i = 0; i < 2500; i++) node.pauses.announce(Buffer.from(`q${i}`), "in");
  node.pauses.announce(Buffer.alloc(60_000, "x"), "in");
  const parts: (readonly PauseNews[])[] = [...node.pauses.all()];
  assert.deepEqual(
    parts.map((part) => part.length),
    [1000, 1000, 501],
  );
});

test("only so many are remembered, and open queues give way to closed ones", () => {
  const node = new PausingNode(1);
  for (let i = 0; i < 9999; i++) assert.ok(node.announce(`q${i}`, "in"));
  assert.ok(node.announce("open", "none"));
  assert.ok(!node.announce("another open one", "none"));
  assert.ok(node.announce("closed", "in"));
  assert.equal(node.pauses.find(Buffer.from("open")), undefined);
  assert.ok(!node.announce("one too many", "in"));
  assert.ok(node.announce("q0", "out"), "what is known can always be announced anew");
  assert.equal([...node.pauses.values()].length, 10_000);
});

test("long names count by their bytes", () => {
  const node = new PausingNode(1);
  let announced = 0;
  while (node.announce(`${announced} `.padEnd(60_000, "x"), "in")) announced++;
  assert.equal(announced, Math.floor((16 * 1024 * 1024) / 60_000));
  node.pauses.clear();
  assert.ok(node.announce("x".repeat(60_000), "in"));
});

test("nodes that are full of different queues come to rest when they meet", () => {
  const [a, b] = [new PausingNode(1), new PausingNode(2)];
  for (let i = 0; i < 10_000; i++) a.announce(`a${i}`, "in");
  for (let i = 0; i < 10_000; i++) b.announce(`b${i}`, "in");
  const before = [a.saves, b.saves];
  a.meet(b);
  assert.deepEqual([a.saves, b.saves], before, "nobody has room for what the other says");
  assert.equal(a.stateOf("b5"), "none");
});

test("a counter beyond reason is not believed", () => {
  const node = new PausingNode(1);
  const queue = Buffer.from("q");
  node.pauses.received([{ queue, state: "in", counter: 2 ** 53 - 1, nodeId: "2".repeat(40) }]);
  assert.equal(node.stateOf("q"), "none");
  assert.ok(node.announce("q", "out"));
  assert.ok(Number.isSafeInteger(node.pauses.find(queue)?.counter));
});

test("whoever was linked with whom meanwhile, in the end all nodes agree", () => {
  const step = fc.record({
    action: fc.constantFrom("pause", "pause", "meet", "part"),
    node: fc.nat(3),
    other: fc.nat(3),
    name: fc.constantFrom("a", "b"),
    state: fc.constantFrom<PauseState>("none", "in", "out", "all"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const nodes = [1, 2, 3, 4].map((number) => new PausingNode(number));
      for (const { action, node, other, name, state } of steps) {
        const [one, two] = [nodes[node], nodes[other]];
        assert.ok(one && two);
        if (action === "pause") one.pause(name, state, true);
        else if (one !== two && action === "meet") one.meet(two);
        else one.part(two);
      }
      for (const one of nodes) for (const two of nodes) if (one !== two) one.meet(two);
      for (const name of ["a", "b"]) {
        assert.equal(new Set(nodes.map((node) => node.stateOf(name))).size, 1);
      }
    }),
  );
});
