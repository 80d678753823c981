/**
 * What commands do on a simulated node: each function is one request, as the command layer runs it.
 *
 * Memory first, then checks in the order of the real commands, then the facade of the cluster; and
 * every request and answer is told to the ledger. Answers leave at the end of the turn, where they may
 * be lost in the two ways in which a real socket loses them (session.ts).
 */
import type { AddReceiver } from "../../../src/cluster/jobs/copies/add-receiver.ts";
import { type Job, JobState, NO_JOB } from "../../../src/core/job.ts";
import { JOB_ID_CHARS, JOB_ID_WORDS, parseJobId } from "../../../src/core/job-id.ts";
import type { Queue } from "../../../src/core/queue.ts";
import { idOf } from "./census.ts";
import type { Ledger } from "./ledger.ts";
import type { JobVerb, SeenJob } from "./oracle/checker.ts";
import type { SimProcess } from "./process.ts";
import type { Session } from "./session.ts";
import type { Story } from "./story.ts";

/** What a producer asks for. */
export interface SimAdd {
  readonly queue: string;
  readonly body: string;
  readonly replicate: number;
  readonly delaySeconds: number;
  readonly retrySeconds: number;
  readonly ttlSeconds: number;
  readonly isAsync: boolean;
  /** 0: waits for ever. */
  readonly timeoutMs: number;
}

/** What a consumer asks for. */
export interface SimAsk {
  readonly queues: readonly string[];
  readonly count: number;
  readonly isNoHang: boolean;
  /** 0: waits for ever. */
  readonly timeoutMs: number;
}

/** Requests on any node. */
export class Commands {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** ADDJOB. The answer goes to the session, now or when there are copies. */
  add(session: Session, asked: SimAdd): void {
    const { process } = session;
    const { broker, cluster } = process;
    const error = this.#addError(process, asked);
    if (error !== undefined) {
      this.#ledger.world.mark(`add refused: ${error}`);
      session.answer({ type: "refused", error });
      return;
    }
    const queue = entryOf(process, asked.queue);
    const body = Buffer.from(asked.body, "latin1");
    const { timeoutMs, isAsync, replicate, delaySeconds, retrySeconds, ttlSeconds } = asked;
    const receiver = this.#receiver(session);
    const wait = {
      isAsync,
      deadlineMs: deadlineOf(process, timeoutMs),
      receiver: isAsync ? undefined : receiver,
    };
    const times = { replicate, delaySeconds, retrySeconds, ttlSeconds };
    const job = process.cluster.jobs.addJob(queue, body, 0, body.length, times, wait);
    if (job === NO_JOB) throw new Error("addJob made no job");
    const story = this.#ledger.added(process, {
      id: idOf(process, job),
      queue: asked.queue,
      body: asked.body,
      replicate,
      delayMs: delaySeconds * 1000,
      retryMs: retrySeconds * 1000,
      ttlMs: ttlSeconds * 1000,
      isAsync,
      ringIds: cluster.view.members.map(({ id }) => id),
    });
    receiver.story = story;
    const isWaiting = !isAsync && broker.jobs.state(job) === JobState.replicating;
    if (isWaiting) session.adding = receiver;
    else this.#addEnded(session, story, undefined);
  }

  /** GETJOB. */
  ask(session: Session, asked: SimAsk): void {
    const { process } = session;
    const { broker } = process;
    this.#makeRoom(process);
    const queues = asked.queues.map((name) => entryOf(process, name));
    const taken: Job[] = [];
    broker.serving.visit(queues);
    broker.serving.take(queues, asked.count, taken);
    if (taken.length > 0) {
      session.deliver(taken);
      return;
    }
    const isUnsure = broker.serving.mayHaveMore(queues);
    if (!isUnsure && asked.isNoHang) {
      process.cluster.jobs.polled(queues, asked.count);
      session.deliver([]);
    } else if (!isUnsure && broker.isLeaving) session.answer({ type: "refused", error: "LEAVING" });
    else {
      const isShort = asked.isNoHang || broker.isLeaving;
      const endMs = isShort ? process.clock.nowMs : deadlineOf(process, asked.timeoutMs);
      session.wait(queues, asked.count, endMs);
    }
  }

  /** A request about one job; false when the node does not know it or has nothing to do. */
  apply(process: SimProcess, verb: JobVerb, id: string): boolean {
    if (!process.isAlive) return false;
    const hasRoom = this.#makeRoom(process);
    if (!hasRoom && (verb === "enqueue" || verb === "nack")) return false;
    const words = new Int32Array(JOB_ID_WORDS);
    idBytes.write(id, "latin1");
    parseJobId(idBytes, 0, JOB_ID_CHARS, words);
    const answer = act(process, verb, words);
    this.#ledger.world.mark(`${verb}: ${answer ? "yes" : "no"}`);
    this.#ledger.asked(process, verb, id, answer);
    return answer;
  }

  /** PAUSE, on this node or on all. */
  pause(process: SimProcess, name: string, isIn: boolean, isOut: boolean, isForAll: boolean): void {
    const { broker, cluster } = process;
    const queue = entryOf(process, name);
    if (queue.isRegistered || isIn || isOut) broker.pause(queue, isIn, isOut);
    else broker.queues.dropUnused(queue);
    this.#ledger.tell(`${process.name} PAUSE ${name} in=${isIn} out=${isOut} bcast=${isForAll}`);
    if (!isForAll) return;
    const state = isIn ? (isOut ? "all" : "in") : isOut ? "out" : "none";
    const news = cluster.pauses.announce(Buffer.from(name, "latin1"), state);
    if (news !== undefined) cluster.pauses.spread(news);
  }

  /** What a client reads of a job. */
  seen(process: SimProcess, job: Job): SeenJob {
    const { jobs, lifecycle } = process.broker;
    const body = Buffer.alloc(jobs.bodyBytes(job));
    jobs.copyBody(job, body, 0);
    return {
      id: idOf(process, job),
      queue: lifecycle.queueOf(job).name.toString("latin1"),
      body: body.toString("latin1"),
      nacks: jobs.nacks(job),
      additionalDeliveries: jobs.additionalDeliveries(job),
    };
  }

  #addError(process: SimProcess, asked: SimAdd): string | undefined {
    if (!this.#makeRoom(process)) return "OOM";
    const error = process.cluster.jobs.addError(asked.replicate);
    if (error !== undefined) return "NOREPL";
    const name = Buffer.from(asked.queue, "latin1");
    const known = process.broker.queues.known(name, 0, name.length);
    return known?.isPausedIn ? "PAUSED" : undefined;
  }

  #receiver(session: Session): AddReceiver & { story: Story | undefined } {
    const receiver = {
      story: undefined as Story | undefined,
      replication: -1,
      replicated: () => end(undefined),
      failed: (why: string) => end(`NOREPL (${why})`),
    };
    const end = (error: string | undefined): void => {
      session.adding = undefined;
      if (receiver.story === undefined) throw new Error("answered from inside addJob");
      this.#addEnded(session, receiver.story, error);
    };
    return receiver;
  }

  #addEnded(session: Session, story: Story, error: string | undefined): void {
    this.#ledger.addEnded(story, error);
    this.#ledger.world.mark(error === undefined ? "added" : error);
    session.answer({ type: "added", story });
  }

  /** What dispatch does before every command; false when one that adds jobs must be refused. */
  #makeRoom({ broker }: SimProcess): boolean {
    const { memory } = broker;
    if (memory.maxBytes === 0 || memory.level < 2) return true;
    const evicted = broker.evictable.oldest(Number.POSITIVE_INFINITY).length;
    broker.makeRoom();
    this.#ledger.world.mark("evicted", evicted - broker.evictable.length);
    return memory.level < 3;
  }
}

/** The queue of that name on a node. */
export function entryOf({ broker }: SimProcess, name: string): Queue {
  const bytes = Buffer.from(name, "latin1");
  return broker.queues.entry(bytes, 0, bytes.length);
}

function act(process: SimProcess, verb: JobVerb, id: Int32Array): boolean {
  const { jobs } = process.cluster;
  if (verb === "ack") return jobs.ack(id);
  if (verb === "fastack") return jobs.fastAck(id);
  const { broker } = process;
  const job = broker.find(id);
  if (job === NO_JOB || broker.jobs.state(job) === JobState.acked) return false;
  switch (verb) {
    case "delete":
      return jobs.delete(job);
    case "enqueue":
      return jobs.requeue(job, "client");
    case "nack":
      return jobs.requeue(job, "nack");
    case "dequeue":
      return jobs.dequeue(job);
    case "working":
      if (broker.clock.isPastHalfLife(job)) return false;
      if (broker.jobs.retrySeconds(job) === 0) return false;
      jobs.postpone(job);
      return true;
  }
}

function deadlineOf(process: SimProcess, timeoutMs: number): number {
  return timeoutMs === 0 ? Number.POSITIVE_INFINITY : process.clock.nowMs + timeoutMs;
}

const idBytes = Buffer.alloc(JOB_ID_CHARS);
