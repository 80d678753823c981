/**
 * A network in memory with its own time: nodes, delays from a seed, partitions.
 *
 * Nothing happens between two events, so that minutes of a cluster's life pass in milliseconds, and the
 * same seed gives the same life. Wake-ups are taken from the memberships themselves: what asks for no
 * wake-up is never called.
 */
import assert from "node:assert/strict";
import type { PeerAddress } from "../../../../src/cluster/members/links.ts";
import { Heap } from "../../../../src/util/heap.ts";
import { Xorshift } from "../../../../src/util/xorshift.ts";
import type { End } from "./connection.ts";
import { TestNode, type TestProcess } from "./process.ts";

/** One way takes this long at most. */
export const DELAY_MS_MAX = 5;
/** A run that needs more steps than this for a simulated second has got into a loop. */
const STEPS_A_SECOND_MAX = 20_000;

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  heapIndex: number;
}

/** Nodes 1 to n, all running. */
export class TestNetwork {
  readonly random: Xorshift;
  readonly nodes: TestNode[] = [];
  readonly nodeTimeoutMs: number;
  /** Pipes that wait for a blocked way to become free. */
  readonly held = new Set<End>();
  nowMs = 1_000_000;
  readonly #events = new Heap<Event>((a, b) => a.atMs - b.atMs || a.order - b.order);
  readonly #blocked = new Set<string>();
  #order = 0;

  constructor(nodeCount: number, seed = 1, nodeTimeoutMs = 3000) {
    this.random = new Xorshift(seed);
    this.nodeTimeoutMs = nodeTimeoutMs;
    for (let number = 1; number <= nodeCount; number++) this.nodes.push(new TestNode(this, number));
    for (const node of this.nodes) node.start();
  }

  /** Node by number, from 1. */
  node(number: number): TestNode {
    const node = this.nodes[number - 1];
    if (node === undefined) throw new Error(`no node ${number}`);
    return node;
  }

  get running(): TestNode[] {
    return this.nodes.filter(({ process }) => process !== undefined);
  }

  /** Each node meets the next one, and everybody has time to hear of everybody. */
  join(): this {
    for (const node of this.nodes.slice(1)) this.node(node.number - 1).meet(node);
    return this.run(1000);
  }

  after(ms: number, run: () => void): void {
    this.#events.push({ atMs: this.nowMs + ms, order: ++this.#order, run, heapIndex: -1 });
  }

  afterDelay(run: () => void): void {
    this.after(1 + this.random.below(DELAY_MS_MAX), run);
  }

  /** Lets time pass. */
  run(ms: number): this {
    const untilMs = this.nowMs + ms;
    let left = ((ms + 1000) / 1000) * STEPS_A_SECOND_MAX;
    for (;;) {
      const sleeper = this.#nextSleeper();
      const wakeAtMs = sleeper?.wakeAtMs ?? Number.POSITIVE_INFINITY;
      const eventAtMs = this.#events.peek()?.atMs ?? Number.POSITIVE_INFINITY;
      const atMs = Math.min(wakeAtMs, eventAtMs);
      if (atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, atMs);
      if (wakeAtMs <= eventAtMs) sleeper?.tick();
      else this.#events.pop()?.run();
      assert.ok(left-- > 0, "the cluster does not come to rest");
    }
    this.nowMs = untilMs;
    return this;
  }

  /** Lets time pass until something holds; fails after `withinMs`. Returns the ms it took. */
  until(holds: () => boolean, withinMs: number): number {
    const startedAtMs = this.nowMs;
    while (!holds()) {
      const passedMs = this.nowMs - startedAtMs;
      assert.ok(passedMs < withinMs, `still not so after ${withinMs} ms: ${holds}`);
      this.run(1);
    }
    return this.nowMs - startedAtMs;
  }

  processAt(address: PeerAddress): TestProcess | undefined {
    return this.nodes.find(({ ip }) => ip === address.host)?.process;
  }

  /** Node number of an id; idOf puts it first. */
  numberOf(id: string): string {
    return id.slice(0, 1);
  }

  /** Nothing gets from one node to the other; the way back is another matter. */
  block(from: TestNode, to: TestNode): void {
    this.#blocked.add(`${from.number}>${to.number}`);
  }

  /** Cuts every way between the two groups. */
  split(left: readonly number[], right: readonly number[]): void {
    for (const a of left) {
      for (const b of right) {
        this.block(this.node(a), this.node(b));
        this.block(this.node(b), this.node(a));
      }
    }
  }

  /** All ways are free, and what was held goes on. */
  heal(): void {
    this.#blocked.clear();
    for (const end of this.held) this.afterDelay(() => end.deliver());
    this.held.clear();
  }

  isBlocked(from: TestNode, to: TestNode): boolean {
    return this.#blocked.has(`${from.number}>${to.number}`);
  }

  /** A connection cannot be made. */
  isApart(a: TestNode, b: TestNode): boolean {
    return this.isBlocked(a, b) || this.isBlocked(b, a);
  }

  /** Every running node is linked with all others, knows nobody else, and suspects nobody. */
  isWhole(nodes: readonly TestNode[] = this.running): boolean {
    return nodes.every(
      (node) =>
        node.membership.size === nodes.length &&
        node.membership.knownCount === nodes.length &&
        nodes.every((other) => other === node || isWell(node, other)),
    );
  }

  /** Asserts `isWhole` with a message that shows who knows whom, and that all rings are the same. */
  assertWhole(nodes: readonly TestNode[] = this.running): void {
    assert.ok(this.isWhole(nodes), this.describe());
    const prints = nodes.map(({ membership }) => JSON.stringify(membership.fingerprint));
    assert.equal(new Set(prints).size, 1, `fingerprints differ: ${prints}`);
  }

  /** Who knows whom, for messages of failing tests. */
  describe(): string {
    return this.running
      .map(({ number, membership }) => {
        const known = [...membership.members()].map(
          ({ id, link, isSuspected, isFailed }) =>
            `${id.slice(0, 2)}${link ? "" : " unlinked"}${isSuspected ? " fail?" : ""}${isFailed ? " fail" : ""}`,
        );
        return `${number} (${membership.nodeId.slice(0, 2)}) knows ${known.join(", ")}`;
      })
      .join("\n");
  }

  #nextSleeper(): TestProcess | undefined {
    let first: TestProcess | undefined;
    for (const { process } of this.nodes) {
      if (
        process !== undefined &&
        process.wakeAtMs < (first?.wakeAtMs ?? Number.POSITIVE_INFINITY)
      ) {
        first = process;
      }
    }
    return first;
  }
}

function isWell(node: TestNode, other: TestNode): boolean {
  const member = node.sees(other);
  return member?.link !== undefined && !member.isSuspected && !member.isFailed;
}
