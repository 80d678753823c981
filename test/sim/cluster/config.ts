/**
 * From a seed to the shape of a cluster's life: how many nodes, how fast, what clients do, what breaks.
 *
 * As for one node (../config.ts), each habit and each fault is on or off for a whole life, so that some
 * lives know nothing but, say, resets of links. Faults are switched off one after the other when a
 * failing seed is made smaller.
 */
import { Xorshift } from "../../../src/util/xorshift.ts";
import { inHaste, isHasty } from "./haste.ts";

/** What clients may do beside adding, taking and acknowledging jobs. */
export const HABITS = [
  "async",
  "at most once",
  "blocked clients leave",
  "bursts",
  "client crashes",
  "cluster pauses",
  "counts",
  "dead sockets",
  "delays",
  "deletions",
  "dequeues",
  "fast acks",
  "half-written replies",
  "local pauses",
  "nacks",
  "no hang",
  "producers leave",
  "several queues",
  "short add timeouts",
  "short lives",
  "slow work",
  "strangers",
  "timeouts",
  "wandering acks",
  "working",
] as const;

/** What may happen to nodes and to the network between them. */
export const FAULTS = [
  "clock drift",
  "crashes",
  "deaths",
  "delay spikes",
  "forgets",
  "hard resets",
  "joins",
  "leaving",
  "link resets",
  "long partitions",
  "machine failures",
  "meetings",
  "memory pressure",
  "one-way partitions",
  "partitions",
  "slow links",
  "slow turns",
  "small buffers",
  "soft resets",
  "stopped processes",
  "wall clock jumps",
] as const;

/** What nodes may have: a log, from which they have their jobs again after a crash. */
export const GIFTS = ["logs"] as const;

/**
 * What lives learned later. Drawn from a stream of their own, and lived by actors with another one, so
 * that whoever has none of them lives as before.
 */
export const UPHEAVALS = ["congestion", "flushes", "zones"] as const;

/** What happens to logs only: the end of one is lost, and what began in it; members change before it is back. */
export const LOG_FAULTS = ["torn logs", "changes meanwhile"] as const;

/** What a life is put through when everything is healed (trials.ts). */
export const TRIALS = ["absences", "crowded exits"] as const;

/** Nodes are given up soon, copies made anew soon after that, and crashes many (haste.ts). */
export const HASTE = ["short timeouts"] as const;

/** One of HABITS. */
export type Habit = (typeof HABITS)[number];
/** One of FAULTS. */
export type Fault = (typeof FAULTS)[number];
/** One of GIFTS. */
export type Gift = (typeof GIFTS)[number];
/** One of TRIALS. */
export type Trial = (typeof TRIALS)[number];
/** Anything that can be switched off. */
export type Feature =
  | Habit
  | Fault
  | Gift
  | (typeof UPHEAVALS)[number]
  | (typeof LOG_FAULTS)[number]
  | Trial
  | (typeof HASTE)[number];

/** Everything that can be switched off. */
export const FEATURES: readonly Feature[] = [
  ...FAULTS,
  ...HABITS,
  ...UPHEAVALS,
  ...GIFTS,
  ...LOG_FAULTS,
  ...TRIALS,
  ...HASTE,
];

/** The shape of one life. */
export interface ClusterConfig {
  readonly seed: number;
  /** Turns of all nodes together before everything is healed. */
  readonly steps: number;
  readonly features: ReadonlySet<Feature>;
  /** Nodes in the beginning. */
  readonly nodes: number;
  readonly nodeTimeoutMs: number;
  /** Most copies that producers ask for. */
  readonly replicateMax: number;
  /** One way between two nodes, ms. */
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Messages travel as the bytes that real ones would be. */
  readonly isOnWire: boolean;
  readonly queues: number;
  readonly producers: number;
  readonly consumers: number;
  readonly operators: number;
  /** Mean time between two acts of a client. */
  readonly paceMs: number;
  /** Mean time between two strokes of bad luck. */
  readonly faultPaceMs: number;
  readonly ttlSecondsMax: number;
  readonly retrySecondsMax: number;
  readonly delaySecondsMax: number;
  /** Producers rest while this many jobs are under way. */
  readonly jobsMax: number;
  /** Accounted bytes; 0: no limit. */
  readonly maxMemoryBytes: number;
  /** Control messages that wait for one peer before they are dropped. */
  readonly keptMax: number;
  /** `cluster-repair-delay`, ms; 0: the default. */
  readonly repairDelayMs: number;
  /** The share of machines that have a log, if any have. */
  readonly logShare: number;
  /** Copies that get lost are replaced before the end: the healed cluster is watched for so long. */
  readonly watchesRepair: boolean;
  /** Zones among which machines are spread; 0: nobody speaks of zones. */
  readonly zones: number;
}

const HABIT_CHANCE = 0.35;
const FAULT_CHANCE = 0.22;
const UPHEAVAL_CHANCE = 0.15;
/** Keeps their stream apart from that of the rest. */
const UPHEAVAL_SEED = 0x5eed;
/** Of the lives with logs. */
const TORN_CHANCE = 0.3;
/** Of the lives with torn logs. */
const CHANGES_CHANCE = 0.5;
/** A life with one takes four times as long as without, and tests have little time. */
const TRIAL_CHANCE = 0.05;
/** Keeps their stream apart from that of the rest. */
const TRIAL_SEED = 0x7217;
/** However nodes come and go, at least so many stay. */
export const NODES_MIN = 2;
/** No more nodes join when there are so many. */
export const NODES_MAX = 9;
/** Lives in which nothing ever goes wrong: what holds "without failures" is looked at there. */
const LUCKY_CHANCE = 0.25;
/** Every so-manieth seed uses the real codecs. */
const WIRE_EVERY = 10;
const NODES = [2, 3, 3, 3, 4, 5, 5, 6, 7, 9] as const;
const TIMEOUTS_MS = [500, 1000, 2000, 5000, 15_000];
const SLOW_TIMEOUTS_MS = [2000, 5000, 15_000];
const LITTLE_MEMORY_BYTES = 90_000;
const MEMORY_SPREAD_BYTES = 30_000;
const SMALL_BUFFER = 40;
/** In the lives of some seeds no machine has a log. */
const LOG_SHARES = [0, 0, 0.4, 0.7, 1, 1] as const;

/** Draws the configuration of a seed. */
export function configOf(seed: number, steps: number): ClusterConfig {
  const patient = patientConfigOf(seed, steps);
  return isHasty(seed) ? inHaste(patient) : patient;
}

/** The same without any haste. */
function patientConfigOf(seed: number, steps: number): ClusterConfig {
  const random = new Xorshift(seed * 3 + 2);
  const isLucky = random.chance(LUCKY_CHANCE);
  const habits = HABITS.filter(() => random.chance(HABIT_CHANCE));
  const faults = FAULTS.filter(() => random.chance(FAULT_CHANCE) && !isLucky);
  const later = new Xorshift(seed * 3 + UPHEAVAL_SEED);
  // Zones are no bad luck: where copies must be is looked at in lives without any.
  const upheavals = UPHEAVALS.filter(
    (upheaval) => later.chance(UPHEAVAL_CHANCE) && !(isLucky && upheaval !== "zones"),
  );
  const features = new Set<Feature>([...habits, ...faults, ...upheavals]);
  // Drawn by a chance of its own: without logs a seed lives as it did before there were any.
  const logShare = new Xorshift(seed * 5 + 3).pick(LOG_SHARES);
  if (logShare > 0) features.add("logs");
  const isTorn = new Xorshift(seed * 7 + 5).chance(TORN_CHANCE) && logShare > 0 && !isLucky;
  if (isTorn) features.add("torn logs");
  if (isTorn && new Xorshift(seed * 11 + 7).chance(CHANGES_CHANCE))
    features.add("changes meanwhile");
  const trying = new Xorshift(seed * 13 + TRIAL_SEED);
  for (const trial of TRIALS) if (trying.chance(TRIAL_CHANCE) && !isLucky) features.add(trial);
  const nodes = random.pick(NODES);
  // Many nodes that talk often are mostly heartbeats.
  const nodeTimeoutMs = random.pick(nodes > 4 ? SLOW_TIMEOUTS_MS : TIMEOUTS_MS);
  const paceMs = random.pick([5, 30, 200]);
  const delayMinMs = random.pick([0.1, 0.1, 1, 10]);
  return {
    seed,
    steps,
    features,
    nodes,
    nodeTimeoutMs,
    replicateMax: random.pick([1, 2, 3, 3, 4]),
    delayMinMs,
    delayMaxMs: delayMinMs * random.pick([1.2, 3, 5]),
    isOnWire: seed % WIRE_EVERY === 0,
    queues: 1 + random.below(3),
    producers: 1 + random.below(3),
    consumers: 1 + random.below(5),
    operators: random.below(3),
    paceMs,
    faultPaceMs: nodeTimeoutMs * random.pick([0.3, 1, 3]),
    ttlSecondsMax: features.has("short lives") ? random.pick([2, 10]) : random.pick([120, 1000]),
    retrySecondsMax: random.pick([1, 3, 20]),
    delaySecondsMax: random.pick([1, 5]),
    jobsMax: random.pick([3, 10, 40]),
    maxMemoryBytes: LITTLE_MEMORY_BYTES + random.below(MEMORY_SPREAD_BYTES),
    keptMax: features.has("small buffers") ? SMALL_BUFFER : Number.POSITIVE_INFINITY,
    logShare,
    watchesRepair: random.chance(0.25),
    repairDelayMs: random.pick([0, 2000, 2000, 2000]),
    zones: features.has("zones") ? later.pick([2, 3]) : 0,
  };
}

/** The same life without some of what happens in it; without haste it is one with other numbers. */
export function withoutFeatures(drawn: ClusterConfig, omitted: ReadonlySet<string>): ClusterConfig {
  const isPatient = HASTE.some((haste) => omitted.has(haste) && drawn.features.has(haste));
  const config = isPatient ? patientConfigOf(drawn.seed, drawn.steps) : drawn;
  const features = new Set([...config.features].filter((feature) => !omitted.has(feature)));
  const keptMax = features.has("small buffers") ? config.keptMax : Number.POSITIVE_INFINITY;
  return { ...config, features, keptMax, zones: features.has("zones") ? config.zones : 0 };
}

/** One line that names everything about a configuration. */
export function describeConfig(config: ClusterConfig): string {
  const { features, ...numbers } = config;
  const facts = Object.entries(numbers).map(([name, value]) => `${name}=${value}`);
  return `${facts.join(" ")} with: ${[...features].join(", ") || "nothing"}`;
}
