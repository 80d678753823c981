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
 * joined while it was away and is not known here: whoever links. If it starts again before it has come to the
 * end with that, it is asked, and tells then.
 *
 * That is some dozen bytes a job: they are spread over time (tellings.ts). If some of it may have got lost on the
 * way, all is said again. Whom this node has removed is not remembered over its own restart.
 */
import { type MessageOf, STRANGERS_MAX } from "../../job-messages.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { Tellings } from "./tellings.ts";
import { Unreported } from "./unreported.ts";

/** Tells nodes that are back what this one has. */
export class Reunions {
  readonly #world: JobsWorld;
  readonly #tellings: Tellings;
  /**
   * Ids of nodes that were members, may know what was lost here, or were lost before all was said. When there are too
   * many, the first to go are those that were noted first.
   */
  readonly #strangers = new Set<string>();
  /** There are jobs of a process before, which may not have told all that it should have. */
  #hasPast = false;
  /** And this one may not know of all that the process before has told. */
  #lacksEnd = false;
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
    return this.#tellings.nextWakeAtMs;
  }

  /** Ids of nodes that may have jobs of this one without its knowing; undefined: none. */
  get strangers(): readonly string[] | undefined {
    const nodes = [...this.#tellings.nodes, ...this.unreported.nodes];
    if (this.#strangers.size + nodes.length === 0) return undefined;
    const ids = nodes.map((node) => this.#world.nodes.id(node));
    return [...new Set([...ids, ...this.#strangers])].slice(0, STRANGERS_MAX);
  }

  /** Goes on with jobs of the process before; `isWhole`: with all that it knew of them. */
  resume(isWhole: boolean): void {
    this.#hasPast = true;
    this.#lacksEnd = !isWhole;
    if (isWhole) return;
    for (const node of this.#world.nodes.others()) this.estrange(node);
  }

  /**
   * What a member that may be away and this one have is not known to each other. It is waited for once: who is gone
   * for good may be named often.
   */
  estrange(node: number): void {
    const nodeId = this.#world.nodes.id(node);
    if (this.#strangers.has(nodeId)) return;
    this.#lose(node, nodeId);
    this.unreported.begin(node);
  }

  /** A node cannot be spoken to: what has been begun is begun anew, and others do not wait for it. */
  peerDown(node: number): void {
    if (this.#tellings.isUnderWay(node)) this.#lose(node, this.#world.nodes.id(node));
  }

  /** A node can be spoken to. */
  peerUp(node: number): void {
    const isNamed = this.#strangers.delete(this.#world.nodes.id(node));
    if (isNamed || (this.#lacksEnd && !this.#tellings.isDone(node))) this.#meet(node);
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
      if (this.#hasPast && message.isTold !== true && !isTold) this.#meet(node);
      this.unreported.answer(node);
    }
  }

  /** All jobs are gone. */
  stop(): void {
    this.#tellings.clear();
    this.unreported.clear();
    this.#hasPast = false;
    this.#lacksEnd = false;
  }

  /** Goes on. */
  tick(): void {
    // What the walk before has found was said at the beginning of this turn's end.
    this.unreported.say();
    this.#tellings.sayOn((node) => this.unreported.renew(node));
    this.#tellings.proceed();
  }

  #meet(node: number): void {
    this.#tellings.begin(node);
    this.unreported.begin(node);
  }

  /** What this node and another one have is not known to each other; nor may they ever meet again. */
  #lose(node: number, nodeId: string): void {
    this.#tellings.forget(node);
    this.unreported.putOff(node);
    this.#strangers.delete(nodeId);
    this.#strangers.add(nodeId);
    if (this.#strangers.size <= STRANGERS_MAX) return;
    for (const oldest of this.#strangers) {
      this.#strangers.delete(oldest);
      return;
    }
  }
}
