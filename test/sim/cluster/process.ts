/**
 * One process of a simulated node, from its start to its end: broker, cluster, bus, and its turns.
 *
 * Whatever arrives waits for the next turn; then all of it is handled, what is due is done, other nodes
 * are told, then clients, as src/io/turn.ts has it. A process that is stopped takes no turns; what
 * arrives meanwhile stands in its sockets.
 */
import { Cluster } from "../../../src/cluster/cluster.ts";
import type { FailedDial, PeerAddress, PeerLink } from "../../../src/cluster/members/links.ts";
import type { Message } from "../../../src/cluster/messages.ts";
import { Broker } from "../../../src/core/broker.ts";
import { Xorshift } from "../../../src/util/xorshift.ts";
import { sharedTokens, xxh64 } from "../../support/xxh64.ts";
import { type BusHome, SimBus } from "./bus.ts";
import { NodeClock } from "./clock.ts";
import type { Socket } from "./connection.ts";
import type { Greeting } from "./handshake.ts";
import { BUS_PORT, type Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import { Pace } from "./pace.ts";
import { beginLog, restorePauses } from "./recovery.ts";
import { HELPING, ObjectStream, type PeerStream, type StreamReceiver } from "./streams.ts";
import { WireStream } from "./wire-stream.ts";
import type { World } from "./world.ts";
import "../../support/small-pages.ts";

/** A turn keeps the process busy for so long. */
const TURN_MS = 0.05;
const CLIENT_PORT = 7711;

/** Who watches processes. */
export interface ProcessWatcher {
  /** A turn is over; `isOwnWish`: nothing had arrived. */
  turnEnded(process: SimProcess, isOwnWish: boolean): void;
  /** A message is queued for another node. */
  sent(process: SimProcess, nodeId: string, message: Message): void;
  /** A message of another node is about to be handled. */
  received(process: SimProcess, nodeId: string, message: Message): void;
  /** The node has changed its mind about others. */
  logged(process: SimProcess, message: string, data: object | undefined, isFault?: boolean): void;
}

/** Somebody who has an answer to send at the end of a turn. */
export interface Answering {
  sendAnswer(): void;
}

/** A running node. */
export class SimProcess implements BusHome {
  readonly machine: Machine;
  readonly world: World;
  readonly clock: NodeClock;
  readonly broker: Broker;
  readonly cluster: Cluster;
  readonly bus: SimBus;
  /** For everything that is drawn by this process. */
  readonly random: Xorshift;
  /** Distinguishes all processes of a life. */
  readonly serial: number;
  isAlive = true;
  readonly pace: Pace;
  /** Ids of nodes to which so much is on its way that nothing large may follow, as it believes. */
  readonly congested = new Set<string>();
  /** So many messages to a peer arrive together; the next ones may come later. */
  helping = HELPING;
  /** Those with an answer for a client. */
  answering: Answering[] = [];
  /** Called once when the process ends. */
  readonly ended: (() => void)[] = [];
  #identity: { readonly nodeId: string; readonly incarnation: number };
  readonly #network: Network;
  readonly #watcher: ProcessWatcher;
  #inbox: (() => void)[] = [];
  #isDiskOutdated = true;
  /** When the turn began that it is in, world ms, about which it has not said anything yet; Infinity: none. */
  turnBeganAtMs = Number.POSITIVE_INFINITY;
  #turnAtMs = Number.POSITIVE_INFINITY;
  #freeAtMs = 0;

  /** Loads what the process before has logged, if there is a log. */
  constructor(machine: Machine, network: Network, watcher: ProcessWatcher, serial: number) {
    const { world } = network;
    const { config } = world;
    this.machine = machine;
    this.world = world;
    this.serial = serial;
    this.pace = new Pace(world);
    this.#network = network;
    this.#watcher = watcher;
    this.random = new Xorshift(world.random.word());
    const chance = new Xorshift(world.random.word());
    this.clock = new NodeClock(chance, world.nowMs, machine.clockRate, machine.wallErrorMs);
    const { membership: saved, pauses } = machine.disk;
    this.#identity = { nodeId: saved.nodeId, incarnation: saved.incarnation + 1 };
    const maxMemoryBytes = config.features.has("memory pressure") ? config.maxMemoryBytes : 0;
    this.broker = new Broker(this.clock, { nodeId: saved.nodeId, maxMemoryBytes });
    this.bus = new SimBus(this);
    this.cluster = new Cluster({
      host: this.clock,
      broker: this.broker,
      links: this.bus.links,
      xxh64,
      tokens: sharedTokens,
      start: {
        profile: { host: "", port: CLIENT_PORT, busPort: BUS_PORT, zone: machine.zone },
        nodeTimeoutMs: config.nodeTimeoutMs,
        saved,
      },
      events: {
        snapshotChanged: () => {
          this.#isDiskOutdated = true;
        },
        identityChanged: () => this.#identityChanged(),
        log: (_level, message, data) => watcher.logged(this, message, data),
      },
      settings: { repairDelayMs: config.repairDelayMs, degradesDefault: false },
    });
    this.cluster.hasBus = true;
    restorePauses(this, pauses);
    beginLog(this);
    this.#save();
    machine.process = this;
    network.listen(machine.ip, this);
    this.post(() => {});
  }

  get nodeId(): string {
    return this.#identity.nodeId;
  }

  get greeting(): Greeting {
    return { ...this.#identity, process: this };
  }

  get name(): string {
    return `n${this.machine.number}.${this.serial}`;
  }

  /** Runs it in the next turn. */
  post(run: () => void): void {
    if (!this.isAlive) return;
    this.#inbox.push(run);
    this.#wantTurn(this.world.nowMs);
  }

  /** There is something to be said: a turn ends with it, this one or another. */
  touch(): void {
    this.#wantTurn(this.world.nowMs);
  }

  after(delayMs: number, run: () => void): void {
    this.world.after(delayMs, () => this.isAlive && run());
  }

  accept(socket: Socket): void {
    this.bus.accept(socket);
  }

  connect(ip: string, connected: (socket: Socket | undefined) => void): void {
    this.#network.dial(this, ip, connected);
  }

  newStream(receiver: StreamReceiver, streamId: number): PeerStream {
    const { isOnWire, keptMax } = this.world.config;
    if (isOnWire) return new WireStream(receiver, streamId, keptMax, this.random);
    return new ObjectStream(receiver, streamId, keptMax, () => this.helping);
  }

  ipOf(socket: Socket): string {
    return this.#network.ipOf(socket.peer?.home);
  }

  linkUp(link: PeerLink): void {
    this.cluster.membership.linkUp(link);
  }

  linkDown(link: PeerLink): void {
    this.cluster.membership.linkDown(link);
    const isMember = this.cluster.membership.member(link.remoteId) !== undefined;
    if (!isMember) this.bus.forgetIfIdle(link.remoteId);
  }

  received(link: PeerLink, message: Message): void {
    this.#watcher.received(this, link.remoteId, message);
    this.cluster.received(link, message);
  }

  sent(nodeId: string, message: Message): void {
    this.#watcher.sent(this, nodeId, message);
  }

  dialFailed(address: PeerAddress, failure: FailedDial): void {
    this.cluster.membership.dialFailed(address, failure);
  }

  streamBroken(nodeId: string, isOurs: boolean): void {
    this.#watcher.logged(this, "a stream is broken with", { nodeId, isOurs }, true);
    this.cluster[isOurs ? "streamBroken" : "answersLost"](nodeId);
  }

  mark(what: string): void {
    this.world.mark(what);
  }

  /** The process ends; `isHeard`: its machine goes on and ends its connections. */
  end(isHeard: boolean): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.machine.process = undefined;
    for (const socket of this.#network.socketsOf(this)) {
      if (isHeard) socket.destroy();
      else socket.vanish();
    }
    for (const tell of this.ended) tell();
    this.#inbox = [];
  }

  /** It takes no turns for so long. */
  stop(forMs: number): void {
    this.pace.stop(forMs);
    this.#wantTurn(this.world.nowMs);
  }

  get #isInTurn(): boolean {
    return this.turnBeganAtMs < Number.POSITIVE_INFINITY;
  }

  #wantTurn(atMs: number): void {
    const turnAtMs = Math.max(atMs, this.#freeAtMs, this.pace.stoppedUntilMs);
    if (this.#isInTurn || turnAtMs >= this.#turnAtMs || turnAtMs === Infinity) return;
    this.#turnAtMs = turnAtMs;
    this.world.at(turnAtMs, () => this.#turnDue(turnAtMs));
  }

  #turnDue(atMs: number): void {
    if (!this.isAlive || this.#turnAtMs !== atMs) return;
    this.#turnAtMs = Number.POSITIVE_INFINITY;
    // Stopped since it was agreed on, or still busy.
    if (this.#isInTurn) return;
    if (this.pace.isStopped) this.#wantTurn(atMs);
    else this.#turn();
  }

  #turn(): void {
    const { world, clock } = this;
    world.turns++;
    clock.refresh(world.nowMs);
    this.cluster.timePassed();
    this.turnBeganAtMs = world.nowMs;
    const isOwnWish = this.#inbox.length === 0;
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const run of inbox) {
      run();
      if (!this.isAlive) return;
    }
    const slownessMs = this.pace.begin();
    if (slownessMs === 0) this.#finishTurn(isOwnWish);
    else world.after(slownessMs, () => this.#finishTurn(isOwnWish));
  }

  #finishTurn(isOwnWish: boolean): void {
    const { world, broker, cluster, clock } = this;
    if (!this.isAlive) return;
    if (this.pace.isStopped) {
      world.at(this.pace.stoppedUntilMs, () => this.#finishTurn(isOwnWish));
      return;
    }
    this.#freeAtMs = world.nowMs + TURN_MS;
    clock.refresh(this.#freeAtMs);
    cluster.timePassed();
    broker.tick();
    cluster.tick();
    this.#save();
    this.machine.log?.persist();
    this.bus.flush();
    this.turnBeganAtMs = Number.POSITIVE_INFINITY;
    const { answering } = this;
    this.answering = [];
    for (const one of answering) one.sendAnswer();
    this.#watcher.turnEnded(this, isOwnWish);
    if (!this.isAlive) return;
    const wakeAtMs = Math.min(broker.nextWakeAtMs, cluster.nextWakeAtMs);
    this.#wantTurn(clock.worldMsOf(wakeAtMs));
    if (this.#inbox.length > 0) this.#wantTurn(world.nowMs);
  }

  #save(): void {
    if (!this.#isDiskOutdated) return;
    this.#isDiskOutdated = false;
    const { snapshot, pauses } = this.cluster;
    this.machine.disk = { membership: snapshot, pauses: [...pauses.values()] };
  }

  #identityChanged(): void {
    const { nodeId, incarnation } = this.cluster.membership;
    this.#identity = { nodeId, incarnation };
    this.bus.become();
  }
}
