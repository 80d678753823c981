/**
 * The broker: all state of one node, and everything that can be done with it.
 *
 * It is a state machine. Calls come in, answers go out at once or through a waiter's receiver; time
 * passes only when `tick` is called, which must happen at the end of every turn and no later than
 * `nextWakeAtMs`. It reads no clock, opens no socket and never awaits, so a simulation can live
 * through weeks of it in seconds.
 *
 * What may happen to a job stands in lifecycle.ts; how jobs are stored, in job-table.ts.
 */
import { Agenda } from "./agenda.ts";
import { Arena } from "./arena.ts";
import { HolderSets } from "./holder-sets.ts";
import type { Host } from "./host.ts";
import { IdIndex } from "./id-index.ts";
import { type Job, JobFlag, JobState, NO_JOB } from "./job.ts";
import { JobClock } from "./job-clock.ts";
import type { JobJournal } from "./job-journal.ts";
import { JobMaker, type NewJob } from "./job-maker.ts";
import { JobMoves, type LifecycleParts } from "./job-moves.ts";
import type { NewRecord, ToldRecord } from "./job-record.ts";
import { JobTable } from "./job-table.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Loading } from "./loading.ts";
import { MemoryLimit } from "./memory.ts";
import { OrderedJobs } from "./ordered-jobs.ts";
import { QUEUED_JOB_BYTES, type Queue } from "./queue.ts";
import { QueueTable } from "./queue-table.ts";
import { Releasing } from "./releasing.ts";
import { Roles } from "./roles.ts";
import { Serving } from "./serving.ts";
import { BrokerStats } from "./stats.ts";
import { WaitingRoom } from "./waiting-room.ts";
import { type BrokerWatcher, NOBODY } from "./watcher.ts";

/** Jobs handled in one turn when many are due at once; the rest follows next turn. */
const JOBS_PER_TICK = 2000;
/** Idle queues evicted in one turn. */
const QUEUES_PER_TICK = 1000;
/** Jobs evicted in one go when memory is short. */
const EVICTIONS_PER_CALL = 1000;
/** Fixed cost of an empty broker (wheel, tables), in accounted bytes. */
export const BASE_BYTES = 65_536;

/** What a node starts with. */
export interface BrokerOptions {
  readonly nodeId: string;
  /** Accounted bytes allowed; 0: no limit. */
  readonly maxMemoryBytes: number;
}

/** One node's jobs and queues. */
export class Broker {
  readonly arena = new Arena();
  readonly jobs = new JobTable(this.arena);
  readonly queues: QueueTable;
  readonly waiting = new WaitingRoom();
  readonly stats = new BrokerStats();
  /** Which nodes have copies of which jobs. */
  readonly holders = new HolderSets();
  /** Who is told about jobs that concern other nodes. */
  watcher: BrokerWatcher = NOBODY;
  readonly memory: MemoryLimit;
  readonly clock: JobClock;
  readonly lifecycle: Lifecycle;
  readonly roles: Roles;
  /** How jobs come from a log; before anything else happens. */
  readonly loading: Loading;
  readonly serving: Serving;
  readonly index: IdIndex;
  readonly agenda: Agenda;
  /** Jobs delivered at most once, oldest first: remembered, but the first to go. */
  readonly evictable = new OrderedJobs(this.jobs);
  /** Queues whose pause in input ended with jobs held back. */
  readonly releasing = new Releasing();
  /** Bytes of buffers that others hold for clients and links; they count against the limit. */
  bufferBytes = 0;
  /** Bytes of what is remembered for other nodes beside jobs: questions to them, trades with them. */
  otherBytes = 0;
  /** This node is being taken out of service: it keeps no new jobs (CLUSTER LEAVING). */
  isLeaving = false;

  readonly #host: Host;
  readonly #maker: JobMaker;
  #nodeId: string;

  constructor(host: Host, options: BrokerOptions) {
    this.#host = host;
    this.#maker = new JobMaker(host);
    this.clock = new JobClock(host, this.jobs);
    this.#nodeId = options.nodeId;
    this.nodeId = options.nodeId;
    this.queues = new QueueTable(this.jobs, host.randomWord());
    this.index = new IdIndex(this.jobs, host.randomWord());
    this.agenda = new Agenda(this.jobs, host.nowMs, (job) => this.clock.awakeAtMs(job));
    this.memory = new MemoryLimit(options.maxMemoryBytes, () => this.usedBytes);
    const parts: LifecycleParts = {
      host,
      clock: this.clock,
      jobs: this.jobs,
      index: this.index,
      agenda: this.agenda,
      queues: this.queues,
      waiting: this.waiting,
      evictable: this.evictable,
      holders: this.holders,
      stats: this.stats,
      serve: (queue) => this.serving.serve(queue),
      watcher: () => this.watcher,
    };
    const moves = new JobMoves(parts);
    this.lifecycle = new Lifecycle(moves);
    this.roles = new Roles(moves, this.lifecycle);
    this.loading = new Loading(parts, moves, this.lifecycle);
    this.serving = new Serving({
      host,
      clock: this.clock,
      jobs: this.jobs,
      queues: this.queues,
      waiting: this.waiting,
      lifecycle: this.lifecycle,
    });
  }

  /** 40 lower-case hex digits. */
  get nodeId(): string {
    return this.#nodeId;
  }

  set nodeId(nodeId: string) {
    this.#nodeId = nodeId;
    this.#maker.nodePrefix = Number.parseInt(nodeId.slice(0, 8), 16);
  }

  /** 12 bits that tell the members of the cluster; in every id made from now on. */
  set viewHint(hint: number) {
    this.#maker.viewHint = hint;
  }

  /** Who is told of every change of a job that must survive the process; undefined: nobody. */
  set journal(journal: JobJournal | undefined) {
    this.jobs.journal = journal;
    this.holders.journal = journal;
  }

  /** Bytes accounted for. */
  get usedBytes(): number {
    const queued = this.stats.jobsByState[JobState.queued] as number;
    const listed = queued + this.stats.jobsHeld + this.evictable.length;
    return (
      BASE_BYTES +
      this.jobs.usedBytes +
      this.arena.usedBytes +
      this.index.usedBytes +
      this.queues.usedBytes +
      this.waiting.usedBytes +
      this.holders.usedBytes +
      listed * QUEUED_JOB_BYTES +
      this.bufferBytes +
      this.otherBytes
    );
  }

  /** Gives memory back that was kept for jobs to come; when things have been quiet for a while. */
  trim(): void {
    this.jobs.trim();
    this.arena.trim();
  }

  /** Adds a job with the body source[start, end) to the queue and starts its life. */
  addJob(queue: Queue, source: Buffer, start: number, end: number, asked: NewJob): Job {
    const job = this.#add(this.#maker.make(queue, asked), source, start, end);
    this.stats.jobsAdded++;
    this.lifecycle.begin(job);
    return job;
  }

  /**
   * Adds a job that waits for its copies, under a number that whoever makes them gives it; its list of
   * holders is to be set at once.
   */
  addReplicating(
    queue: Queue,
    source: Buffer,
    start: number,
    end: number,
    asked: NewJob,
    replication: number,
  ): Job {
    const job = this.#add(this.#maker.make(queue, asked), source, start, end);
    this.stats.jobsAdded++;
    this.roles.beginReplicating(job, replication);
    return job;
  }

  /** Adds the record of a job made by another node, in no role yet: the caller gives it one at once. */
  addTold(told: ToldRecord, source: Buffer, start: number, end: number): Job {
    const job = this.#add(told, source, start, end);
    const { jobs } = this;
    jobs.setEpoch(job, told.epoch);
    jobs.setCounters(job, told.nacks, told.additionalDeliveries);
    jobs.setFlag(job, JobFlag.wasQueued, told.wasQueued);
    jobs.setFlag(job, JobFlag.delivered, told.wasDelivered);
    return job;
  }

  /** The job with this id, or NO_JOB; expired jobs are unknown. */
  find(id: Int32Array): Job {
    const job = this.index.find(id);
    return job === NO_JOB || this.clock.isExpired(job) ? NO_JOB : job;
  }

  /** Opens or closes a queue (PAUSE). */
  pause(queue: Queue, isPausedIn: boolean, isPausedOut: boolean): void {
    if (isPausedIn || isPausedOut) this.queues.register(queue, this.#host.nowMs);
    const opensInput = queue.isPausedIn && !isPausedIn;
    const opensOutput = queue.isPausedOut && !isPausedOut;
    queue.isPausedIn = isPausedIn;
    queue.isPausedOut = isPausedOut;
    if (isPausedIn) this.releasing.stop(queue);
    else if (opensInput) this.releasing.begin(queue);
    if (opensOutput) this.serving.serve(queue);
    this.queues.noteChange(queue);
    this.queues.noteIfIdle(queue, this.#host.nowMs);
  }

  /** Evicts what is only remembered until memory is back below the eviction level (bounded). */
  makeRoom(): void {
    for (let i = 0; i < EVICTIONS_PER_CALL && this.memory.level >= 2; i++) {
      const job = this.evictable.first();
      if (job === NO_JOB) return;
      this.lifecycle.end(job, "evicted");
    }
  }

  /** Does what is due, answers those who were claimed in this turn, sends away those out of time. */
  tick(): void {
    const now = this.#host.nowMs;
    if (now >= this.serving.closedUntilMs) this.agenda.advance(now, JOBS_PER_TICK, this.#wake);
    this.releasing.proceed(this.lifecycle, JOBS_PER_TICK);
    this.serving.endTurn();
    const idleSinceMs = now - this.memory.idleQueueMs;
    this.stats.queuesEvicted += this.queues.evictIdle(idleSinceMs, QUEUES_PER_TICK);
  }

  /** Monotonic ms at which `tick` has work; Infinity: only after another call. */
  get nextWakeAtMs(): number {
    const { serving } = this;
    const { nowMs } = this.#host;
    const servingAtMs = serving.nextWakeAtMs;
    if (!this.releasing.isIdle || servingAtMs <= nowMs) return nowMs;
    const idle = this.queues.firstIdle;
    const idleEndsMs =
      idle === undefined ? Number.POSITIVE_INFINITY : idle.idleSinceMs + this.memory.idleQueueMs;
    const agendaAtMs = Math.max(this.agenda.nextAtMs, serving.closedUntilMs);
    return Math.min(agendaAtMs, servingAtMs, this.waiting.nextDeadlineMs, idleEndsMs);
  }

  /** Forgets all jobs, queues and pauses; everybody who waits is told that there is nothing. */
  flush(): void {
    const waiters = [...this.waiting.takeAll(), ...this.waiting.takeClaimed()];
    this.agenda.clear();
    this.index.clear();
    this.evictable.clear();
    this.jobs.clear();
    this.holders.clear();
    this.arena.clear();
    this.queues.clear();
    this.releasing.clear();
    this.serving.clear();
    this.stats.allGone();
    this.jobs.journal?.cleared();
    for (const waiter of waiters) waiter.receiver.waitEnded("in vain");
  }

  #add(record: NewRecord, source: Buffer, start: number, end: number): Job {
    const job = this.jobs.add(record);
    this.jobs.setBody(job, source, start, end);
    this.index.add(job, record.id);
    return job;
  }

  readonly #wake = (job: Job): void => this.lifecycle.wake(job);
}
