/**
 * One simulated life: from a seed to its end, in silence.
 *
 * First everybody does what the configuration lets them do. Then producers, operators and bad luck
 * stop, the consumers go away, and one honest consumer drains the queues until every job is done or
 * expired. At last the node must be as it was in the beginning: empty, and without a timer.
 */
import { Consumer, happens, Producer } from "./clients.ts";
import { configOf, type SimConfig } from "./config.ts";
import { SimConnection } from "./connection.ts";
import { type Checker, History } from "./history.ts";
import { ModelChecker } from "./model-checker.ts";
import { Fortune, Operator } from "./operators.ts";
import { withoutRealWorld } from "./poison.ts";
import { jobPromises } from "./promises.ts";
import { waitingPromises } from "./waiting-promises.ts";
import { type Sabotage, World, type WorldNode } from "./world.ts";

/** How a life went. */
export interface LifeReport {
  readonly config: SimConfig;
  /** What was broken; undefined: nothing. */
  readonly failure: Error | undefined;
  readonly lastLines: readonly string[];
  readonly hash: string;
  readonly turns: number;
  readonly events: number;
  readonly simulatedMs: number;
  readonly marks: ReadonlyMap<string, number>;
}

/** Changes to a life that tests make. */
export interface LifeOptions {
  readonly steps?: number;
  /** Only these checkers watch; all when absent. */
  readonly checkers?: readonly string[];
  /** Breaks something on purpose. */
  readonly sabotage?: Sabotage;
  /** Habits and numbers other than those of the seed. */
  readonly change?: (config: SimConfig) => SimConfig;
}

/** Turns of a life before it is drained. */
export const STEPS_DEFAULT = 250;
/** Turns in which draining comes to an end: each job needs a few. */
const DRAIN_STEPS_MAX = 20_000;
const DRAIN_EVERY_MS = 60_000;

/** Every checker there is, fresh. */
export function allCheckers(config: SimConfig): Checker[] {
  const waiting = waitingPromises(config.maxMemoryBytes > 0);
  return [...jobPromises(), ...waiting, new ModelChecker()];
}

/** Lives the life of a seed. */
export function live(seed: number, options: LifeOptions = {}): LifeReport {
  const drawn = configOf(seed, options.steps ?? STEPS_DEFAULT);
  const config = options.change?.(drawn) ?? drawn;
  const watching = options.checkers;
  const isWatching = (checker: Checker): boolean => watching?.includes(checker.name) ?? true;
  const history = new History(allCheckers(config).filter(isWatching));
  const world = new World(config, history, options.sabotage);
  world.checksBroker = watching?.includes("check") ?? true;
  const startMs = world.nowMs;
  let failure: Error | undefined;
  try {
    withoutRealWorld(() => run(world));
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  return {
    config,
    failure,
    lastLines: history.lastLines,
    hash: history.hash,
    turns: world.turns,
    events: history.count,
    simulatedMs: world.nowMs - startMs,
    marks: world.marks,
  };
}

function run(world: World): void {
  const { config } = world;
  happens(world, "short lives", 1);
  const ids: string[] = [];
  const actors = [
    ...times(config.producers, () => new Producer(world, (id) => ids.push(id))),
    ...times(config.consumers, (i) => new Consumer(world, `consumer-${i}`)),
    ...times(config.operators, () => new Operator(world, ids)),
    ...world.nodes.map((place) => new Fortune(world, place)),
  ];
  world.fateOf = () => {
    if (happens(world, "dead sockets", 0.1)) return "dead socket";
    return happens(world, "half-written replies", 0.2) ? "half-written" : "written";
  };
  while (world.turns < config.steps && world.step());
  for (const place of world.nodes) {
    world.after(0, place, () => {
      for (const actor of actors) actor.stop();
      drain(world, place);
    });
  }
  let steps = 0;
  while (steps <= DRAIN_STEPS_MAX && world.step()) steps++;
  for (const { node } of world.nodes) {
    const { usedBytes, nextWakeAtMs, stats } = node.broker;
    for (const [name, total] of Object.entries(stats)) {
      if (typeof total === "number" && total > 0) world.mark(name);
    }
    world.history.emit({ type: "silence", atMs: node.host.nowMs, nextWakeAtMs, usedBytes });
  }
}

/** Opens everything and takes and acknowledges whatever comes, while there are jobs. */
export function drain(world: World, place: WorldNode): void {
  const { node } = place;
  const { config } = world;
  world.fateOf = () => "written";
  place.slownessMs = 0;
  node.broker.memory.maxBytes = 0;
  node.broker.bufferBytes = 0;
  const queues = times(config.queues, (i) => `queue-${i}`);
  for (const queue of queues) node.pause(queue, false, false);
  world.history.emit({ type: "drain", atMs: node.host.nowMs });
  const connection = new SimConnection("drain", (jobs) => {
    for (const { id } of jobs) world.after(0, place, () => node.apply("ack", id));
    world.after(0, place, askAgain);
  });
  const askAgain = () => {
    if (node.broker.jobs.count === 0) return;
    node.ask(connection, { queues, count: 10, isNoHang: false, timeoutMs: DRAIN_EVERY_MS });
  };
  askAgain();
}

/** So many of something. */
export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
