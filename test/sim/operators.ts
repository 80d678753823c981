/**
 * Operators and bad luck: those who meddle with jobs and queues of others, and what happens to nodes.
 *
 * None of it is rare enough to be left out: people do pause, delete and acknowledge what they should
 * not, clocks are set, and processes stand still while the machine is busy with something else.
 */
import { happens, someQueue, someTimeMs } from "./clients.ts";
import type { JobVerb } from "./history.ts";
import type { World, WorldNode } from "./world.ts";

/** Asks for any job that was ever added, whoever has it. */
export class Operator {
  readonly #world: World;
  readonly #place: WorldNode;
  readonly #ids: readonly string[];
  #isStopped = false;

  constructor(world: World, ids: readonly string[]) {
    this.#world = world;
    this.#place = world.pickNode();
    this.#ids = ids;
    this.#actLater();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #actLater(): void {
    const world = this.#world;
    world.after(someTimeMs(world, world.config.paceMs * 2), this.#place, () => this.#act());
  }

  #act(): void {
    if (this.#isStopped) return;
    const world = this.#world;
    const { random } = world;
    const node = this.#place.node;
    if (happens(world, "strangers", 0.3)) this.#meddle(random.pick(["ack", "enqueue", "nack"]));
    if (happens(world, "strangers", 0.2)) this.#meddle("working");
    if (happens(world, "dequeues", 0.4)) this.#meddle("dequeue");
    if (happens(world, "dequeues", 0.2)) this.#meddle("enqueue");
    if (happens(world, "deletions", 0.1)) this.#meddle("delete");
    const pausesIn = happens(world, "pauses in", 0.15);
    const pausesOut = happens(world, "pauses out", 0.15);
    if (pausesIn || pausesOut) this.#pauseForAWhile(pausesIn, pausesOut);
    if (happens(world, "flushes", 0.02)) node.flush();
    this.#actLater();
  }

  /** Does something with a job; most often with a recent one, which is more likely to be there. */
  #meddle(verb: JobVerb): void {
    const { random } = this.#world;
    const back = Math.floor(random.fraction() ** 3 * this.#ids.length);
    const id = this.#ids[this.#ids.length - 1 - back];
    if (id === undefined) return;
    const answer = this.#place.node.apply(verb, id);
    this.#world.mark(`${verb}: ${answer ? "yes" : "no"}`);
  }

  #pauseForAWhile(isPausedIn: boolean, isPausedOut: boolean): void {
    const world = this.#world;
    const queue = someQueue(world);
    this.#place.node.pause(queue, isPausedIn, isPausedOut);
    world.after(someTimeMs(world, world.config.paceMs * 5), this.#place, () => {
      const held = this.#place.node.entry(queue).held.length;
      if (held > 0) world.mark("released held jobs");
      this.#place.node.pause(queue, false, false);
    });
  }
}

const DAY_MS = 86_400_000;
/** Longer than idle queues are kept. */
const SILENCE_MS = 400_000;

/** Bad luck of a node: stalls, slow turns, a wall clock that jumps; and long silences. */
export class Fortune {
  readonly #world: World;
  readonly #place: WorldNode;
  #isStopped = false;

  constructor(world: World, place: WorldNode) {
    this.#world = world;
    this.#place = place;
    this.#actLater();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #actLater(): void {
    const world = this.#world;
    world.after(someTimeMs(world, world.config.paceMs * 5), this.#place, () => this.#act());
  }

  #act(): void {
    if (this.#isStopped) return;
    const world = this.#world;
    const { random, config } = world;
    const host = this.#place.node.host;
    if (happens(world, "wall clock jumps", 0.2)) {
      host.wallMs += random.below(2 * DAY_MS) - DAY_MS;
    }
    if (happens(world, "stalls", 0.2)) {
      const longestMs = random.pick([config.paceMs * 3, config.retrySecondsMax * 3000]);
      this.#place.stalledUntilMs = world.nowMs + random.below(longestMs + 1);
    }
    if (happens(world, "slow turns", 0.4)) {
      this.#place.slownessMs = random.below(random.pick([3, 3000]));
    }
    if (happens(world, "little memory", 0.1)) {
      this.#place.node.broker.bufferBytes = random.below(config.maxMemoryBytes / 4);
    }
    if (happens(world, "silences", 0.05)) {
      this.#place.stalledUntilMs = world.nowMs + random.below(SILENCE_MS);
    }
    this.#actLater();
  }
}
