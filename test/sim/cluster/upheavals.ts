/**
 * What lives of clusters learned later than the rest: FLUSHALL, nodes that do not get rid of what they
 * have to say to another one, and logs whose end is lost when their machine fails. While that machine is
 * away, others may join that it does not know, and take over jobs of nodes that leave.
 *
 * All chance here comes from a stream of its own, so that lives without any of this are what they were.
 * Zones are part of the machines from the beginning (cluster-world.ts).
 */
import { Xorshift } from "../../../src/util/xorshift.ts";
import type { ClusterWorld } from "./cluster-world.ts";
import { type Feature, NODES_MAX, NODES_MIN } from "./config.ts";
import type { Operations } from "./operations.ts";
import type { SimProcess } from "./process.ts";

/** Keeps the stream apart from those that configurations and actors are drawn from. */
const STREAM = 0x7ea;
const FLUSH_CHANCE = 0.1;
const CONGESTION_CHANCE = 0.4;
const TEAR_CHANCE = 0.15;
/** In lives in which others come and go meanwhile. */
const TEAR_CHANGES_CHANCE = 0.4;
/** Who comes back finds somebody new. */
const JOIN_CHANCE = 0.7;
/** And somebody gone, whose jobs the others have. */
const LEAVE_CHANCE = 0.7;
/** Blocks are turns that had something to log. */
const TORN_BLOCKS_MAX = 12;

/** What strikes; zones do not. */
const STRIKING: readonly Feature[] = ["congestion", "flushes", "torn logs"];

/** Strikes now and then, until the end. */
export class Upheavals {
  readonly #cluster: ClusterWorld;
  readonly #operations: Operations;
  readonly #random: Xorshift;
  /** What lasts, and how to end it. */
  readonly #lasting = new Set<() => void>();
  #isOver = false;

  constructor(cluster: ClusterWorld, operations: Operations) {
    this.#cluster = cluster;
    this.#operations = operations;
    const { seed, features } = cluster.world.config;
    this.#random = new Xorshift(seed * 2 + STREAM);
    const isAny = STRIKING.some((feature) => features.has(feature));
    if (isAny) this.#strikeLater();
  }

  /** No more of it. */
  end(): void {
    this.#isOver = true;
    for (const end of [...this.#lasting]) end();
  }

  #strikeLater(): void {
    const { world } = this.#cluster;
    world.after(this.#someTimeMs(world.config.faultPaceMs), () => this.#strike());
  }

  #strike(): void {
    if (this.#isOver) return;
    const [process, other] = [this.#somebody(), this.#somebody()];
    if (process !== undefined && this.#happens("flushes", FLUSH_CHANCE)) {
      this.#operations.flush(process);
    }
    if (process !== undefined && other !== undefined && process !== other) {
      if (this.#happens("congestion", CONGESTION_CHANCE)) this.#congest(process, other.nodeId);
    }
    if (this.#cluster.world.config.features.has("torn logs")) this.#mayTear();
    this.#strikeLater();
  }

  #mayTear(): void {
    const logging = this.#cluster.running.filter(({ machine }) => machine.log !== undefined);
    const { network, weather, world, ledger } = this.#cluster;
    const isChanging = world.config.features.has("changes meanwhile");
    const chance = isChanging ? TEAR_CHANGES_CHANCE : TEAR_CHANCE;
    if (logging.length === 0 || !this.#happens("torn logs", chance)) return;
    const process = this.#random.pick(logging);
    const { machine } = process;
    network.setPower(machine.number, false);
    this.#cluster.tear(process, 1 + this.#random.below(TORN_BLOCKS_MAX));
    ledger.tell(`the end of the log of n${machine.number} is lost`);
    weather.begin();
    if (isChanging) this.#changeMembers();
    const end = (): void => {
      if (!this.#lasting.delete(end)) return;
      network.setPower(machine.number, true);
      this.#cluster.start(machine);
      weather.end();
    };
    this.#lasting.add(end);
    world.after(this.#someTimeMs(2 * world.config.nodeTimeoutMs), end);
  }

  #changeMembers(): void {
    const before = this.#staying();
    const mayJoin = this.#cluster.running.length < NODES_MAX;
    if (mayJoin && this.#happens("changes meanwhile", JOIN_CHANCE)) this.#operations.join();
    const isEnough = before.length > 0 && this.#staying().length >= NODES_MIN;
    if (isEnough && this.#random.chance(LEAVE_CHANCE)) {
      this.#operations.leave(this.#random.pick(before));
    }
  }

  #staying(): SimProcess[] {
    const { leaving } = this.#operations;
    return this.#cluster.running.filter((process) => !leaving.has(process));
  }

  /** The soft limit is reached on the way to a node, for a while. */
  #congest(process: SimProcess, nodeId: string): void {
    const { world, weather, ledger } = this.#cluster;
    if (process.congested.has(nodeId)) return;
    const say = (isCongested: boolean): void => {
      if (isCongested) process.congested.add(nodeId);
      else process.congested.delete(nodeId);
      process.post(() => process.cluster.congestionChanged(nodeId));
    };
    ledger.tell(`${process.name} does not get rid of what is for ${this.#cluster.nameOf(nodeId)}`);
    weather.begin();
    say(true);
    const end = (): void => {
      if (!this.#lasting.delete(end)) return;
      say(false);
      weather.end();
    };
    this.#lasting.add(end);
    world.after(this.#someTimeMs(world.config.nodeTimeoutMs), end);
  }

  #happens(feature: Feature, chance: number): boolean {
    const { world } = this.#cluster;
    if (!world.config.features.has(feature) || !this.#random.chance(chance)) return false;
    world.mark(feature);
    return true;
  }

  #somebody(): SimProcess | undefined {
    const { running } = this.#cluster;
    return running.length === 0 ? undefined : this.#random.pick(running);
  }

  #someTimeMs(meanMs: number): number {
    return this.#random.fraction() * 2 * meanMs;
  }
}
