/**
 * One job on a few nodes, and whatever makes these disagree about who keeps it and who has copies.
 *
 * A step names nodes by any number: it means one of those that can do it, or nothing when none can, so that a step
 * still says something when others before it are left out. What the nodes have done wrong is not judged here.
 */
import { Fabric } from "./fabric.ts";
import type { FabricNode } from "./fabric-node.ts";

/** No limit that one job reaches; a node that is full has 1. */
const ROOMY_BYTES = 1e9;
const ADDED_MS = 300;
/** So many nodes stay at least. */
const STAYING_MIN = 3;

/** What the nodes are like, and the job. */
export interface Setting {
  readonly nodes: number;
  readonly home: number;
  readonly replicate: number;
  readonly retrySeconds: number;
  readonly delayMsMax: number;
  readonly repairDelayMs: number;
  readonly seed: number;
  /** Nodes may start again with the job. */
  readonly hasLogs?: boolean;
}

/** What makes nodes disagree, or ends that. */
export type NodeAct =
  | "take over"
  | "make copy"
  | "drop copy"
  | "delete copy"
  | "fill or empty memory"
  | "stand still or go on"
  | "leave or stay"
  | "acknowledge"
  | "believe dead"
  | "believe alive"
  | "silence"
  | "end silence"
  | "break stream"
  | "cut"
  | "join";

/** What happens, and how much time passes before the next step. */
export interface Step {
  readonly do: NodeAct;
  readonly node: number;
  readonly other: number;
  readonly thenMs: number;
}

/** The nodes and their job. */
export class DisputedJob {
  readonly fabric: Fabric;
  readonly id: string;
  readonly #replicate: number;
  isAcked = false;

  constructor({ nodes, home, replicate, retrySeconds, ...network }: Setting) {
    this.fabric = new Fabric(nodes, { ...network, maxMemoryBytes: ROOMY_BYTES });
    const at = this.fabric.node(home % nodes);
    this.#replicate = replicate;
    this.id = at.add({ replicate, retry: retrySeconds }).id;
    this.fabric.run(ADDED_MS);
  }

  get keepers(): FabricNode[] {
    return this.fabric.nodes.filter((node) => node.roleOf(this.id).startsWith("own"));
  }

  get copies(): FabricNode[] {
    return this.fabric.nodes.filter((node) => node.roleOf(this.id) === "copy");
  }

  /** Whoever has it, in the order of their numbers. */
  get holders(): FabricNode[] {
    const holders = new Set([...this.keepers, ...this.copies]);
    return this.fabric.nodes.filter((node) => holders.has(node));
  }

  get staying(): FabricNode[] {
    return this.fabric.nodes.filter(({ broker }) => !broker.isLeaving);
  }

  perform(step: Step): void {
    this.#performAtOne(step);
    this.#performBetween(step);
    this.fabric.run(step.thenMs);
  }

  /** ACKJOB at one of those who have it. */
  acknowledge(which: number): void {
    this.isAcked = true;
    pick(this.holders, which)?.ack(this.id);
  }

  /** ACKJOB at any node, which may have to look for the job. */
  acknowledgeAt(node: FabricNode): void {
    this.isAcked = true;
    node.ack(this.id);
  }

  /** All nodes go on with room, are linked, and are believed alive; those that leave still do. */
  heal(): void {
    for (const node of this.fabric.nodes) {
      node.isStill = false;
      node.broker.memory.maxBytes = ROOMY_BYTES;
      node.turn();
    }
    this.fabric.heal();
  }

  #performAtOne({ do: act, node: which, other }: Step): void {
    const node = this.fabric.node(which % this.fabric.nodes.length);
    if (act === "take over") this.#takeOver(which);
    else if (act === "make copy") this.#makeCopy(which);
    else if (act === "drop copy") this.#dropCopy(which, other);
    else if (act === "delete copy") this.#deleteCopy(which);
    else if (act === "fill or empty memory") fillOrEmpty(node);
    else if (act === "stand still or go on") standOrGoOn(node);
    else if (act === "leave or stay") this.#leaveOrStay(node);
    else if (act === "acknowledge" && !this.isAcked && this.holders.length > 0) {
      this.acknowledge(which);
    }
  }

  #performBetween({ do: act, node, other }: Step): void {
    const { fabric } = this;
    const [from, to] = [node % fabric.nodes.length, other % fabric.nodes.length];
    if (from === to) return;
    if (act === "believe dead") fabric.node(from).setLive(to, false);
    else if (act === "believe alive") fabric.node(from).setLive(to, true);
    else if (act === "silence") fabric.silence(from, to);
    else if (act === "end silence") fabric.endSilence(from, to);
    else if (act === "break stream") fabric.breakStream(from, to);
    else if (act === "cut") fabric.cut(from, to);
    else if (act === "join") fabric.join(from, to);
  }

  #takeOver(which: number): void {
    const node = pick(this.copies, which);
    node?.jobs.takeOver(node.find(this.id));
    node?.turn();
  }

  /** One that nobody needs may come of it; like whoever repairs, the keeper looks once more when it is made. */
  #makeCopy(which: number): void {
    const keeper = pick(this.keepers, which);
    keeper?.jobs.makeCopies(keeper.find(this.id), 1, () => keeper.jobs.examineAll());
    keeper?.turn();
  }

  /** A keeper that knows of more copies than it needs gets rid of one. */
  #dropCopy(which: number, other: number): void {
    const hasMany = (node: FabricNode) => node.listOf(this.id).length > this.#replicate;
    const keeper = pick(this.keepers.filter(hasMany), which);
    if (keeper === undefined) return;
    const others = keeper.listOf(this.id).filter((number) => number !== keeper.number);
    const dropped = pick(others, other);
    if (dropped === undefined) return;
    keeper.jobs.dropCopies(keeper.find(this.id), [keeper.indexOf(dropped)], true);
    keeper.turn();
  }

  /** DELJOB at a holder. */
  #deleteCopy(which: number): void {
    const node = pick(this.copies, which);
    node?.jobs.delete(node.find(this.id));
    node?.turn();
  }

  #leaveOrStay(node: FabricNode): void {
    const mayLeave = this.staying.length > STAYING_MIN;
    node.setLeaving(!node.broker.isLeaving && mayLeave);
  }
}

function fillOrEmpty({ broker }: FabricNode): void {
  broker.memory.maxBytes = broker.memory.maxBytes === ROOMY_BYTES ? 1 : ROOMY_BYTES;
}

function standOrGoOn(node: FabricNode): void {
  node.isStill = !node.isStill;
  node.turn();
}

function pick<T>(from: readonly T[], which: number): T | undefined {
  return from[which % from.length];
}
