/**
 * The figures that nodes tell each other: of a node, and of a queue on a node.
 *
 * They travel as lists of numbers, so their order is part of the protocol: new ones come last, and a node
 * that knows fewer sends fewer. How figures of several nodes become one is said here as well.
 */
import type { Broker } from "../core/broker.ts";
import { JobState } from "../core/job.ts";
import type { Queue } from "../core/queue.ts";
import type { Jobs } from "./jobs/jobs.ts";

/** What figures of all nodes add up to: their sum, the largest, the smallest, or all bits set in any. */
export type Joining = "sum" | "largest" | "smallest" | "any bit";

/** One figure of a node. */
export interface NodeFigure {
  readonly name: string;
  readonly help: string;
  readonly read: (broker: Broker, jobs: Jobs) => number;
}

/** One figure of a queue on a node. */
export interface QueueFigure {
  readonly name: string;
  readonly joining: Joining;
  readonly read: (queue: Queue, broker: Broker, nowMs: number, wallMs: number) => number;
}

/** No job waits in a queue: its oldest one has no age. Ages that are told are one more than they are. */
export const NO_AGE = 0;

function figure(name: string, help: string, read: NodeFigure["read"]): NodeFigure {
  return { name, help, read };
}

function inState(state: JobState): NodeFigure["read"] {
  return ({ stats }) => stats.jobsByState[state] ?? 0;
}

/** Figures of a node, in the order in which they travel. All of them are summed. */
export const nodeFigures: readonly NodeFigure[] = [
  figure("registered_jobs", "Records of jobs, copies included.", ({ jobs }) => jobs.count),
  figure("jobs_queued", "Jobs in their queues.", inState(JobState.queued)),
  figure("jobs_active", "Records of jobs delayed or handed out.", inState(JobState.active)),
  figure("jobs_replicating", "Jobs awaiting copies.", inState(JobState.replicating)),
  figure("jobs_acked", "Acknowledged jobs still remembered.", inState(JobState.acked)),
  figure("jobs_copied", "Copies of jobs in the charge of others.", ({ stats }) => stats.copies),
  figure(
    "jobs_underreplicated",
    "Jobs with fewer copies than asked for.",
    (_broker, jobs) => jobs.sweep.underReplicated,
  ),
  figure("registered_queues", "Queues; one on two nodes is two.", (b) => b.queues.registeredCount),
  figure("blocked_clients", "Clients that wait for a job.", ({ waiting }) => waiting.count),
  figure("total_jobs_added", "Jobs added by clients.", ({ stats }) => stats.jobsAdded),
  figure("total_jobs_delivered", "Hand-outs to clients.", ({ stats }) => stats.jobsDelivered),
  figure("total_jobs_redelivered", "Hand-outs that were not the first.", ({ stats }) => {
    return stats.jobsRedelivered;
  }),
  figure("total_jobs_acknowledged", "Jobs acknowledged.", ({ stats }) => stats.jobsAcked),
  figure("total_jobs_nacked", "Jobs given back by NACK.", ({ stats }) => stats.jobsNacked),
  figure("total_jobs_requeued", "Jobs queued again, their time was over.", ({ stats }) => {
    return stats.jobsRequeued;
  }),
  figure("total_jobs_expired", "Records deleted at the end of their TTL.", ({ stats }) => {
    return stats.jobsExpired;
  }),
  figure("used_memory", "Bytes accounted for.", ({ usedBytes }) => usedBytes),
  figure("maxmemory", "The directive maxmemory of each node.", ({ memory }) => memory.maxBytes),
];

const IN = 1;
const OUT = 2;

/** Figures of a queue on one node, in the order in which they travel; times in ms. */
export const queueFigures: readonly QueueFigure[] = [
  { name: "len", joining: "sum", read: (queue) => queue.length },
  { name: "age", joining: "largest", read: (queue, _, nowMs) => nowMs - queue.createdAtMs },
  { name: "idle", joining: "smallest", read: (queue, _, nowMs) => nowMs - queue.usedAtMs },
  { name: "blocked", joining: "sum", read: (queue) => queue.waiterCount },
  { name: "jobs-in", joining: "sum", read: (queue) => queue.jobsIn },
  { name: "jobs-out", joining: "sum", read: (queue) => queue.jobsOut },
  {
    name: "pause",
    joining: "any bit",
    read: (queue) => (queue.isPausedIn ? IN : 0) | (queue.isPausedOut ? OUT : 0),
  },
  {
    name: "oldest",
    joining: "largest",
    read: (queue, broker, _nowMs, wallMs) => {
      const ageMs = oldestAgeMs(queue, broker, wallMs);
      return ageMs === undefined ? NO_AGE : ageMs + 1;
    },
  },
];

/** Words of PAUSE for the figure `pause`. */
export const PAUSE_WORDS = ["none", "in", "out", "all"] as const;

/**
 * How long ago the oldest job that waits in a queue could first have been handed out, ms by the wall
 * clock; undefined when none waits.
 */
export function oldestAgeMs(queue: Queue, { jobs }: Broker, wallMs: number): number | undefined {
  if (queue.length === 0) return undefined;
  const job = queue.jobs.first();
  return Math.max(0, wallMs - jobs.createdMs(job) - jobs.delaySeconds(job) * 1000);
}

/** Joins two readings of a figure. */
export function joined(joining: Joining, a: number, b: number): number {
  if (joining === "sum") return a + b;
  if (joining === "any bit") return (a & 3) | (b & 3);
  return joining === "largest" ? Math.max(a, b) : Math.min(a, b);
}
