/**
 * Some lives are lived in haste: a node that says nothing is given up within a second, copies are made anew at once,
 * and crashes, restarts and processes that stand still are many, so that jobs are taken over and copied while
 * who had them is on his way back. With the usual times a life ends before much of this has happened twice.
 *
 * All is drawn from a stream of its own, over what the seed has without it: all other lives are what they were.
 */
import { Xorshift } from "../../../src/util/xorshift.ts";
import type { ClusterConfig, Feature } from "./config.ts";

const HASTE_CHANCE = 0.07;
/** Keep their streams apart from those of the rest. */
const CHANCE_SEED = 0x4a57e;
const HASTE_SEED = 0x5717;
const NODES = [3, 4, 5, 5, 6, 7] as const;
const TIMEOUTS_MS = [500, 700, 1000] as const;
const REPAIR_DELAYS_MS = [100, 300, 500] as const;
/** Strokes of bad luck in a timeout, on an average. */
const STROKES = [1, 3] as const;
const RETRY_SECONDS = [1, 3, 10] as const;
/** Where nobody takes jobs, there are some that are moved and copied again and again. */
const CONSUMERS = [0, 1, 2] as const;
/** Each in so many of these lives, beside what the seed has. */
const MORE: readonly (readonly [Feature, number])[] = [
  ["crashes", 1],
  ["stopped processes", 1],
  ["machine failures", 0.3],
  ["link resets", 0.3],
  ["absences", 0.3],
];
/** After these much is excused: many of these lives have none. */
const EXCUSES: readonly Feature[] = ["deaths", "forgets", "hard resets", "soft resets"];
const UNEXCUSED_CHANCE = 0.6;

/** Whether the life of a seed is one of these. */
export function isHasty(seed: number): boolean {
  return new Xorshift(seed * 17 + CHANCE_SEED).chance(HASTE_CHANCE);
}

/** The life of the seed as it is in haste. */
export function inHaste(patient: ClusterConfig): ClusterConfig {
  const random = new Xorshift(patient.seed * 19 + HASTE_SEED);
  const features = new Set<Feature>([...patient.features, "short timeouts"]);
  for (const [feature, chance] of MORE) if (random.chance(chance)) features.add(feature);
  if (random.chance(UNEXCUSED_CHANCE)) for (const excuse of EXCUSES) features.delete(excuse);
  const nodeTimeoutMs = random.pick(TIMEOUTS_MS);
  return {
    ...patient,
    features,
    nodes: random.pick(NODES),
    nodeTimeoutMs,
    repairDelayMs: random.pick(REPAIR_DELAYS_MS),
    faultPaceMs: nodeTimeoutMs / random.pick(STROKES),
    retrySecondsMax: random.pick(RETRY_SECONDS),
    consumers: random.pick(CONSUMERS),
  };
}
