/**
 * The census: what stands in the job tables of all processes, looked at after every turn.
 *
 * Reading the tables is the one look that the oracle takes into nodes; it reads records, and asks
 * nobody what they mean. So it knows at every moment who has a copy of what, in which queue a job is,
 * and with how many memories a job has been lost.
 */
import { LOAN } from "../../../src/core/holder-sets.ts";
import { type Job, JobFlag, JobState } from "../../../src/core/job.ts";
import { JOB_ID_CHARS } from "../../../src/core/job-id.ts";
import type { Ledger } from "./ledger.ts";
import { noticeMs } from "./oracle/bounds.ts";
import type { SimProcess } from "./process.ts";
import {
  type Copy,
  type CopyRole,
  describeCopy,
  holdersOf,
  isHoldingRole,
  isLiveRole,
  noteRepair,
  type Story,
  undoRepair,
} from "./story.ts";

const idBytes = Buffer.alloc(JOB_ID_CHARS);
/** Words of an id that are random. */
const RANDOM_WORDS = [1, 2] as const;

/** The id of a job of a process. */
export function idOf(process: SimProcess, job: Job): string {
  process.broker.jobs.copyId(job, idBytes, 0);
  return idBytes.toString("latin1");
}

/** What the census remembers of a process. */
interface Register {
  /** Jobs by handle, with the random words by which a handle used again is noticed. */
  readonly stories: (Story | undefined)[];
  readonly words: number[];
  readonly present: Set<Story>;
  count: number;
}

/** Looks at tables. */
export class Census {
  readonly #ledger: Ledger;
  readonly #registers = new Map<SimProcess, Register>();
  readonly #nameOf: (nodeId: string) => string;

  /** @param nameOf a short name for a node id */
  constructor(ledger: Ledger, nameOf: (nodeId: string) => string) {
    this.#ledger = ledger;
    this.#nameOf = nameOf;
  }

  /** After a turn of the process. */
  take(process: SimProcess): void {
    const { jobs } = process.broker;
    const register = this.#registerOf(process);
    register.count++;
    for (let job = 0; job < jobs.handleLimit; job++) {
      if (!jobs.isLive(job)) continue;
      const story = this.#storyOf(process, register, job);
      if (story !== undefined) this.#see(process, register, job, story);
    }
    for (const story of register.present) {
      const copy = story.copies.get(process);
      if (copy !== undefined && copy.census === register.count) continue;
      register.present.delete(story);
      if (copy !== undefined) this.#gone(story, copy, false);
    }
  }

  /** The process has ended, and its memory with it. */
  lost(process: SimProcess): void {
    const register = this.#registers.get(process);
    this.#registers.delete(process);
    for (const story of register?.present ?? []) {
      const copy = story.copies.get(process);
      if (copy === undefined) continue;
      this.#gone(story, copy, true);
    }
  }

  /** The process has ended, and its jobs are in its machine's log: there, but nobody can be given one. */
  stored(process: SimProcess): void {
    for (const story of this.#registers.get(process)?.present ?? []) {
      const copy = story.copies.get(process);
      if (copy === undefined) continue;
      Object.assign(copy, { isDeliverable: false, isHeld: false, isLeased: false });
      // Said in the turn in which it ended: neither logged nor answered.
      const isUnsaid = story.lastAckAtMs >= process.turnBeganAtMs && story.ackedBy.has(process);
      if (isUnsaid) story.isAckExcused = true;
    }
  }

  /** The next process of that machine has loaded them; what it has left out is gone. */
  loaded(before: SimProcess, process: SimProcess): void {
    const { present } = this.#registerOf(process);
    for (const story of this.#registers.get(before)?.present ?? []) {
      const copy = story.copies.get(before);
      story.copies.delete(before);
      if (copy === undefined) continue;
      // No set has this number: whatever is found is news.
      story.copies.set(process, { ...copy, process, set: -1, census: 0 });
      present.add(story);
    }
    this.#registers.delete(before);
    this.take(process);
  }

  /** The jobs of a process that can be delivered from what it has. */
  live(process: SimProcess): ReadonlySet<Story> {
    const present = [...(this.#registers.get(process)?.present ?? [])];
    return new Set(present.filter((story) => isLiveRole(story.copies.get(process)?.role)));
  }

  /**
   * A process has loaded a log without its end. What was over for the one before, or not there any more,
   * and is back with that, nobody has to know; nor who had copies, if that was news.
   */
  tornBack(process: SimProcess, before: ReadonlySet<Story>): void {
    this.take(process);
    for (const story of this.live(process)) {
      story.isTorn = true;
      story.isMeddledWith ||= !before.has(story);
      // It may have been over everywhere: who has heard of a lost memory does not count on it, nor wait for it.
      story.isAckExcused ||= !before.has(story) || story.deadSinceMs !== undefined;
    }
  }

  #gone(story: Story, copy: Copy, isLost: boolean): void {
    story.copies.delete(copy.process);
    if (isLost) this.#countLoss(story, copy);
    else if (isHoldingRole(copy.role)) this.#countDrop(story, copy);
    this.#ledger.copyGone(story, copy, isLost);
  }

  #countDrop(story: Story, { process }: Copy): void {
    const { world } = this.#ledger;
    if (this.#hasNoHeir(story, process)) story.losses++;
    undoRepair(story, world.nowMs, noticeMs(world.config));
  }

  #countLoss(story: Story, copy: Copy): void {
    if (isHoldingRole(copy.role)) {
      story.losses++;
      if (story.losses >= story.replicate) story.isLossExcused = true;
    }
    if (copy.role !== "tombstone" && copy.role !== "dummy") return;
    const others = [...story.copies.values()];
    const isKnown = others.some(({ role }) => role === "tombstone" || role === "dummy");
    // What is lost now with all others may be back with a log without its end.
    const mayComeBack = this.#ledger.world.config.features.has("torn logs");
    if (!isKnown && (others.length > 0 || mayComeBack)) story.isAckExcused = true;
  }

  /**
   * A leaving node gives its copy away though there are fewer than there should be: all that it can
   * reach have one. That is a copy less for good, and nobody's fault.
   */
  #hasNoHeir(story: Story, { broker, cluster }: SimProcess): boolean {
    if (!broker.isLeaving) return false;
    const holders = holdersOf(story).map(({ process }) => process.nodeId);
    if (holders.length === 0 || holders.length >= story.replicate) return false;
    const heirs = [...cluster.membership.members()].filter(
      ({ id, link, record, isSteady }) =>
        link !== undefined && isSteady && !record.isLeaving && this.#isRunning(id),
    );
    return heirs.every(({ id }) => holders.includes(id));
  }

  /** Others may not have noticed that it is not. */
  #isRunning(nodeId: string): boolean {
    for (const process of this.#registers.keys()) {
      if (process.isAlive && process.nodeId === nodeId) return true;
    }
    return false;
  }

  #see(process: SimProcess, register: Register, job: Job, story: Story): void {
    const { jobs } = process.broker;
    const state = jobs.state(job);
    const flag = (bit: number): boolean => jobs.hasFlag(job, bit);
    const role = roleOf(state, flag);
    const isWaiting = flag(JobFlag.isHeld | JobFlag.isClaimed);
    const isDeliverable = state === JobState.queued || flag(JobFlag.isClaimed);
    const isLent = flag(JobFlag.isLent);
    const isActive = state === JobState.active && role !== "copy";
    const isLeased = isActive && !isWaiting && !isLent && flag(JobFlag.delivered);
    const set = jobs.holderSet(job);
    const known = story.copies.get(process);
    const copy: Copy = known ?? this.#newCopy(process, role);
    const before = known?.role;
    const list = process.broker.holders.nodes(set);
    const isSame =
      known !== undefined &&
      copy.role === role &&
      copy.isDeliverable === isDeliverable &&
      copy.isLeased === isLeased &&
      copy.isLent === isLent &&
      copy.isHeld === flag(JobFlag.isHeld) &&
      copy.set === set &&
      copy.epoch === jobs.epoch(job) &&
      copy.list === list;
    copy.census = register.count;
    copy.dueAtMs = jobs.dueAtMs(job);
    copy.isOut = isLent && flag(JobFlag.isOut);
    if (isSame) return;
    Object.assign(copy, { role, isDeliverable, isLeased, isLent, set, list });
    const borrower = isLent ? borrowerOf(process, list) : undefined;
    if (copy.borrower !== borrower) copy.lentAtMs = this.#ledger.world.nowMs;
    copy.borrower = borrower;
    copy.changedAtMs = this.#ledger.world.nowMs;
    copy.isHeld = flag(JobFlag.isHeld);
    copy.epoch = jobs.epoch(job);
    copy.holders = idsOf(process, list);
    story.copies.set(process, copy);
    register.present.add(story);
    if (isHoldingRole(role)) {
      story.everHeld.add(process);
      noteRepair(story, this.#ledger.world.nowMs);
    }
    this.#ledger.copyChanged(story, copy, before, () => describeCopy(copy, this.#nameOf));
  }

  #newCopy(process: SimProcess, role: CopyRole): Copy {
    return {
      process,
      sinceMs: this.#ledger.world.nowMs,
      changedAtMs: this.#ledger.world.nowMs,
      role,
      isDeliverable: false,
      isHeld: false,
      isLeased: false,
      isLent: false,
      borrower: undefined,
      lentAtMs: 0,
      isOut: false,
      epoch: 0,
      dueAtMs: 0,
      set: -1,
      list: [],
      holders: [],
      census: 0,
    };
  }

  #registerOf(process: SimProcess): Register {
    let register = this.#registers.get(process);
    if (register === undefined) {
      register = { stories: [], words: [], present: new Set(), count: 0 };
      this.#registers.set(process, register);
    }
    return register;
  }

  /** The job's story; dummies of ids that nobody was ever given have none. */
  #storyOf(process: SimProcess, register: Register, job: Job): Story | undefined {
    const { jobs } = process.broker;
    const [first, second] = RANDOM_WORDS;
    const word = jobs.idWord(job, first) ^ Math.imul(jobs.idWord(job, second), 3);
    if (register.words[job] === word && register.stories[job] !== undefined) {
      return register.stories[job];
    }
    const story = this.#ledger.stories.get(idOf(process, job));
    register.words[job] = word;
    register.stories[job] = story;
    return story;
  }
}

function roleOf(state: JobState, flag: (bit: number) => boolean): CopyRole {
  if (state === JobState.acked) return flag(JobFlag.isDummy) ? "dummy" : "tombstone";
  if (state === JobState.replicating) return "replicating";
  if (flag(JobFlag.isCopy)) return "copy";
  return flag(JobFlag.isBorrowed) ? "borrowed" : "own";
}

/** The empty list stands for this node alone. */
function idsOf(process: SimProcess, list: readonly number[]): string[] {
  if (list.length === 0) return [process.nodeId];
  const ids: string[] = [];
  for (const index of list) {
    if (index < LOAN) ids.push(idAt(process, index));
  }
  return ids;
}

/** To whom the job is lent: the last one of the list. */
function borrowerOf(process: SimProcess, list: readonly number[]): string | undefined {
  const loan = list[list.length - 1] ?? 0;
  return loan < LOAN ? undefined : idAt(process, loan - LOAN);
}

function idAt(process: SimProcess, index: number): string {
  const id = index === 0 ? process.nodeId : process.cluster.memberAt(index)?.id;
  return id ?? "?";
}
