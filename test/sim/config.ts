/**
 * From a seed to the shape of a life: who takes part, how fast, and what goes wrong.
 *
 * Each habit and fault is on or off for a whole life ("swarm testing", Groce et al. 2012): a life in
 * which everything happens at once hides what only shows when, say, nobody ever acknowledges.
 */
import { Xorshift } from "../../src/util/xorshift.ts";

/** What clients may do beside adding and taking jobs, and what may happen to them and to the node. */
export const HABITS = [
  "delays",
  "at most once",
  "short lives",
  "bursts",
  "large bodies",
  "several queues",
  "counts",
  "no hang",
  "timeouts",
  "nacks",
  "working",
  "crashes",
  "slow work",
  "strangers",
  "dequeues",
  "deletions",
  "pauses in",
  "pauses out",
  "flushes",
  "blocked clients leave",
  "dead sockets",
  "half-written replies",
  "wall clock jumps",
  "stalls",
  "slow turns",
  "little memory",
  "silences",
] as const;

/** One of HABITS. */
export type Habit = (typeof HABITS)[number];

/** The shape of one life. */
export interface SimConfig {
  readonly seed: number;
  /** Turns of the node before everything is drained. */
  readonly steps: number;
  readonly habits: ReadonlySet<Habit>;
  readonly queues: number;
  readonly producers: number;
  readonly consumers: number;
  readonly operators: number;
  /** Mean time between two acts of an actor. */
  readonly paceMs: number;
  /** Largest values of what producers ask for. */
  readonly ttlSecondsMax: number;
  readonly retrySecondsMax: number;
  readonly delaySecondsMax: number;
  /** Producers rest while this many jobs are known. */
  readonly jobsMax: number;
  /** Accounted bytes; 0: no limit. */
  readonly maxMemoryBytes: number;
}

const HABIT_CHANCE = 0.4;
/** Shares of an empty broker and of a few hundred jobs: levels are crossed both ways. */
const LITTLE_MEMORY_BYTES = [84_000, 110_000];

/** Draws the configuration of a seed. */
export function configOf(seed: number, steps: number): SimConfig {
  const random = new Xorshift(seed);
  const habits = new Set(HABITS.filter(() => random.chance(HABIT_CHANCE)));
  const paceMs = random.pick([1, 20, 300, 5000, 60_000]);
  const paceSeconds = Math.max(1, Math.ceil(paceMs / 1000));
  const [low = 0, high = 0] = LITTLE_MEMORY_BYTES;
  return {
    seed,
    steps,
    habits,
    queues: 1 + random.below(5),
    producers: 1 + random.below(3),
    consumers: 1 + random.below(6),
    operators: random.below(3),
    paceMs,
    ttlSecondsMax: paceSeconds * random.pick(habits.has("short lives") ? [2, 10, 60] : [500, 5000]),
    retrySecondsMax: paceSeconds * random.pick([1, 5, 50]),
    delaySecondsMax: paceSeconds * random.pick([1, 10, 100]),
    jobsMax: random.pick([5, 40, 200]),
    maxMemoryBytes: habits.has("little memory") ? low + random.below(high - low) : 0,
  };
}

/** One line that names everything about a configuration. */
export function describeConfig(config: SimConfig): string {
  const { habits, ...numbers } = config;
  const facts = Object.entries(numbers).map(([name, value]) => `${name}=${value}`);
  return `${facts.join(" ")} habits: ${[...habits].join(", ") || "none"}`;
}
