/**
 * What the records of a log are.
 *
 *   added      30   id 24 | created: ms f64 | order among jobs of that ms | copies wanted
 *                   | delay, retry, TTL: s | expires: ms f64 | queue name: length and bytes
 *                   | what changes | body: length and bytes
 *   changed    20+  id 24 | what changes
 *   gone       1    id 24
 *   node       2    number | node id 20            from here on the number stands for that node
 *   voided     3    number                         that node is in no list of holders any more
 *   cleared    4                                   all jobs are gone
 *   rewriteBegan 5, rewriteEnded 6                 all live jobs are added again between these
 *   closed     7                                   the node was stopped in good order
 *
 *   what changes: flags u16 | if so: epoch, nacks, additional deliveries | if so: moment: ms f64
 *                 | list of holders: count, then (number of the node << 1 | has only borrowed it) each
 *
 * A record begins with its type, one byte. The types of `added` and `changed` also say in which state the
 * job is: 20 + its state, 30 + its state. Numbers without a size are varints. Moments are on the wall
 * clock, because the monotonic one means nothing to the next process: of a queued job it is since when, of
 * an active one when it is due; of others there is none. Number 0 is the node that the segment's header
 * names; the others are told by `node` records, in every segment anew. An empty list means this node only.
 *
 * The last record about a job is what counts. `changed` or `gone` without `added` is nothing unusual: the
 * job was added in a segment that is not needed any more.
 */
import { JobFlag, type JobState } from "../core/job.ts";

/** Types that do not tell a state. */
export const RecordType = {
  gone: 1,
  node: 2,
  voided: 3,
  cleared: 4,
  rewriteBegan: 5,
  rewriteEnded: 6,
  closed: 7,
} as const;

/** Added to the state of the job that has changed. */
export const CHANGED_TYPE = 20;
/** Added to the state of the job that is told as a whole. */
export const ADDED_TYPE = 30;

/** Flags of a record. Others than those of job.ts, because these must never change their meaning. */
export const LogFlag = {
  /** Epoch or a counter is not 0: all three follow. */
  hasCounts: 1 << 0,
  /** A moment follows. */
  hasMoment: 1 << 1,
  delivered: 1 << 2,
  redelivered: 1 << 3,
  wasQueued: 1 << 4,
  isHeld: 1 << 5,
  countsOnRelease: 1 << 6,
  isCopy: 1 << 7,
  isLent: 1 << 8,
  isDummy: 1 << 9,
  isAdopted: 1 << 10,
} as const;
/** Flags are below this. */
export const LOG_FLAGS_LIMIT = 1 << 11;

/** Flags of a job and what they are in the log. */
const FLAGS: readonly (readonly [ours: number, logged: number])[] = [
  [JobFlag.delivered, LogFlag.delivered],
  [JobFlag.redelivered, LogFlag.redelivered],
  [JobFlag.wasQueued, LogFlag.wasQueued],
  [JobFlag.isHeld, LogFlag.isHeld],
  [JobFlag.countsOnRelease, LogFlag.countsOnRelease],
  [JobFlag.isCopy, LogFlag.isCopy],
  [JobFlag.isLent, LogFlag.isLent],
  [JobFlag.isDummy, LogFlag.isDummy],
  [JobFlag.isAdopted, LogFlag.isAdopted],
];
/** The flags of a job that are logged. */
export const LOGGED_FLAGS = FLAGS.reduce((all, [ours]) => all | ours, 0);
/** Flags of a job lie from this bit on, and below 1 << 16. */
const FLAG_SHIFT = 3;
/** All combinations, looked up for every record. */
const toLog = combinations(
  1 << 13,
  FLAGS.map(([ours, log]) => [ours >> FLAG_SHIFT, log]),
);
const fromLog = combinations(
  LOG_FLAGS_LIMIT,
  FLAGS.map(([ours, log]) => [log, ours]),
);

/** What every combination of flags below `limit` becomes: that without its lowest flag, and what that one becomes. */
function combinations(limit: number, pairs: readonly (readonly [number, number])[]): Uint16Array {
  const table = new Uint16Array(limit);
  for (const [flag, becomes] of pairs) table[flag] = becomes;
  for (let bits = 1; bits < limit; bits++) {
    const rest = bits & (bits - 1);
    table[bits] = (table[rest] as number) | (table[bits ^ rest] as number);
  }
  return table;
}

/** Flags of a job (some of LOGGED_FLAGS) as flags of the log. */
export function logFlagsOf(jobFlags: number): number {
  return toLog[jobFlags >>> FLAG_SHIFT] as number;
}

/** Flags of the log as flags of a job. */
export function jobFlagsOf(logFlags: number): number {
  return fromLog[logFlags] as number;
}

/** What kind of record it is, in a word. */
export type RecordKind = "added" | "changed" | keyof typeof RecordType;

/** States by their codes; for those who read a log. */
export const STATE_NAMES: Readonly<Record<JobState, string>> = {
  0: "replicating",
  1: "active",
  2: "queued",
  3: "acked",
};
