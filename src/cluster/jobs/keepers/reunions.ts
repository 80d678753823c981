/**
 * Nodes that meet again and do not know of each other what they have of the same jobs.
 *
 * Who forgets a node strikes it out of all lists, and so does the other one: of a job that both had, each
 * may have become the keeper, or one has a copy that the other, its keeper, knows no more of, nor would an
 * acknowledgement reach it. So when they meet again, each says at once which jobs it keeps, and whom it
 * follows in which others; what becomes of that stands in claims.ts. A node that is new, and most are, is
 * told nothing.
 *
 * A node whose log has lost its end is a stranger to all: it is out of all lists, and its own may lack
 * whoever got a copy, became keeper, or borrowed the job in what is lost. It tells everybody, once, also who
 * joined while it was away and is not known here: whoever links. If it starts again before all members have been
 * told, with its whole log this time, it begins anew with that: it remembers that it is in debt to all.
 *
 * That is some dozen bytes a job: they are spread over time (tellings.ts). If some of it may have got lost on the
 * way, all is said again. To whom all that is still to be said is remembered over this node's own restart, as ids:
 * of two of which one forgot the other, both may have started again before they meet.
 */
import { type MessageOf, STRANGERS_MAX } from "../../job-messages.ts";
import { NO_INDEX } from "../../nodes.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { Tellings } from "./tellings.ts";
import { Unreported } from "./unreported.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** Tells nodes that are back what this one has. */
export class Reunions {
  readonly #world: JobsWorld;
  readonly #tellings: Tellings;
  /**
   * Ids of nodes that were members, may know what was lost here, or were lost before all was said; those that are being
   * told included, until it has arrived. When there are too many, the first to go are those that were noted first.
   */
  readonly #strangers = new Set<string>();
  /** There are jobs of a process before, which may not have told all that it should have. */
  #hasPast = false;
  /** And this one may not know of all that the process before has told. */
  #lacksEnd = false;
  /** Members may not have been told all since then: so it is after a restart, too. */
  isUntold = false;
  /** When that, and who has been told, is to be looked at, monotonic ms. */
  #untoldLookMs = NEVER;
  /** Who may have copies that are not known here, because it has not told this node. */
  readonly unreported: Unreported;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#tellings = new Tellings(world, machines);
    this.unreported = new Unreported(world, this.#tellings);
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    if (this.unreported.isDue) return this.#world.host.nowMs;
    return Math.min(this.#tellings.nextWakeAtMs, this.#untoldLookMs);
  }

  /** Ids of nodes that are to be told what this one has, also after a restart of this one. */
  get untoldIds(): readonly string[] {
    return [...this.#strangers];
  }

  /** Ids of nodes that may have jobs of this one without its knowing; undefined: none. */
  get strangers(): readonly string[] | undefined {
    const nodes = [...this.#tellings.nodes, ...this.unreported.nodes];
    if (this.#strangers.size + nodes.length === 0) return undefined;
    const ids = nodes.map((node) => this.#world.nodes.id(node));
    return [...new Set([...ids, ...this.#strangers])].slice(0, STRANGERS_MAX);
  }

  /**
   * Goes on with jobs of the process before, and with the `untoldIds` it had; `isWhole`: with all that it knew and had
   * to tell members of its jobs.
   */
  resume(isWhole: boolean, untoldIds: readonly string[]): void {
    this.#hasPast = true;
    this.#lacksEnd = !isWhole;
    for (const nodeId of untoldIds) {
      const node = this.#world.nodes.findId(nodeId);
      if (node === NO_INDEX) this.#note(nodeId);
      else this.estrange(node);
    }
    if (isWhole) return;
    this.#owe();
    for (const node of this.#world.nodes.others()) this.estrange(node);
  }

  /**
   * What a member that may be away and this one have is not known to each other. It is waited for once: who is gone
   * for good may be named often.
   */
  estrange(node: number): void {
    const nodeId = this.#world.nodes.id(node);
    if (this.#strangers.has(nodeId) && !this.#tellings.isDone(node)) return;
    this.#lose(node, nodeId);
    this.unreported.begin(node);
  }

  /** A node cannot be spoken to: what has been begun is begun anew, and others do not wait for it. */
  peerDown(node: number): void {
    if (this.#tellings.isUnderWay(node)) this.#lose(node, this.#world.nodes.id(node));
    this.#tellings.peerDown(node);
  }

  /** A node can be spoken to. */
  peerUp(node: number): void {
    if (this.#tellings.peerUp(node)) this.#untoldLookMs = this.#world.host.nowMs;
    const isOwed = this.#lacksEnd || this.#strangers.has(this.#world.nodes.id(node));
    if (isOwed && !this.#tellings.isDone(node)) this.#meet(node);
    else this.unreported.ask(node);
  }

  /** A node is no member any more; the index will be another's. */
  peerRemoved(node: number, nodeId: string): void {
    this.#lose(node, nodeId);
    this.unreported.end(node);
  }

  /** What was on its way to a node or from it is lost. */
  streamBroken(node: number): void {
    const { nodes } = this.#world;
    this.unreported.ask(node);
    if (!this.#tellings.isUnderWay(node) && !this.#tellings.isOnItsWay(node)) return;
    this.#lose(node, nodes.id(node));
    if (nodes.isLinked(node)) this.peerUp(node);
  }

  received(node: number, message: MessageOf<"report" | "telling" | "reported">): void {
    if (message.type === "telling") this.unreported.begin(node);
    else if (message.type === "reported") this.unreported.end(node);
    else {
      const isTold = this.#tellings.isDone(node) || this.#tellings.isUnderWay(node);
      if (message.isTold !== true && !isTold) this.#answer(node);
      this.unreported.answer(node);
    }
  }

  /** All jobs are gone. */
  stop(): void {
    this.#tellings.clear();
    this.unreported.clear();
    this.#hasPast = false;
    this.#lacksEnd = false;
    this.#untoldLookMs = NEVER;
    this.#setUntold(false);
  }

  /** Goes on. */
  tick(): void {
    // What the walk before has found was said at the beginning of this turn's end.
    this.unreported.say();
    this.#tellings.sayOn((node) => this.unreported.renew(node));
    const { nowMs } = this.#world.host;
    if (this.#tellings.proceed()) this.#untoldLookMs = nowMs;
    if (this.#untoldLookMs <= nowMs) this.#look();
  }

  /** Who heard of the empty start of this node after it had got copies has struck it out of their lists: they are told anew. */
  #answer(node: number): void {
    if (this.#hasPast) this.#meet(node);
    else if (this.#world.broker.jobs.count > 0) this.#tellings.begin(node);
  }

  #meet(node: number): void {
    this.#owe();
    this.#note(this.#world.nodes.id(node));
    this.#tellings.begin(node);
    this.unreported.begin(node);
  }

  /** What this node and another one have is not known to each other; nor may they ever meet again. */
  #lose(node: number, nodeId: string): void {
    this.#owe();
    this.#tellings.forget(node);
    this.unreported.putOff(node);
    this.#note(nodeId);
  }

  /** The last one that is noted goes last. */
  #note(nodeId: string): void {
    const isKnown = this.#strangers.delete(nodeId);
    this.#strangers.add(nodeId);
    if (isKnown) return;
    const [oldest] = this.#strangers;
    if (this.#strangers.size > STRANGERS_MAX && oldest !== undefined)
      this.#strangers.delete(oldest);
    this.#world.untoldChanged();
  }

  /** Somebody is to be told what may be missing in its lists, or is no member any more. */
  #owe(): void {
    if (!this.#lacksEnd) return;
    this.#untoldLookMs = this.#world.host.nowMs;
    this.#setUntold(true);
  }

  /** Who has been told all, and have all members? */
  #look(): void {
    const { host, nodes } = this.#world;
    this.#untoldLookMs = NEVER;
    let isAnyUntold = false;
    let isAnyTold = false;
    for (const node of nodes.others()) {
      const atMs = this.#tellings.arrivedAtMs(node);
      if (atMs <= host.nowMs) isAnyTold = this.#strangers.delete(nodes.id(node)) || isAnyTold;
      else isAnyUntold = true;
      if (atMs > host.nowMs) this.#untoldLookMs = Math.min(this.#untoldLookMs, atMs);
    }
    if (isAnyTold) this.#world.untoldChanged();
    if (!isAnyUntold) this.#setUntold(false);
  }

  #setUntold(isUntold: boolean): void {
    if (this.isUntold === isUntold) return;
    this.isUntold = isUntold;
    this.#world.untoldChanged();
  }
}
