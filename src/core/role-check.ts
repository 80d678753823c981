/**
 * The part of the broker's check that is about other nodes: roles and lists of holders.
 *
 * As in broker-check.ts it throws, naming what is wrong, and changes nothing.
 */
import { assert } from "../util/assert.ts";
import type { Broker } from "./broker.ts";
import { HOLDER_SET_BYTES, LOAN, NO_HOLDERS } from "./holder-sets.ts";
import { type Job, JobFlag, JobState } from "./job.ts";

/** What a job is among nodes: one thing, and nothing that contradicts its list of holders. */
export function checkRole(broker: Broker, job: Job): void {
  const { jobs, roles, holders } = broker;
  const state = jobs.state(job);
  const isCopy = jobs.hasFlag(job, JobFlag.isCopy);
  const isBorrowed = jobs.hasFlag(job, JobFlag.isBorrowed);
  const isLent = jobs.hasFlag(job, JobFlag.isLent);
  const nodes = holders.nodes(jobs.holderSet(job));
  assert(!(isCopy && isBorrowed) && !(isLent && (isCopy || isBorrowed)), "a job has one role");
  assert(!isCopy || state === JobState.active, "a copy is stored and nothing else");
  assert(!isLent || state === JobState.active, "a lent job is in no queue");
  assert(state !== JobState.acked || jobs.bodyBytes(job) === 0, "a tombstone has no body");
  assert(
    isBorrowed || state === JobState.acked || nodes.length === 0 || nodes.includes(0),
    "a holder is in its own list",
  );
  const loans = nodes.filter((node) => node >= LOAN).length;
  assert(loans <= 1 && (loans === 0 || isLent || roles.isAcked(job)), "lent to one node at most");
}

/** Roles are counted, and so are sets of holders, by the jobs that have them. */
export function checkHolders(broker: Broker, live: readonly Job[]): void {
  const { stats, jobs } = broker;
  const count = (flag: number): number => live.filter((job) => jobs.hasFlag(job, flag)).length;
  assert(stats.copies === count(JobFlag.isCopy), "the number of copies is right");
  assert(stats.borrowedJobs === count(JobFlag.isBorrowed), "the number of borrowed jobs is right");
  assert(stats.lentJobs === count(JobFlag.isLent), "the number of lent jobs is right");
  assert(stats.dummies === count(JobFlag.isDummy), "the number of dummies is right");
  const sets = new Set(live.map((job) => broker.jobs.holderSet(job)));
  sets.delete(NO_HOLDERS);
  assert(broker.holders.count === sets.size, "every set of holders is some job's");
  assert(broker.holders.usedBytes === sets.size * HOLDER_SET_BYTES, "sets are accounted for");
}
