/** An owner of a queue tells those who have jobs who wants them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobMessage } from "../../../../src/cluster/job-messages.ts";
import type { JobsWorld } from "../../../../src/cluster/jobs/jobs-world.ts";
import { Mail } from "../../../../src/cluster/jobs/lending/mail.ts";
import { MarketHall } from "../../../../src/cluster/jobs/lending/market.ts";
import type { Trade } from "../../../../src/cluster/jobs/lending/trade.ts";
import { Trades } from "../../../../src/cluster/jobs/lending/trades.ts";
import { Nodes } from "../../../../src/cluster/nodes.ts";
import { Broker } from "../../../../src/core/broker.ts";

const MEMBERS = 9;
const MARKETS_MAX = 3;

/** A market for one queue on node 0; nodes 1 to 8 are linked unless a test says otherwise. */
class Hall {
  readonly host = { nowMs: 1000, wallMs: 0, randomWord: () => 4 };
  readonly nodes = new Nodes();
  owners = [0, 1];
  readonly #said: string[] = [];
  readonly #mail: Mail;
  readonly #trades: Trades;
  readonly market: MarketHall;

  constructor() {
    for (let node = 0; node < MEMBERS; node++) this.setLinked(node, true);
    const broker = new Broker(this.host, { nodeId: this.nodes.id(0), maxMemoryBytes: 0 });
    const world = {
      host: this.host,
      broker,
      nodes: this.nodes,
      placement: { queueOwners: (_name: Buffer, out: Int32Array) => this.#writeOwners(out) },
      tell: (node: number, message: JobMessage) => this.#note(node, message),
      isCongested: () => false,
    } as unknown as JobsWorld;
    this.#mail = new Mail(world);
    this.#trades = new Trades(world);
    this.market = new MarketHall(world, this.#trades, this.#mail, MARKETS_MAX);
  }

  setLinked(node: number, isLinked: boolean): void {
    const id = `${node}`.repeat(40);
    this.nodes.set(node, { id, isLinked, isLive: true, isLeaving: false });
  }

  wants(node: number, credits: number): string[] {
    this.market.wanted(this.trade, node, credits);
    return this.review();
  }

  has(node: number, jobs: number): string[] {
    this.market.has(this.trade, node, jobs);
    return this.review();
  }

  get trade(): Trade {
    return this.tradeOf("q");
  }

  tradeOf(name: string): Trade {
    return this.#trades.named(Buffer.from(name));
  }

  membersChanged(): string[] {
    this.#trades.membersChanged();
    return this.review();
  }

  /** What is granted now: "to 3: 5 for 2". */
  review(): string[] {
    this.market.review(this.trade);
    this.#mail.send();
    return this.#said.splice(0);
  }

  #note(node: number, message: JobMessage): void {
    assert.equal(message.type, "grant");
    if (message.type !== "grant") return;
    for (const { credits, nodeId } of message.grants) {
      this.#said.push(`to ${node}: ${credits} for ${nodeId[0]}`);
    }
  }

  #writeOwners(out: Int32Array): number {
    out.set(this.owners);
    return this.owners.length;
  }
}

test("who wants jobs is granted to one source that has enough of them", () => {
  const hall = new Hall();
  assert.deepEqual(hall.has(3, 10), []);
  assert.deepEqual(hall.has(4, 10), []);
  assert.equal(hall.wants(2, 5).length, 1);
});

test("who wants more than a source has is granted to the next one, too", () => {
  const hall = new Hall();
  for (const source of [3, 4, 5]) hall.has(source, 1);
  assert.equal(hall.wants(2, 2).length, 2);
});

test("sources are granted in turns", () => {
  const hall = new Hall();
  hall.has(3, 10);
  hall.has(4, 10);
  const first = hall.wants(2, 1)[0];
  const second = hall.wants(5, 1)[0];
  assert.notEqual(first?.slice(0, 4), second?.slice(0, 4));
});

test("when the source has no more jobs, another one is granted", () => {
  const hall = new Hall();
  hall.has(3, 10);
  assert.deepEqual(hall.wants(2, 1), ["to 3: 1 for 2"]);
  assert.deepEqual(hall.has(4, 10), []);
  assert.deepEqual(hall.has(3, 0), ["to 4: 1 for 2"]);
});

test("when nobody has jobs, three of those who had some last are told in advance", () => {
  const hall = new Hall();
  for (const source of [3, 4, 5, 6]) {
    hall.host.nowMs += 1000;
    hall.has(source, 1);
    hall.has(source, 0);
  }
  assert.deepEqual(hall.wants(2, 1).sort(), ["to 4: 1 for 2", "to 5: 1 for 2", "to 6: 1 for 2"]);
});

test("a node is not granted to itself", () => {
  const hall = new Hall();
  hall.has(2, 10);
  assert.deepEqual(hall.wants(2, 1), []);
});

test("a source that cannot be reached is not granted to, and another one is when its link breaks", () => {
  const hall = new Hall();
  hall.has(3, 10);
  hall.setLinked(3, false);
  assert.deepEqual(hall.wants(2, 1), []);
  hall.setLinked(3, true);
  assert.deepEqual(hall.membersChanged(), ["to 3: 1 for 2"]);
  hall.has(4, 10);
  hall.setLinked(3, false);
  assert.deepEqual(hall.membersChanged(), ["to 4: 1 for 2"]);
});

test("a larger number is passed on, and that nothing is wanted any more", () => {
  const hall = new Hall();
  hall.has(3, 10);
  hall.wants(2, 1);
  assert.deepEqual(hall.wants(2, 4), ["to 3: 4 for 2"]);
  assert.deepEqual(hall.wants(2, 0), ["to 3: 0 for 2"]);
});

test("the same number again means that it was not served: other sources are granted", () => {
  const hall = new Hall();
  hall.has(3, 10);
  hall.has(4, 10);
  const first = hall.wants(2, 1);
  const second = hall.wants(2, 1);
  assert.notDeepEqual(first, second);
  assert.equal(second.length, 1);
});

test("the second owner grants nothing before the first one is gone", () => {
  const hall = new Hall();
  hall.owners = [1, 0];
  hall.has(3, 10);
  assert.deepEqual(hall.wants(2, 1), []);
  hall.owners = [0];
  assert.deepEqual(hall.membersChanged(), ["to 3: 1 for 2"]);
});

test("what a node said is void when it has started again", () => {
  const hall = new Hall();
  hall.has(3, 10);
  hall.market.forget(hall.trade, 3);
  assert.deepEqual(hall.wants(2, 1), []);
  hall.market.forget(hall.trade, 2);
  assert.deepEqual(hall.has(4, 10), []);
});

test("a market is closed when nobody wants, has, or had anything for five minutes", () => {
  const hall = new Hall();
  hall.has(3, 10);
  hall.has(3, 0);
  hall.wants(2, 1);
  hall.wants(2, 0);
  assert.equal(hall.market.nextMoment(hall.trade), 301_000);
  hall.host.nowMs = 300_999;
  hall.review();
  assert.equal(hall.market.count, 1);
  hall.host.nowMs = 301_000;
  hall.review();
  assert.equal(hall.market.count, 0);
});

test("where there are too many, the one that has been idle for longest makes room", () => {
  const hall = new Hall();
  const { market } = hall;
  const first = hall.tradeOf("a");
  const second = hall.tradeOf("b");
  const third = hall.tradeOf("c");
  const fourth = hall.tradeOf("d");
  for (const trade of [first, second, third]) {
    market.has(trade, 3, 1);
    market.has(trade, 3, 0);
    market.review(trade);
  }
  market.has(first, 3, 1);
  market.review(first);
  market.wanted(fourth, 2, 1);
  assert.deepEqual(
    [first, second, third, fourth].map((trade) => trade.market !== undefined),
    [true, false, true, true],
  );
  market.wanted(third, 2, 1);
  market.wanted(second, 2, 1);
  assert.equal(second.market, undefined);
  assert.equal(market.count, MARKETS_MAX);
});
