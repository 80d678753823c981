/**
 * Does everything the broker keeps about its jobs agree?
 *
 * The same fact stands in several places, because each is read where it must be found at once: a
 * queued job has a state, a place in its queue, a bucket in the agenda and a share in four counters.
 * This check recounts all of it from the records. It costs as much as there is to look at, so it
 * belongs in simulations, tests and DEBUG, and never in a turn. It changes nothing.
 *
 * It holds between turns and after every command; not in the middle of one.
 */
import { assert } from "../util/assert.ts";
import { Arena } from "./arena.ts";
import { BASE_BYTES, type Broker } from "./broker.ts";
import { type Job, JobFlag, JobState } from "./job.ts";
import { JOB_ID_WORDS } from "./job-id.ts";
import { isBefore } from "./job-order.ts";
import { RECORD_BYTES } from "./job-record.ts";
import type { OrderedJobs } from "./ordered-jobs.ts";
import { QUEUE_BYTES, QUEUED_JOB_BYTES, type Queue } from "./queue.ts";
import { checkHolders, checkRole } from "./role-check.ts";
import { SEAT_BYTES, WAITER_BYTES, type Waiter } from "./waiting-room.ts";

/** What counting the job records yields. */
interface Census {
  readonly live: Job[];
  readonly byState: number[];
  readonly knownByQueue: Map<number, number>;
  queued: number;
  held: number;
  evictable: number;
  claimed: number;
  bodyBytes: number;
}

/** Throws, naming what is wrong, unless everything agrees with everything. */
export function checkBroker(broker: Broker): void {
  const census = takeCensus(broker);
  for (const job of census.live) checkJob(broker, job);
  checkTotals(broker, census);
  checkQueues(broker, census);
  checkIdleQueues(broker);
  checkWaiters(broker, census);
  checkAgenda(broker, census);
  checkHolders(broker, census.live);
  checkMemory(broker, census);
}

function takeCensus(broker: Broker): Census {
  const census: Census = {
    live: [],
    byState: Object.values(JobState).map(() => 0),
    knownByQueue: new Map(),
    queued: 0,
    held: 0,
    evictable: 0,
    claimed: 0,
    bodyBytes: 0,
  };
  const jobs = broker.jobs;
  for (let job = 0; job < jobs.handleLimit; job++) {
    if (!jobs.isLive(job)) continue;
    const state = jobs.state(job);
    const queue = jobs.queueNumber(job);
    census.live.push(job);
    census.byState[state] = (census.byState[state] ?? 0) + 1;
    census.knownByQueue.set(queue, (census.knownByQueue.get(queue) ?? 0) + 1);
    census.bodyBytes += Arena.slotBytesFor(jobs.bodyBytes(job));
    if (state === JobState.queued) census.queued++;
    if (jobs.hasFlag(job, JobFlag.isHeld)) census.held++;
    if (jobs.hasFlag(job, JobFlag.isEvictable)) census.evictable++;
    if (jobs.hasFlag(job, JobFlag.isClaimed)) census.claimed++;
  }
  return census;
}

const id = new Int32Array(JOB_ID_WORDS);

/** One record: reachable, and its flags fit its state and the lists it stands in. */
function checkJob(broker: Broker, job: Job): void {
  const { jobs, index, agenda, clock, lifecycle, evictable } = broker;
  for (let word = 0; word < JOB_ID_WORDS; word++) id[word] = jobs.idWord(job, word);
  assert(index.find(id) === job, "a job is found by its id");
  assert(agenda.isScheduled(job), "a job has a next moment");
  const isActive = jobs.state(job) === JobState.active;
  const isQueued = jobs.state(job) === JobState.queued;
  const isHeld = jobs.hasFlag(job, JobFlag.isHeld);
  const isEvictable = jobs.hasFlag(job, JobFlag.isEvictable);
  const isClaimed = jobs.hasFlag(job, JobFlag.isClaimed);
  const isDelivered = jobs.hasFlag(job, JobFlag.delivered);
  const isOnce = jobs.retrySeconds(job) === 0;
  const queue = lifecycle.queueOf(job);
  checkRole(broker, job);
  assert(queue.jobs.has(job) === isQueued, "queued jobs stand in their queue, others do not");
  assert(queue.held.has(job) === isHeld, "held jobs stand in their list, others do not");
  assert(evictable.has(job) === isEvictable, "evictable jobs stand in their list, others do not");
  assert(isActive || !(isHeld || isClaimed || isEvictable), "only active jobs have these flags");
  assert(!(isHeld && isClaimed), "a claimed job is not held");
  const isReleasable = isHeld || jobs.hasFlag(job, JobFlag.isLent);
  assert(
    isReleasable || !jobs.hasFlag(job, JobFlag.countsOnRelease),
    "only held jobs are released, and only lent ones are out",
  );
  const isSpent = isOnce && isDelivered;
  const isHere = isActive && !jobs.hasFlag(job, JobFlag.isLent | JobFlag.isCopy);
  assert(
    isEvictable === (isSpent && isHere),
    "exactly the jobs delivered at most once are evictable",
  );
  assert(!isSpent || !(isQueued || isHeld || isClaimed), "at most once means once");
  assert(isDelivered || !jobs.hasFlag(job, JobFlag.redelivered), "redelivered implies delivered");
  const comesBack = Number.isFinite(clock.requeueWithinMs(job));
  const isOnItsWay = jobs.hasFlag(job, JobFlag.isLent);
  assert(
    isOnce || comesBack || isOnItsWay,
    "a job to be delivered at least once comes back by itself",
  );
}

function checkTotals(broker: Broker, census: Census): void {
  const { jobs, index, stats } = broker;
  assert(jobs.count === census.live.length, "the number of records is right");
  assert(index.count === census.live.length, "the index holds every job once");
  for (const [state, count] of census.byState.entries()) {
    assert(stats.jobsByState[state] === count, "the number of jobs in each state is right");
  }
  assert(stats.jobsHeld === census.held, "the number of held jobs is right");
  assert(broker.evictable.length === census.evictable, "the number of evictable jobs is right");
  checkOrder(broker, broker.evictable);
}

/** A list of jobs: all alive, in order, no job twice. */
function checkOrder(broker: Broker, list: OrderedJobs): void {
  const listed = list.oldest(Number.POSITIVE_INFINITY);
  assert(listed.length === list.length, "a list of jobs is as long as it says");
  for (const [at, job] of listed.entries()) {
    assert(broker.jobs.isLive(job), "listed jobs are alive");
    const before = listed[at - 1];
    const isInOrder = before === undefined || isBefore(broker.jobs, before, job);
    assert(isInOrder, "listed jobs are in order, each once");
  }
}

function checkQueues(broker: Broker, census: Census): void {
  let entries = 0;
  let registered = 0;
  let queued = 0;
  let held = 0;
  const { clock } = broker;
  for (const queue of queuesOf(broker)) {
    entries++;
    if (queue.isRegistered) registered++;
    queued += queue.length;
    held += queue.held.length;
    checkOrder(broker, queue.jobs);
    checkOrder(broker, queue.held);
    assert(broker.queues.isReachable(queue), "a queue is found by name and number");
    const known = census.knownByQueue.get(queue.number) ?? 0;
    assert(queue.knownJobs === known, "a queue knows how many jobs it has");
    const isSeen = queue.isRegistered || known > 0;
    assert(isSeen, "a queue that nobody sees and that has no jobs is gone");
    const isListed = queue.length > 0 || queue.held.length > 0 || queue.waiterCount > 0;
    assert(queue.isRegistered || !(isListed || queue.isPaused), "a queue in use is registered");
    const isReleasing = broker.releasing.has(queue);
    assert(!(isReleasing && queue.isPausedIn), "a queue paused in input releases nothing");
    const isStuck = queue.held.length > 0 && !queue.isPausedIn && !isReleasing;
    assert(!isStuck, "held jobs are released when the pause is over");
    const isServed = queue.length === 0 || queue.waiterCount === 0 || !broker.serving.isOpen(queue);
    if (isServed) continue;
    const isHidden = broker.serving.isUnsettled(queue) && clock.isExpired(queue.jobs.first());
    assert(isHidden, "nobody waits for a queue that has jobs for them");
  }
  assert(queued === census.queued, "queued jobs stand in the queues once");
  assert(held === census.held, "held jobs stand in the lists once");
  assert(broker.queues.entryCount === entries, "the number of queues is right");
  assert(broker.queues.registeredCount === registered, "the number of registered queues is right");
}

function* queuesOf(broker: Broker): Generator<Queue> {
  for (let number = 0; number < broker.queues.numberLimit; number++) {
    const queue = broker.queues.at(number);
    if (queue !== undefined) yield queue;
  }
}

/** The list of idle queues: linked both ways, longest idle first, complete. */
function checkIdleQueues(broker: Broker): void {
  const idle = new Set<Queue>();
  let previous: Queue | undefined;
  for (let queue = broker.queues.firstIdle; queue !== undefined; queue = queue.idleNext) {
    assert(!idle.has(queue), "an idle queue is listed once");
    idle.add(queue);
    assert(queue.idlePrevious === previous, "idle queues are linked both ways");
    const isInOrder = previous === undefined || previous.idleSinceMs <= queue.idleSinceMs;
    assert(isInOrder, "the longest idle queue comes first");
    previous = queue;
  }
  for (const queue of queuesOf(broker)) {
    assert(queue.isIdle === idle.has(queue), "a queue knows whether it is listed as idle");
    assert(queue.mayIdle || !queue.isIdle, "a queue in use is not listed as idle");
    // What a claimed waiter leaves behind is noted when it is answered.
    const isComplete = broker.waiting.hasClaimed || queue.isIdle || !queue.mayIdle;
    assert(isComplete, "a queue that may go is listed as idle");
  }
}

function checkWaiters(broker: Broker, census: Census): void {
  const { waiting } = broker;
  const seats = new Map<Waiter, number>();
  for (const queue of queuesOf(broker)) {
    let count = 0;
    let arrival = 0;
    for (let seat = queue.firstSeat; seat !== undefined; seat = seat.next) {
      count++;
      seats.set(seat.waiter, (seats.get(seat.waiter) ?? 0) + 1);
      assert(seat.queue === queue && seat.waiter.seats.includes(seat), "a seat is its waiter's");
      assert(seat.waiter.arrival > arrival, "the longest waiting is served first");
      arrival = seat.waiter.arrival;
      const neighbour = seat.next === undefined ? queue.lastSeat : seat.next.previous;
      assert(neighbour === seat, "seats are linked both ways");
    }
    assert(queue.waiterCount === count, "a queue knows how many wait");
  }
  assert(seats.size === waiting.sitting.size && waiting.count === seats.size, "all waiters sit");
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const waiter of waiting.sitting) {
    const lines = new Set(waiter.queues).size;
    const isComplete = seats.get(waiter) === lines && waiter.seats.length === lines;
    assert(isComplete, "a waiter sits once in each of its lines");
    assert(waiter.jobs.length === 0, "a waiter that sits has no jobs");
    earliestMs = Math.min(earliestMs, waiter.deadlineMs);
  }
  assert(waiting.nextDeadlineMs === earliestMs, "the earliest deadline is known");
  const claims = waiting.claimed.flatMap((waiter) => waiter.jobs);
  assert(claims.length === census.claimed, "claimed jobs are in the hands of one waiter");
  for (const job of claims) {
    assert(broker.jobs.isLive(job), "claimed jobs are alive");
    assert(broker.jobs.hasFlag(job, JobFlag.isClaimed), "claimed jobs are marked");
  }
  for (const waiter of waiting.claimed) assert(!seats.has(waiter), "a claimed waiter sits nowhere");
}

/** Every job stands once in the bucket that contains its moment. */
function checkAgenda(broker: Broker, census: Census): void {
  const { agenda, clock, jobs } = broker;
  let scheduled = 0;
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const bucket of agenda.buckets()) {
    for (const [at, job] of bucket.jobs.entries()) {
      scheduled++;
      assert(jobs.isLive(job), "scheduled jobs are alive");
      const previous = bucket.jobs[at - 1];
      const isLinked = at === 0 || jobs.agendaPrevious(job) === previous;
      assert(isLinked, "jobs of a bucket are linked both ways");
      const awakeAtMs = clock.awakeAtMs(job);
      const isInside = awakeAtMs >= bucket.fromMs && awakeAtMs < bucket.untilMs;
      assert(isInside, "a job is in the bucket of its moment");
      earliestMs = Math.min(earliestMs, awakeAtMs);
    }
  }
  assert(scheduled === census.live.length, "the agenda holds every job once");
  assert(agenda.nextAtMs <= earliestMs, "no job is overslept");
}

function checkMemory(broker: Broker, census: Census): void {
  let queueBytes = broker.waiting.count * WAITER_BYTES;
  for (const queue of queuesOf(broker)) {
    queueBytes += QUEUE_BYTES + queue.name.length + queue.waiterCount * SEAT_BYTES;
  }
  const listed = census.queued + census.held + census.evictable;
  assert(broker.arena.usedBytes === census.bodyBytes, "the arena holds the bodies and no more");
  const usedBytes =
    BASE_BYTES +
    census.live.length * RECORD_BYTES +
    census.bodyBytes +
    broker.index.usedBytes +
    broker.holders.usedBytes +
    queueBytes +
    listed * QUEUED_JOB_BYTES +
    broker.bufferBytes +
    broker.otherBytes;
  assert(broker.usedBytes === usedBytes, "accounted memory equals a recount");
}
