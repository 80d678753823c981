/**
 * What a node knows of its jobs, in plain values that can be compared: before the end, and after it.
 *
 * `factsOf` writes down what stands in a broker; `afterRestart` says, rule by rule, what a node that
 * comes back with exactly these facts must know. Neither knows anything of logs.
 */
import type { Broker } from "../../../src/core/broker.ts";
import { LOAN } from "../../../src/core/holder-sets.ts";
import type { Host } from "../../../src/core/host.ts";
import { type Job, JobFlag, JobState } from "../../../src/core/job.ts";
import type { LogNodes } from "../../../src/journal/log-nodes.ts";

/** One job. Moments are on the wall clock, ms; Infinity: never, or not known. */
export interface JobFacts {
  id: string;
  /** Who knows this. */
  node: string;
  place: "replicating" | "queued" | "held" | "out" | "kept only" | "copy" | "tombstone" | "dummy";
  isLent: boolean;
  /** Queued: since when. Out: until when. */
  momentMs: number;
  expiresMs: number;
  queue: string;
  body: string;
  created: string;
  asked: { replicate: number; delayMs: number; retryMs: number; ttlMs: number };
  epoch: number;
  counts: string;
  wasDelivered: boolean;
  wasQueued: boolean;
  isRedelivered: boolean;
  isAdopted: boolean;
  countsOnRelease: boolean;
  /** Ids of nodes, keeper first; [] means only this node. */
  holders: string[];
  borrower: string;
}

/** All jobs by id, and the queues with the jobs in them, in order. */
export interface Facts {
  readonly jobs: JobFacts[];
  readonly queues: Record<string, string[]>;
}

/** What stands in a broker; borrowed jobs are left out. */
export function factsOf(broker: Broker, host: Host, nodes: LogNodes): Facts {
  const { jobs } = broker;
  const all: JobFacts[] = [];
  for (let job = 0; job < jobs.handleLimit; job++) {
    if (!jobs.isLive(job) || jobs.hasFlag(job, JobFlag.isBorrowed)) continue;
    all.push(factsOfJob(broker, job, host, nodes));
  }
  return inOrder(all);
}

/** What a node must know that comes back at this moment with these facts. */
export function afterRestart(facts: Facts, wallMs: number): Facts {
  // What may be delivered once and was on its way to another node is not here any more.
  const isHere = ({ isLent, asked }: JobFacts) => !isLent || asked.retryMs > 0;
  const kept = facts.jobs.filter((job) => job.expiresMs > wallMs && isHere(job));
  return inOrder(kept.map((job) => comeBack(job, wallMs)));
}

function comeBack(job: JobFacts, wallMs: number): JobFacts {
  const { place, asked } = job;
  if (place === "tombstone" || place === "dummy" || place === "copy") return job;
  const own: JobFacts = { ...job, isLent: false, borrower: "" };
  if (job.isLent && job.momentMs === Number.POSITIVE_INFINITY) {
    const { borrower } = job;
    const list = job.holders.length === 0 && borrower !== "" ? [job.node] : job.holders;
    const isIn = borrower === "" || list.includes(borrower);
    const holders = isIn ? list : [...list, borrower];
    return { ...own, holders, momentMs: wallMs + (job.wasDelivered ? asked.retryMs : 0) };
  }
  if (asked.retryMs === 0 && job.wasDelivered) {
    return { ...own, place: "kept only", wasDelivered: true, momentMs: Number.POSITIVE_INFINITY };
  }
  if (place === "replicating") {
    const createdMs = Number(job.created.split("/")[0]);
    return { ...own, place: "out", momentMs: Math.max(wallMs, createdMs + asked.delayMs) };
  }
  if (place === "held") return own;
  if (place === "queued") return { ...own, momentMs: Math.min(wallMs, job.momentMs) };
  if (job.momentMs === Number.POSITIVE_INFINITY && asked.retryMs > 0) {
    return { ...own, momentMs: wallMs + asked.retryMs };
  }
  return { ...own, momentMs: Math.max(wallMs, job.momentMs) };
}

function inOrder(all: JobFacts[]): Facts {
  const jobs = all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const queues: Record<string, string[]> = {};
  for (const job of jobs.toSorted((a, b) => (a.created < b.created ? -1 : 1))) {
    if (job.place !== "queued") continue;
    const queue = queues[job.queue] ?? [];
    queue.push(job.id);
    queues[job.queue] = queue;
  }
  return { jobs, queues };
}

/** The queues as the broker would serve them. */
export function servedOrder(broker: Broker): Record<string, string[]> {
  const queues: Record<string, string[]> = {};
  for (let number = 0; number < broker.queues.numberLimit; number++) {
    const queue = broker.queues.at(number);
    if (queue === undefined || queue.length === 0) continue;
    const ids = queue.jobs.oldest(Number.POSITIVE_INFINITY).map((job) => idOf(broker, job));
    queues[queue.name.toString("latin1")] = ids;
  }
  return queues;
}

/** The 40 characters of a job's id. */
export function idOf(broker: Broker, job: Job): string {
  const id = Buffer.alloc(40);
  broker.jobs.copyId(job, id, 0);
  return id.toString("latin1");
}

function factsOfJob(broker: Broker, job: Job, host: Host, nodes: LogNodes): JobFacts {
  const { jobs, queues, holders } = broker;
  const is = (flag: number): boolean => jobs.hasFlag(job, flag);
  const body = Buffer.alloc(jobs.bodyBytes(job));
  jobs.copyBody(job, body, 0);
  const list = holders.nodes(jobs.holderSet(job));
  const holdersOnly = list.filter((node) => node < LOAN);
  const lentTo = list.find((node) => node >= LOAN);
  const place = placeOf(broker, job);
  return {
    id: idOf(broker, job),
    node: nodes.id(0),
    place,
    isLent: is(JobFlag.isLent),
    momentMs: momentOf(broker, job, place, host),
    expiresMs: jobs.expiresAtMs(job) - host.nowMs + host.wallMs,
    queue: queues.of(jobs.queueNumber(job)).name.toString("latin1"),
    body: body.toString("latin1"),
    created: `${jobs.createdMs(job)}/${`${jobs.createdCounter(job)}`.padStart(6, "0")}`,
    asked: {
      replicate: jobs.replicate(job),
      delayMs: jobs.state(job) === JobState.acked ? 0 : jobs.delaySeconds(job) * 1000,
      retryMs: jobs.retrySeconds(job) * 1000,
      ttlMs: jobs.ttlSeconds(job) * 1000,
    },
    epoch: jobs.epoch(job),
    counts: `${jobs.nacks(job)} nacks, ${jobs.additionalDeliveries(job)} deliveries`,
    wasDelivered: is(JobFlag.delivered),
    wasQueued: is(JobFlag.wasQueued),
    isRedelivered: is(JobFlag.redelivered),
    isAdopted: is(JobFlag.isAdopted),
    // Of a lent job the same bit says something else.
    countsOnRelease: is(JobFlag.isHeld) && is(JobFlag.countsOnRelease),
    // That only this node has it may be said in two ways.
    holders: holdersOnly.length === 1 && holdersOnly[0] === 0 ? [] : holdersOnly.map(nodes.id),
    borrower: lentTo === undefined ? "" : nodes.id(lentTo - LOAN),
  };
}

function placeOf(broker: Broker, job: Job): JobFacts["place"] {
  const { jobs } = broker;
  if (jobs.state(job) === JobState.acked) {
    return jobs.hasFlag(job, JobFlag.isDummy) ? "dummy" : "tombstone";
  }
  if (jobs.state(job) === JobState.replicating) return "replicating";
  // What is promised to somebody in a turn that is not over has not left its queue.
  if (jobs.state(job) === JobState.queued || jobs.hasFlag(job, JobFlag.isClaimed)) return "queued";
  if (jobs.hasFlag(job, JobFlag.isCopy)) return "copy";
  if (jobs.hasFlag(job, JobFlag.isHeld)) return "held";
  return jobs.hasFlag(job, JobFlag.isEvictable) ? "kept only" : "out";
}

function momentOf(broker: Broker, job: Job, place: JobFacts["place"], host: Host): number {
  const { jobs } = broker;
  const wallMs = (monotonicMs: number): number => monotonicMs - host.nowMs + host.wallMs;
  if (place === "out") return wallMs(jobs.dueAtMs(job));
  const isQueued = jobs.state(job) === JobState.queued;
  return isQueued ? wallMs(jobs.queuedAtMs(job)) : Number.POSITIVE_INFINITY;
}
