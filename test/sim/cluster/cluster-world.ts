/**
 * A simulated cluster: machines, the network between them, and those who watch.
 *
 * Processes start and end here, and everything they do is passed on to the census, the checkers and,
 * when a failure is lived again, to the tracer. What happens when is decided by actors and faults.
 */

import type { Message } from "../../../src/cluster/messages.ts";
import { checkBroker } from "../../../src/core/broker-check.ts";
import { Xorshift } from "../../../src/util/xorshift.ts";
import { Census } from "./census.ts";
import { Commands } from "./commands.ts";
import type { ClusterConfig } from "./config.ts";
import { Ledger } from "./ledger.ts";
import { Machine } from "./machine.ts";
import { Network } from "./network.ts";
import { Violation } from "./oracle/checker.ts";
import { type ProcessWatcher, SimProcess } from "./process.ts";
import { Tracer } from "./tracer.ts";
import { Weather } from "./weather.ts";
import { World } from "./world.ts";

/** Looks at everything are taken this often at most, in true ms. */
const LOOK_EVERY_MS = 10;
const LOOK_CLOSELY_EVERY_MS = 250;
/** The broker's own books are checked after every so-manieth turn. */
const CHECK_EVERY = 7;

/** What a test may do to a process before it runs. */
export type Sabotage = (process: SimProcess) => void;

/** Everything there is in one life. */
export class ClusterWorld implements ProcessWatcher {
  readonly world: World;
  readonly network: Network;
  readonly ledger: Ledger;
  readonly weather: Weather;
  readonly census: Census;
  readonly commands: Commands;
  readonly machines: Machine[] = [];
  /** Messages that nodes have sent, by type. */
  readonly messages = new Map<string, number>();
  /** Whether the brokers' own books are checked; off only while a test looks for something else. */
  checksBooks = true;
  readonly #tracer: Tracer;
  readonly #sabotage: Sabotage | undefined;
  #processes = 0;
  #lookedAtMs = 0;
  #lookedCloselyAtMs = 0;

  constructor(config: ClusterConfig, followed: string | undefined, sabotage?: Sabotage) {
    this.world = new World(config);
    this.network = new Network(this.world);
    this.ledger = new Ledger(this.world, followed);
    this.weather = new Weather(this.world, () => this.running);
    this.census = new Census(this.ledger, (id) => this.nameOf(id));
    this.commands = new Commands(this.ledger);
    this.#tracer = new Tracer(this.ledger, (id) => this.nameOf(id));
    this.#sabotage = sabotage;
  }

  /** Processes that have not ended. */
  get running(): SimProcess[] {
    const running: SimProcess[] = [];
    for (const { process } of this.machines) if (process !== undefined) running.push(process);
    return running;
  }

  /** A node that clients may connect to. */
  somebody(): SimProcess | undefined {
    const { running } = this;
    return running.length === 0 ? undefined : this.world.random.pick(running);
  }

  /** A new machine, without a process. */
  addMachine(): Machine {
    const { random, config } = this.world;
    const drifts = config.features.has("clock drift");
    if (drifts) this.world.mark("clock drift");
    const number = this.machines.length + 1;
    const hasLog = config.features.has("logs") && logChance(config, number);
    const zone = zoneOf(number, config.zones);
    const machine = new Machine(number, random, { drifts, hasLog, zone });
    this.machines.push(machine);
    return machine;
  }

  /** Starts a process on a machine that has none. */
  start(machine: Machine): SimProcess {
    const { logged } = machine;
    const process = new SimProcess(machine, this.network, this, ++this.#processes);
    machine.logged = undefined;
    this.#sabotage?.(process);
    const jobs = logged === undefined ? "" : `, with ${process.broker.jobs.count} jobs`;
    this.ledger.tell(`${process.name} starts as ${process.nodeId.slice(0, 8)}${jobs}`);
    this.weather.struck();
    if (logged !== undefined) {
      this.world.mark("logs");
      this.census.loaded(logged, process);
    }
    if (machine.torn !== undefined) this.census.tornBack(process, machine.torn);
    machine.torn = undefined;
    return process;
  }

  /** Ends a process that will be started again: with a log, nothing of its jobs is lost. */
  crash(process: SimProcess, isHeard: boolean): void {
    const { machine } = process;
    if (machine.log !== undefined) machine.logged = process;
    this.kill(process, isHeard);
  }

  /** A machine with a log vanishes, and the last blocks of the log: all that it had counts as lost. */
  tear(process: SimProcess, blocks: number): void {
    const { machine } = process;
    machine.torn = this.census.live(process);
    this.kill(process, false);
    machine.log?.tear(blocks);
  }

  /** Ends a process; `isHeard`: its machine goes on. */
  kill(process: SimProcess, isHeard: boolean): void {
    this.ledger.tell(`${process.name} ${isHeard ? "is killed" : "vanishes with its machine"}`);
    this.weather.struck();
    process.end(isHeard);
    if (process.machine.logged === process) this.census.stored(process);
    else this.census.lost(process);
  }

  /** A short name for a node id. */
  nameOf(nodeId: string): string {
    for (const { number, process, disk } of this.machines) {
      if ((process?.nodeId ?? disk.membership.nodeId) === nodeId) return `n${number}`;
    }
    return nodeId.slice(0, 8);
  }

  turnEnded(process: SimProcess, isOwnWish: boolean): void {
    const { ledger, world } = this;
    ledger.absorb(process.serial + world.nowMs * 4096);
    this.census.take(process);
    if (this.checksBooks && world.turns % CHECK_EVERY === 0) check(process);
    for (const checker of ledger.checkers) checker.turnEnded?.(process, isOwnWish);
    if (world.nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = world.nowMs;
    for (const checker of ledger.checkers) checker.looked?.();
    if (world.nowMs - this.#lookedCloselyAtMs < LOOK_CLOSELY_EVERY_MS) return;
    this.lookClosely();
  }

  /** Looks at what takes time to become so. */
  lookClosely(): void {
    this.#lookedCloselyAtMs = this.world.nowMs;
    for (const checker of this.ledger.checkers) checker.lookedClosely?.();
  }

  sent(process: SimProcess, nodeId: string, message: Message): void {
    this.messages.set(message.type, (this.messages.get(message.type) ?? 0) + 1);
    if (message.type === "kept")
      for (const { reason } of message.refusals) this.world.mark(`refused: ${reason}`);
    this.#tracer.sent(process, nodeId, message);
    for (const checker of this.ledger.checkers) checker.sent?.(process, message, nodeId);
  }

  received(process: SimProcess, nodeId: string, message: Message): void {
    this.#tracer.received(process, nodeId, message);
  }

  logged(process: SimProcess, message: string, data: object | undefined, isFault = false): void {
    if (isFault) this.weather.struck();
    else this.weather.doubt();
    const about = data !== undefined && "nodeId" in data ? this.nameOf(String(data.nodeId)) : "";
    this.ledger.tell(`${process.name}: ${message} ${about}`);
    this.world.mark(`log: ${message}`);
  }
}

/** Whether a machine has a log, by a chance of its own. */
function logChance({ seed, logShare }: ClusterConfig, machine: number): boolean {
  return new Xorshift(seed * 64 + machine).chance(logShare);
}

/** Machines of a zone are no neighbours; every fourth one has none. */
function zoneOf(number: number, zones: number): string {
  return zones === 0 || number % 4 === 0 ? "" : `zone-${number % zones}`;
}

/** The broker's books agree with each other. */
function check(process: SimProcess): void {
  try {
    checkBroker(process.broker);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Violation("books", `${process.name}: ${text}`);
  }
}
