/**
 * Bad luck of a simulated cluster: what happens to its network, its machines and its members.
 *
 * One stroke after the other, of the kinds that this life has. Everything that is broken is mended after
 * a while, or at the end by `heal`; except for nodes that die for good, whom somebody forgets then.
 */
import type { ClusterWorld } from "./cluster-world.ts";
import { type Fault, type Gift, NODES_MAX, NODES_MIN } from "./config.ts";
import type { Operations } from "./operations.ts";
import type { SimProcess } from "./process.ts";

/** Who stands still goes on before everybody else has lost patience. */
export const STOP_MS_MAX = 60_000;
const WALL_JUMP_MS = 86_400_000;
/** A wall clock that is right is off by so much at most. */
const WALL_ERROR_MS = 500;

/** Strikes now and then. */
export class Fortune {
  readonly #cluster: ClusterWorld;
  readonly #operations: Operations;
  /** What is broken, and how to mend it. */
  readonly #broken = new Set<() => void>();
  #isStopped = false;

  constructor(cluster: ClusterWorld, operations: Operations) {
    this.#cluster = cluster;
    this.#operations = operations;
    this.#strikeLater();
  }

  /** No more of it, and everything that can be mended is. */
  heal(): void {
    this.#isStopped = true;
    for (const mend of [...this.#broken]) mend();
  }

  #strikeLater(): void {
    const { world } = this.#cluster;
    world.after(world.someTimeMs(world.config.faultPaceMs), () => this.#strike());
  }

  #strike(): void {
    if (this.#isStopped) return;
    const { world } = this.#cluster;
    for (const [fault, chance, run] of this.#strokes) {
      if (world.happens(fault, chance)) run();
    }
    this.#strikeLater();
  }

  readonly #strokes: readonly (readonly [Fault | Gift, number, () => void])[] = [
    ["delay spikes", 0.2, () => this.#spike()],
    ["slow links", 0.2, () => this.#slowLinks()],
    ["link resets", 0.4, () => this.#reset()],
    ["one-way partitions", 0.2, () => this.#oneWay()],
    ["partitions", 0.2, () => this.#partition(0.7)],
    ["long partitions", 0.1, () => this.#partition(4)],
    ["stopped processes", 0.2, () => this.#stopProcess()],
    ["crashes", 0.15, () => this.#crash(true)],
    ["machine failures", 0.1, () => this.#crash(false)],
    ["deaths", 0.05, () => this.#die()],
    ["joins", 0.1, () => this.#join()],
    ["leaving", 0.15, () => this.#leave()],
    ["forgets", 0.05, () => this.#forget()],
    ["hard resets", 0.04, () => this.#resetNode(true)],
    ["soft resets", 0.04, () => this.#resetNode(false)],
    ["memory pressure", 0.3, () => this.#squeeze()],
    ["slow turns", 0.3, () => this.#slowTurn()],
    ["wall clock jumps", 0.2, () => this.#jump()],
    ["logs", 0.25, () => this.#tryLog()],
    ["logs", 0.05, () => this.#powerFailure()],
  ];

  /** Breaks something for a while. */
  #breaks(what: string, meanMs: number, mend: () => void): void {
    const { ledger, weather, world } = this.#cluster;
    ledger.tell(`${what} begins`);
    weather.begin();
    const once = (): void => {
      if (!this.#broken.delete(once)) return;
      ledger.tell(`${what} is over`);
      mend();
      weather.end();
    };
    this.#broken.add(once);
    world.after(world.someTimeMs(meanMs), once);
  }

  get #timeoutMs(): number {
    return this.#cluster.world.config.nodeTimeoutMs;
  }

  #spike(): void {
    const { network, weather, world } = this.#cluster;
    if (network.spikeMs > 0) return;
    const spikeMs = world.random.pick([20, 200, this.#timeoutMs / 3]);
    network.spikeMs = spikeMs;
    this.#breaks(`spike of ${spikeMs} ms`, this.#timeoutMs, () => {
      network.spikeMs = 0;
      // What was sent meanwhile is still on its way.
      weather.begin();
      world.after(spikeMs, () => weather.end());
    });
  }

  #slowLinks(): void {
    const { network } = this.#cluster;
    if (network.areLinksSlow) return;
    network.areLinksSlow = true;
    this.#breaks("slow links", this.#timeoutMs, () => {
      network.areLinksSlow = false;
    });
  }

  #reset(): void {
    const { network, world, ledger, weather } = this.#cluster;
    const sockets = network.sockets();
    if (sockets.length === 0) return;
    const socket = world.random.pick(sockets);
    ledger.tell(
      `link n${socket.home.machine.number}-n${socket.peer?.home.machine.number} is reset`,
    );
    weather.struck();
    socket.peer?.reset();
    socket.reset();
  }

  #oneWay(): void {
    const { network, world, machines } = this.#cluster;
    const from = world.random.pick(machines).number;
    const to = world.random.pick(machines).number;
    if (from === to) return;
    network.block(from, to);
    this.#breaks(`n${from} cannot reach n${to}`, this.#timeoutMs, () => network.unblock(from, to));
  }

  #partition(timeouts: number): void {
    const { network, world, machines } = this.#cluster;
    const numbers = world.random.shuffle(machines.map(({ number }) => number));
    const left = numbers.splice(0, 1 + world.random.below(Math.max(1, numbers.length - 1)));
    const ways = left.flatMap((a) => numbers.flatMap((b) => [[a, b] as const, [b, a] as const]));
    for (const [a, b] of ways) network.block(a, b);
    this.#breaks(`partition ${left} | ${numbers}`, this.#timeoutMs * timeouts, () => {
      for (const [a, b] of ways) network.unblock(a, b);
    });
  }

  #stopProcess(): void {
    const { world, ledger } = this.#cluster;
    const process = this.#cluster.somebody();
    if (process === undefined || process.pace.isStopped) return;
    const meanMs = this.#timeoutMs * world.random.pick([0.3, 2]);
    const forMs = Math.min(STOP_MS_MAX, world.someTimeMs(meanMs));
    ledger.tell(`${process.name} stands still for ${forMs.toFixed(0)} ms`);
    this.#cluster.weather.begin();
    process.stop(forMs);
    world.after(forMs, () => this.#cluster.weather.end());
  }

  #crash(isHeard: boolean): void {
    const { world } = this.#cluster;
    const process = this.#cluster.somebody();
    if (process === undefined || !this.#maySpare(process)) return;
    const meanMs = this.#timeoutMs * world.random.pick([0.02, 0.5, 3]);
    this.#outage(process, isHeard, meanMs);
  }

  #outage(process: SimProcess, isHeard: boolean, meanMs: number): void {
    const { network } = this.#cluster;
    const { machine } = process;
    if (!isHeard) network.setPower(machine.number, false);
    this.#cluster.crash(process, isHeard);
    this.#breaks(`outage of n${machine.number}`, meanMs, () => {
      network.setPower(machine.number, true);
      this.#cluster.start(machine);
    });
  }

  /** Whoever has a log may be spared at any time. */
  #tryLog(): void {
    const { random } = this.#cluster.world;
    const logging = this.#logging();
    if (logging.length === 0) return;
    const meanMs = this.#timeoutMs * random.pick([0, 0.02, 0.5, 3]);
    this.#outage(random.pick(logging), random.chance(0.5), meanMs);
  }

  /** All who have a log end at once, and come back one after the other. */
  #powerFailure(): void {
    const { random } = this.#cluster.world;
    const meanMs = this.#timeoutMs * random.pick([0.02, 0.5, 2]);
    for (const process of this.#logging()) this.#outage(process, false, meanMs);
  }

  #logging(): SimProcess[] {
    return this.#cluster.running.filter(({ machine }) => machine.log !== undefined);
  }

  #die(): void {
    const process = this.#cluster.somebody();
    if (process === undefined || !this.#maySpare(process)) return;
    const { nodeId } = process;
    this.#cluster.kill(process, this.#cluster.world.random.chance(0.5));
    this.#breaks(`n${process.machine.number} is gone for ever`, this.#timeoutMs * 4, () =>
      this.#operations.forgetEverywhere(nodeId),
    );
  }

  #join(): void {
    if (this.#cluster.running.length >= NODES_MAX) return;
    this.#operations.join();
  }

  #leave(): void {
    const process = this.#cluster.somebody();
    if (process === undefined || !this.#maySpare(process)) return;
    this.#operations.leave(process);
  }

  #forget(): void {
    const { world } = this.#cluster;
    const [forgetter, victim] = [this.#cluster.somebody(), this.#cluster.somebody()];
    if (forgetter === undefined || victim === undefined || forgetter === victim) return;
    this.#operations.forget(forgetter, victim.nodeId);
    this.#breaks(`n${victim.machine.number} is a stranger`, world.config.nodeTimeoutMs, () => {
      // Who is gone for ever would be dialled for as long as it takes to give up.
      const isThere = this.#cluster.running.some(({ machine }) => machine === victim.machine);
      if (isThere) this.#operations.meet(forgetter, victim);
    });
  }

  #resetNode(isHard: boolean): void {
    const process = this.#cluster.somebody();
    if (process === undefined || !this.#maySpare(process)) return;
    this.#operations.reset(process, isHard);
    this.#breaks(`n${process.machine.number} knows nobody`, this.#timeoutMs, () => {
      const other = this.#cluster.running.find((running) => running !== process);
      if (other !== undefined) this.#operations.meet(process, other);
    });
  }

  #squeeze(): void {
    const { world } = this.#cluster;
    const process = this.#cluster.somebody();
    if (process === undefined || process.broker.bufferBytes > 0) return;
    process.broker.bufferBytes = world.random.below(world.config.maxMemoryBytes / 3);
    this.#breaks(`memory is short on n${process.machine.number}`, this.#timeoutMs, () => {
      process.broker.bufferBytes = 0;
    });
  }

  #slowTurn(): void {
    const process = this.#cluster.somebody();
    if (process === undefined) return;
    process.pace.slownessMs = this.#cluster.world.random.below(this.#timeoutMs / 4);
    this.#cluster.weather.struck();
  }

  #jump(): void {
    const { random } = this.#cluster.world;
    const process = this.#cluster.somebody();
    if (process === undefined) return;
    const wallErrorMs = random.below(2 * WALL_JUMP_MS) - WALL_JUMP_MS;
    setWall(process, wallErrorMs);
    // Somebody sets it right: while it is wrong, nobody makes links with this node.
    this.#breaks(`n${process.machine.number} has a wrong clock`, this.#timeoutMs, () =>
      setWall(process, random.below(WALL_ERROR_MS)),
    );
  }

  /** Whether enough nodes are left without it. */
  #maySpare(process: SimProcess): boolean {
    const { leaving } = this.#operations;
    const staying = this.#cluster.running.filter(
      (other) => other !== process && !leaving.has(other),
    );
    return staying.length >= NODES_MIN - 1;
  }
}

function setWall(process: SimProcess, wallErrorMs: number): void {
  const { machine } = process;
  machine.wallErrorMs = wallErrorMs;
  process.clock.wallErrorMs = wallErrorMs;
  if (machine.process !== undefined) machine.process.clock.wallErrorMs = wallErrorMs;
}
