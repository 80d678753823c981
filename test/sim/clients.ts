/**
 * Producers and consumers: the ordinary clients of a simulated node, with their bad habits.
 *
 * A consumer asks, works, and acknowledges; or says NACK, asks for more time, takes too long, or dies
 * with the jobs in its hands. Which habits exist in a life is decided by its configuration.
 */
import type { Habit } from "./config.ts";
import { type SimAsk, SimConnection } from "./connection.ts";
import type { Delivery } from "./history.ts";
import type { World, WorldNode } from "./world.ts";

const COUNT_MAX = 5;
const BURST_MAX = 12;
const LARGE_BODY_BYTES = 70_000;

/** Whether something of this habit happens now. */
export function happens(world: World, habit: Habit, chance: number): boolean {
  if (!world.config.habits.has(habit) || !world.random.chance(chance)) return false;
  world.mark(habit);
  return true;
}

/** A time around the usual one: often short, sometimes many times as long. */
export function someTimeMs(world: World, meanMs: number): number {
  const { random } = world;
  if (random.chance(0.3)) return 0;
  return random.below(2 * meanMs * (random.chance(0.05) ? 10 : 1) + 1);
}

/** The name of one of the queues of this life. */
export function someQueue(world: World): string {
  return `queue-${world.random.below(world.config.queues)}`;
}

/** Adds jobs while there are not too many. */
export class Producer {
  readonly #world: World;
  readonly #place: WorldNode;
  readonly #added: (id: string) => void;
  #isStopped = false;
  #bodies = 0;

  constructor(world: World, added: (id: string) => void) {
    this.#world = world;
    this.#place = world.pickNode();
    this.#added = added;
    this.#actLater();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #actLater(): void {
    const world = this.#world;
    world.after(someTimeMs(world, world.config.paceMs), this.#place, () => this.#act());
  }

  #act(): void {
    if (this.#isStopped) return;
    const world = this.#world;
    const jobs = happens(world, "bursts", 0.1) ? 2 + world.random.below(BURST_MAX) : 1;
    for (let i = 0; i < jobs; i++) {
      if (this.#place.node.broker.jobs.count < world.config.jobsMax) this.#add();
    }
    this.#actLater();
  }

  #add(): void {
    const world = this.#world;
    const { random, config } = world;
    const ttlSeconds = 1 + random.below(config.ttlSecondsMax);
    const isOnce = happens(world, "at most once", 0.4);
    const isDelayed = ttlSeconds > 1 && happens(world, "delays", 0.4);
    const delayMax = Math.min(ttlSeconds - 1, config.delaySecondsMax);
    const bytes = happens(world, "large bodies", 0.05) ? LARGE_BODY_BYTES : random.below(200);
    const id = this.#place.node.add({
      queue: someQueue(world),
      body: `${++this.#bodies} `.padEnd(bytes, "x"),
      ttlSeconds,
      retrySeconds: isOnce ? 0 : 1 + random.below(config.retrySecondsMax),
      delaySeconds: isDelayed ? 1 + random.below(delayMax) : 0,
    });
    world.mark(id === undefined ? "refused" : "added");
    if (id !== undefined) this.#added(id);
  }
}

/** Takes jobs and does something with them, again and again. */
export class Consumer {
  readonly #world: World;
  readonly #name: string;
  #place: WorldNode;
  #connection: SimConnection;
  #isStopped = false;
  #number = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
    this.#place = world.pickNode();
    this.#connection = this.#connect();
    this.#askLater();
  }

  /** Goes away for good, whatever it is doing. */
  stop(): void {
    this.#isStopped = true;
    if (this.#connection.isOpen) this.#place.node.close(this.#connection);
  }

  #connect(): SimConnection {
    const name = `${this.#name}.${++this.#number}`;
    this.#place = this.#world.pickNode();
    this.#connection = new SimConnection(name, (jobs) => this.#answered(jobs));
    return this.#connection;
  }

  #askLater(): void {
    const world = this.#world;
    world.after(someTimeMs(world, world.config.paceMs), this.#place, () => this.#ask());
  }

  #ask(): void {
    if (this.#isStopped) return;
    if (!this.#connection.isOpen) this.#connect();
    const connection = this.#connection;
    const waits = this.#place.node.ask(connection, this.#whatToAsk());
    this.#world.mark(waits ? "waited" : "asked");
    if (waits && happens(this.#world, "blocked clients leave", 0.2)) this.#leaveLater(connection);
  }

  #whatToAsk(): SimAsk {
    const world = this.#world;
    const { random, config } = world;
    const queues = [someQueue(world)];
    while (happens(world, "several queues", 0.5)) queues.push(someQueue(world));
    return {
      queues,
      count: happens(world, "counts", 0.6) ? 1 + random.below(COUNT_MAX) : 1,
      isNoHang: happens(world, "no hang", 0.4),
      timeoutMs: happens(world, "timeouts", 0.6) ? 1 + random.below(config.paceMs * 10) : 0,
    };
  }

  #leaveLater(connection: SimConnection): void {
    const world = this.#world;
    world.after(someTimeMs(world, world.config.paceMs), this.#place, () => {
      if (connection.waiter === undefined || !connection.isOpen) return;
      const isClaimed = connection.waiter.jobs.length > 0;
      world.mark(isClaimed ? "left with a promised job" : "left while waiting");
      this.#place.node.close(connection);
      this.#connect();
      this.#askLater();
    });
  }

  #answered(jobs: readonly Delivery[]): void {
    if (this.#isStopped) return;
    const world = this.#world;
    if (jobs.length > 1) world.mark("several jobs at once");
    for (const job of jobs) {
      if (job.nacks > 0) world.mark("delivered after NACK");
      if (job.additionalDeliveries > 0) world.mark("delivered again");
      this.#work(job.id);
    }
    if (jobs.length > 0 && happens(world, "crashes", 0.1)) {
      this.#place.node.close(this.#connection);
      this.#connect();
    }
    this.#askLater();
  }

  /** What becomes of one job: usually ACKJOB after a while. */
  #work(id: string): void {
    const world = this.#world;
    const node = this.#place.node;
    const { paceMs, retrySecondsMax } = world.config;
    if (happens(world, "crashes", 0.2)) return;
    const takesMs = happens(world, "slow work", 0.3) ? retrySecondsMax * 1500 : paceMs;
    const act = (run: () => void) => world.after(someTimeMs(world, takesMs), this.#place, run);
    if (happens(world, "nacks", 0.3)) act(() => node.apply("nack", id));
    else if (happens(world, "working", 0.4)) {
      act(() => {
        node.apply("working", id);
        act(() => node.apply("ack", id));
      });
    } else act(() => node.apply("ack", id));
  }
}
