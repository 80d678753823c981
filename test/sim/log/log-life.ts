/**
 * One simulated life of a node with a log: many processes, one disk, and the promises that outlive them.
 *
 * The clients are those of the other lives. Beside their habits there are those of the machine: processes
 * are killed, machines lose their power, and disks are full, slow or broken for a while; the log is
 * rewritten at any time, and in some lives switched off and on. At last the disk is well, everything is
 * drained, and the log is read once more.
 *
 * Not in these lives: pauses (they are in the nodes file) and clocks that lie; test/journal has both.
 */
import { Xorshift } from "../../../src/util/xorshift.ts";
import { Consumer, happens, Producer, someTimeMs } from "../clients.ts";
import { configOf, HABITS, type Habit, type SimConfig } from "../config.ts";
import { Violation } from "../history.ts";
import { drain, type LifeReport, times } from "../life.ts";
import { Fortune, Operator } from "../operators.ts";
import { withoutRealWorld } from "../poison.ts";
import type { LogShape } from "./log-node.ts";
import { type End, LogWorld } from "./log-world.ts";

/** What may happen to the log, its process and its disk. */
export const LOG_HABITS = [
  "kills",
  "power failures",
  "stops",
  "full disk",
  "broken writes",
  "broken syncs",
  "slow disk",
  "rewrites",
  "log off and on",
] as const;

/** One of LOG_HABITS. */
export type LogHabit = (typeof LOG_HABITS)[number];

/** Turns before everything is drained. */
export const LOG_STEPS_DEFAULT = 400;
const DRAIN_STEPS_MAX = 20_000;
/** A disk that is well again needs so long until it is trusted. */
const RECOVERY_MS = 30_000;
const LEFT_OUT: ReadonlySet<Habit> = new Set<Habit>([
  "pauses in",
  "pauses out",
  "wall clock jumps",
  "little memory",
]);
/** A process that stands still cannot sync once a second, nor write anew what a failed sync has lost. */
const STANDING_STILL: ReadonlySet<Habit> = new Set<Habit>(["stalls", "silences", "slow turns"]);

/** Everything that a seed decides. */
export interface LogConfig extends SimConfig {
  readonly logHabits: ReadonlySet<LogHabit>;
  readonly shape: LogShape;
}

/** Changes that a test makes. */
export interface LogLifeOptions {
  readonly steps?: number;
  readonly change?: (config: LogConfig) => LogConfig;
}

/** What came of it. */
export interface LogLifeReport extends LifeReport {
  readonly config: LogConfig;
}

/** Draws the configuration of a seed. */
export function logConfigOf(seed: number, steps: number): LogConfig {
  const drawn = configOf(seed, steps);
  const random = new Xorshift(seed * 2 + 5);
  const policy = random.pick(["always", "always", "everysec", "no"] as const);
  const segmentBytes = random.pick([2000, 16_000, 200_000]);
  const logHabits = new Set(LOG_HABITS.filter(() => random.chance(0.5)));
  const mustAct = policy === "everysec" || (policy === "no" && logHabits.has("broken syncs"));
  const isLeftOut = (habit: Habit): boolean =>
    LEFT_OUT.has(habit) || (mustAct && STANDING_STILL.has(habit));
  return {
    ...drawn,
    maxMemoryBytes: 0,
    habits: new Set([...drawn.habits].filter((habit) => !isLeftOut(habit))),
    logHabits,
    shape: {
      policy,
      segmentBytes,
      rewriteBytes: random.pick([200, 3000, 128_000]),
      percentage: random.pick([0, 100, 100]),
    },
  };
}

/** Lives the life of a seed. */
export async function liveWithLog(
  seed: number,
  options: LogLifeOptions = {},
): Promise<LogLifeReport> {
  const drawn = logConfigOf(seed, options.steps ?? LOG_STEPS_DEFAULT);
  const config = options.change?.(drawn) ?? drawn;
  const world = new LogWorld(config, config.shape, new Xorshift(seed * 2 + 7));
  const startMs = world.nowMs;
  let failure: Error | undefined;
  try {
    await run(world, config);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  return {
    config,
    failure,
    lastLines: [...world.history.lastLines, ...world.node.messages.slice(-20)],
    hash: world.history.hash,
    turns: world.turns,
    events: world.history.count,
    simulatedMs: world.nowMs - startMs,
    marks: world.marks,
  };
}

async function run(world: LogWorld, config: LogConfig): Promise<void> {
  await world.node.start(false);
  const ids: string[] = [];
  const { place } = world;
  const disaster = new Disaster(world, config);
  const actors = [
    ...times(config.producers, () => new Producer(world, (id) => ids.push(id))),
    ...times(config.consumers, (i) => new Consumer(world, `consumer-${i}`)),
    ...times(config.operators, () => new Operator(world, ids)),
    new Fortune(world, place),
    disaster,
  ];
  world.fateOf = () => {
    if (happens(world, "dead sockets", 0.1)) return "dead socket";
    return happens(world, "half-written replies", 0.2) ? "half-written" : "written";
  };
  while (world.turns < config.steps && !world.isUnclear && (await step(world)));
  if (world.isUnclear) return;
  // Nothing happens to it any more.
  world.disk.callsLeft = Number.POSITIVE_INFINITY;
  for (const actor of actors) actor.stop();
  world.after(RECOVERY_MS, place, () => {
    if (!config.logHabits.has("log off and on")) return;
    world.node.turnLog(true);
  });
  world.after(2 * RECOVERY_MS, place, () => drain(world, place));
  let steps = 0;
  while (steps <= DRAIN_STEPS_MAX && !world.isUnclear && (await step(world))) steps++;
  if (world.isUnclear) return;
  if (steps > DRAIN_STEPS_MAX) throw new Violation("quiet", "it never rests");
  const { usedBytes, nextWakeAtMs } = world.node.broker;
  world.history.emit({ type: "silence", atMs: world.nowMs, nextWakeAtMs, usedBytes });
  world.end = "power";
  await world.restart();
}

/** One step, and whatever follows from it in promises; false when nothing will ever happen again. */
async function step(world: LogWorld): Promise<boolean> {
  const goesOn = withoutRealWorld(() => world.step());
  await undefined;
  if (!world.disk.isOff) return goesOn;
  await world.restart();
  return true;
}

/** What happens to processes, machines and disks. */
class Disaster {
  readonly #world: LogWorld;
  readonly #config: LogConfig;
  #isStopped = false;

  constructor(world: LogWorld, config: LogConfig) {
    this.#world = world;
    this.#config = config;
    this.#actLater();
  }

  stop(): void {
    const { weather } = this.#world.disk;
    this.#isStopped = true;
    weather.fullUntilMs = 0;
    weather.writesFailUntilMs = 0;
    weather.syncsFailUntilMs = 0;
    weather.slowUntilMs = 0;
  }

  #actLater(): void {
    const world = this.#world;
    world.after(someTimeMs(world, world.config.paceMs * 6), world.place, () => this.#act());
  }

  #happens(habit: LogHabit, chance: number): boolean {
    const world = this.#world;
    if (!this.#config.logHabits.has(habit) || !world.random.chance(chance)) return false;
    world.mark(habit);
    return true;
  }

  #act(): void {
    if (this.#isStopped) return;
    this.#actLater();
    const { node, disk } = this.#world;
    if (disk.isOff || disk.callsLeft !== Number.POSITIVE_INFINITY) return;
    this.#spoil();
    if (this.#happens("rewrites", 0.2)) node.log.rewrite();
    if (this.#happens("log off and on", 0.1)) {
      this.#world.noteMiddle();
      node.turnLog(!node.config.settings.appendonly);
    }
    if (this.#happens("kills", 0.1)) this.#end("kill");
    else if (this.#happens("power failures", 0.1)) this.#end("power");
    else if (this.#happens("stops", 0.05)) this.#stop();
  }

  /** In good order: when the last sync has ended. */
  #stop(): void {
    const world = this.#world;
    const { node, disk } = world;
    if (this.#isStopped || disk.isOff || disk.callsLeft !== Number.POSITIVE_INFINITY) return;
    if (node.log.isSyncing && world.random.chance(0.8)) {
      world.after(1 + world.random.below(20), world.place, () => this.#stop());
      return;
    }
    world.noteMiddle();
    node.log.close();
    world.end = "stop";
    disk.callsLeft = 0;
  }

  /** At once, or in the middle of what follows. */
  #end(end: End): void {
    const { random, disk } = this.#world;
    this.#world.end = end;
    disk.callsLeft = random.chance(0.3) ? 0 : 1 + random.below(random.pick([4, 12, 40]));
  }

  #spoil(): void {
    const world = this.#world;
    const { weather } = world.disk;
    const { random, nowMs, config } = world;
    const untilMs = nowMs + random.below(config.paceMs * random.pick([3, 30])) + random.below(4000);
    if (this.#happens("full disk", 0.1)) weather.fullUntilMs = untilMs;
    const worsen = (
      habit: LogHabit,
      chance: number,
      what: "writesFailUntilMs" | "syncsFailUntilMs" | "slowUntilMs",
    ): void => {
      if (!this.#happens(habit, chance)) return;
      weather[what] = untilMs;
      world.badUntilMs = Math.max(world.badUntilMs, untilMs);
    };
    worsen("broken writes", 0.06, "writesFailUntilMs");
    worsen("broken syncs", 0.06, "syncsFailUntilMs");
    worsen("slow disk", 0.08, "slowUntilMs");
  }
}

/** One line that names everything about a configuration. */
export function describeLogConfig(config: LogConfig): string {
  const { habits, logHabits, shape, ...numbers } = config;
  const facts = Object.entries({ ...numbers, ...shape }).map(([name, value]) => `${name}=${value}`);
  return `${facts.join(" ")} habits: ${[...habits, ...logHabits].join(", ")}`;
}

/** All that can be switched off. */
export const ALL_LOG_HABITS: readonly string[] = [...HABITS, ...LOG_HABITS];
