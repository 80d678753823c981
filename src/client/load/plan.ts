/**
 * What a load process is told to do and what it reports: plain data, because it crosses a process
 * boundary.
 */
import type { LoadedServer } from "./connection.ts";

/** What every load needs to know. */
interface Target extends LoadedServer {
  readonly dialect: "disque" | "redis";
  /** The server's processes, whose CPU time is read at both ends of the measured window. */
  readonly serverPids: readonly number[];
  readonly queue: string;
  readonly bodyBytes: number;
  /** Words behind every ADDJOB, such as `TTL 600`. */
  readonly addOptions?: readonly string[];
}

/** Adds a fixed number of jobs as fast as the server takes them. */
export interface FillPlan extends Target {
  readonly kind: "fill";
  readonly connections: number;
  /** Requests per write; the next write follows when all of them are answered. */
  readonly pipeline: number;
  readonly jobs: number;
}

/** Producers and consumers at the same time, for a fixed time. */
export interface CyclePlan extends Target {
  readonly kind: "cycle";
  /** Producers, and as many consumers. */
  readonly connections: number;
  /** Requests in flight on each connection. */
  readonly pipeline: number;
  /** Jobs per GETJOB. */
  readonly count: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** Takes and acknowledges jobs until none are left. */
export interface DrainPlan extends Target {
  readonly kind: "drain";
  readonly connections: number;
  readonly count: number;
}

/** A moderate load on a fixed schedule, with probes that measure every stall. */
export interface PacedPlan extends Target {
  readonly kind: "paced";
  readonly seconds: number;
  /** Jobs added, taken and acknowledged every millisecond beside the probes. */
  readonly jobsPerMs: number;
}

/** Single jobs that somebody waits for on another node of a cluster. */
export interface HandoverPlan extends Target {
  readonly kind: "handover";
  /** Where the consumer waits; jobs are added at `port`. */
  readonly consumerPort: number;
  /** Between two jobs. */
  readonly intervalMs: number;
  readonly jobs: number;
}

/** Jobs added at several nodes on a schedule, while others of their cluster stand still. */
export interface SurvivalPlan extends Target {
  readonly kind: "survival";
  /** Nodes that jobs are added at, `port` included. */
  readonly ports: readonly number[];
  /** Processes that are stopped (SIGSTOP) when the measured window opens, and go on at its end. */
  readonly frozenPids: readonly number[];
  readonly replicate: number;
  /** Of every ADDJOB. */
  readonly timeoutMs: number;
  readonly warmUpSeconds: number;
  /** The first part of the window, counted apart. */
  readonly firstSeconds: number;
  /** The rest of it. */
  readonly seconds: number;
}

/** One task of a load process. */
export type LoadPlan = FillPlan | CyclePlan | DrainPlan | PacedPlan | HandoverPlan | SurvivalPlan;

/** Percentiles of a latency in microseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/**
 * What was timed: `batch` from a write to its last reply, `ping` a PING on a fixed schedule,
 * `handover` from the intended time of an ADDJOB to the arrival at a blocked GETJOB, `first` the first
 * of those alone.
 */
export const latencyNames = ["batch", "ping", "handover", "first"] as const;

/** One of `latencyNames`. */
export type LatencyName = (typeof latencyNames)[number];

/** What a load process measured in its window. */
export interface LoadResult {
  /** Jobs added (fill), both added and acknowledged (cycle), or acknowledged (drain, paced). */
  readonly operations: number;
  readonly seconds: number;
  readonly serverCpuMicros: number;
  /** Time the server was ready to run but had no core: somebody else's work, or its own other threads. */
  readonly serverWaitedMicros: number;
  readonly generatorCpuMicros: number;
  readonly latencies: Partial<Record<LatencyName, Latency>>;
  /** Of a survival only. */
  readonly survival?: Survival;
}

/** Jobs of a survival that were asked for and that were promised, sent in the first part and later. */
export interface Survival {
  readonly asked: readonly [first: number, later: number];
  readonly promised: readonly [first: number, later: number];
}
