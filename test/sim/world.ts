/**
 * The world of a simulation: virtual time, the nodes in it, and everybody's next act.
 *
 * Time does not pass, it jumps to whatever happens next: an actor's act or the moment a node asked to
 * be woken at. All acts due at a node's turn run in it, then the node ticks and sends its answers,
 * as the real loop does. Nothing here reads a clock or draws chance but from the seed, so a seed is a
 * life that can be lived again.
 */
import { checkBroker } from "../../src/core/broker-check.ts";
import { Heap } from "../../src/util/heap.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import type { SimConfig } from "./config.ts";
import type { SimConnection } from "./connection.ts";
import { type History, Violation } from "./history.ts";
import { SimNode } from "./node.ts";
import { snapshotOf } from "./snapshot.ts";

/** Something that an actor does at a moment. */
interface Act {
  readonly atMs: number;
  readonly number: number;
  readonly node: WorldNode;
  readonly run: () => void;
  heapIndex: number;
}

/** A node in the world, and what keeps it from taking its turn. */
export class WorldNode {
  readonly node: SimNode;
  /** It takes no turn before this moment: its process does not run. */
  stalledUntilMs = 0;
  /** The next turn takes this long between requests and answers. */
  slownessMs = 0;
  /** Its own wish for the next turn. */
  wakeAtMs = Number.POSITIVE_INFINITY;
  /** Since when it could have taken a turn. */
  freeSinceMs: number;
  readonly acts = new Heap<Act>((a, b) => a.atMs - b.atMs || a.number - b.number);

  constructor(node: SimNode) {
    this.node = node;
    this.freeSinceMs = node.host.nowMs;
  }

  /** When its next turn begins. */
  get nextTurnMs(): number {
    const wishedMs = Math.min(this.wakeAtMs, this.acts.peek()?.atMs ?? Number.POSITIVE_INFINITY);
    return Math.max(wishedMs, this.freeSinceMs, this.stalledUntilMs);
  }
}

/** What a test may do to a node before its life begins. */
export type Sabotage = (node: SimNode, random: Xorshift) => void;

/** Nodes, actors and time. */
export class World {
  readonly config: SimConfig;
  readonly random: Xorshift;
  readonly history: History;
  readonly nodes: WorldNode[];
  /** How often what happened; tests demand that nothing is missing. */
  readonly marks = new Map<string, number>();
  /** How an answer fares between node and client. */
  fateOf: (connection: SimConnection) => "written" | "dead socket" | "half-written" = () =>
    "written";
  /** Recount everything after every act; off only while a test looks for something else. */
  checksBroker = true;
  turns = 0;
  #acts = 0;
  #nowMs: number;

  /** @param make another kind of node than one without a log */
  constructor(
    config: SimConfig,
    history: History,
    sabotage?: Sabotage,
    make: (random: Xorshift) => SimNode = (random) =>
      new SimNode(random, history, config.maxMemoryBytes),
  ) {
    this.config = config;
    this.history = history;
    this.random = new Xorshift(config.seed * 2 + 1);
    const node = make(new Xorshift(this.random.word()));
    sabotage?.(node, new Xorshift(this.random.word()));
    this.nodes = [new WorldNode(node)];
    this.#nowMs = node.host.nowMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The node that a client connects to. */
  pickNode(): WorldNode {
    return this.random.pick(this.nodes);
  }

  mark(what: string): void {
    this.marks.set(what, (this.marks.get(what) ?? 0) + 1);
  }

  /** Lets an actor do something in a turn of the node, that much later. */
  after(delayMs: number, node: WorldNode, run: () => void): void {
    const atMs = this.#nowMs + delayMs;
    node.acts.push({ atMs, number: ++this.#acts, node, run, heapIndex: -1 });
  }

  /** A turn of whichever node is next; false when nothing will ever happen again. */
  step(): boolean {
    let next = this.nodes[0];
    for (const node of this.nodes) {
      if (next === undefined || node.nextTurnMs < next.nextTurnMs) next = node;
    }
    if (next === undefined || next.nextTurnMs === Number.POSITIVE_INFINITY) return false;
    this.#turn(next);
    return true;
  }

  #turn(place: WorldNode): void {
    const { node, freeSinceMs } = place;
    const { host } = node;
    const atMs = place.nextTurnMs;
    const passedMs = atMs - host.nowMs;
    this.turns++;
    this.#nowMs = Math.max(this.#nowMs, atMs);
    host.nowMs = atMs;
    host.wallMs += passedMs;
    const sinceMs = Math.max(freeSinceMs, place.stalledUntilMs);
    const isOwnWish = (place.acts.peek()?.atMs ?? Number.POSITIVE_INFINITY) > atMs;
    this.history.emit({ type: "turn", atMs, freeSinceMs: sinceMs, isOwnWish });
    this.#runActs(place, atMs);
    host.nowMs += place.slownessMs;
    host.wallMs += place.slownessMs;
    place.slownessMs = 0;
    node.tick();
    this.endTurn(place);
    place.freeSinceMs = host.nowMs;
    this.#nowMs = Math.max(this.#nowMs, host.nowMs);
    place.wakeAtMs = this.wakeAtMs(place);
    this.#audit(node);
  }

  /** What comes behind everything that is due: the answers leave. */
  protected endTurn(place: WorldNode): void {
    const { dirty } = place.node;
    place.node.dirty = [];
    for (const connection of dirty) this.send(place, connection);
  }

  /** When the node wants its next turn. */
  protected wakeAtMs({ node }: WorldNode): number {
    return node.broker.nextWakeAtMs;
  }

  /** Time goes on without a turn. */
  protected passTo(place: WorldNode, atMs: number): void {
    const { host } = place.node;
    host.wallMs += atMs - host.nowMs;
    host.nowMs = atMs;
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** An answer leaves, and fares as it may. */
  protected send(place: WorldNode, connection: SimConnection): void {
    const { node } = place;
    const fate = connection.isOpen ? this.fateOf(connection) : "dead socket";
    if (connection.reply === undefined) return;
    if (fate !== "dead socket") node.hand(connection);
    if (fate === "written") node.written(connection);
    else if (fate === "dead socket") this.#closeNow(node, connection);
    else this.#finishLater(place, connection);
  }

  #runActs(place: WorldNode, atMs: number): void {
    let act = place.acts.peek();
    while (act !== undefined && act.atMs <= atMs) {
      place.acts.pop();
      act.run();
      this.#check(place.node);
      act = place.acts.peek();
    }
  }

  #closeNow(node: SimNode, connection: SimConnection): void {
    this.mark("dead socket");
    node.close(connection);
    connection.answered([]);
  }

  /** The socket has the answer; some time later the client has it too, or the connection breaks. */
  #finishLater(place: WorldNode, connection: SimConnection): void {
    const isLost = this.random.chance(0.5);
    this.mark(isLost ? "half-written reply" : "late reply");
    this.after(this.random.below(this.config.paceMs * 3), place, () => {
      if (connection.reply === undefined || !connection.isOpen) return;
      if (isLost) {
        place.node.close(connection);
        connection.answered([]);
      } else place.node.written(connection);
    });
  }

  #audit(node: SimNode): void {
    this.#check(node);
    this.history.emit({ type: "audit", atMs: node.host.nowMs, snapshot: snapshotOf(node) });
  }

  #check(node: SimNode): void {
    if (!this.checksBroker) return;
    try {
      checkBroker(node.broker);
    } catch (error) {
      throw new Violation("check", error instanceof Error ? error.message : String(error));
    }
  }
}
