/**
 * A simulated node: a broker in a world of virtual time, and what commands do with it.
 *
 * Each method is one request as the command layer runs it: memory first, then the broker, then the
 * answer; and every request is told to the history. Replies leave at the end of the turn, where they
 * may be lost in the two ways in which a real socket loses them.
 */
import { Broker } from "../../src/core/broker.ts";
import { type Job, JobFlag, NO_JOB } from "../../src/core/job.ts";
import { JOB_ID_CHARS, JOB_ID_WORDS, parseJobId } from "../../src/core/job-id.ts";
import type { Queue } from "../../src/core/queue.ts";
import type { Xorshift } from "../../src/util/xorshift.ts";
import { type SimAsk, type SimConnection, SimHost, type SimJob } from "./connection.ts";
import type { Delivery, History, JobVerb } from "./history.ts";
import "../support/small-pages.ts";

const NODE_ID = "dcb833cf8f42fbb7924655aaff7d3072d6cf253e";

/** An empty broker. */
export function newBroker(host: SimHost, maxMemoryBytes: number): Broker {
  return new Broker(host, { nodeId: NODE_ID, maxMemoryBytes });
}

/** A broker with the requests that clients can make. */
export class SimNode {
  readonly host: SimHost;
  /** Of a node with a log, another one after each start. */
  broker: Broker;
  readonly #history: History;
  /** Connections with an answer to be sent at the end of the turn. */
  dirty: SimConnection[] = [];

  constructor(random: Xorshift, history: History, maxMemoryBytes: number) {
    this.host = new SimHost(random);
    this.#history = history;
    this.broker = newBroker(this.host, maxMemoryBytes);
  }

  /** Why nothing may be changed now; "": it may. */
  protected get refusal(): string {
    return "";
  }

  get #atMs(): number {
    return this.host.nowMs;
  }

  /** ADDJOB; the id, or nothing when it was refused. */
  add(asked: SimJob): string | undefined {
    if (this.refusal !== "") return this.#refuse("add", "MISCONF");
    if (!this.#hasRoom()) return this.#refuse("add", "OOM");
    const name = Buffer.from(asked.queue, "latin1");
    const { queues } = this.broker;
    if (queues.find(name, 0, name.length)?.isPausedIn) return this.#refuse("add", "PAUSED");
    const queue = queues.entry(name, 0, name.length);
    const body = Buffer.from(asked.body, "latin1");
    const { delaySeconds, retrySeconds, ttlSeconds } = asked;
    const times = { replicate: 1, delaySeconds, retrySeconds, ttlSeconds };
    const job = this.broker.addJob(queue, body, 0, body.length, times);
    const id = this.idOf(job);
    this.#history.emit({
      type: "add",
      atMs: this.#atMs,
      id,
      queue: asked.queue,
      body: asked.body,
      delayMs: delaySeconds * 1000,
      retryMs: retrySeconds * 1000,
      ttlMs: ttlSeconds * 1000,
    });
    return id;
  }

  /** GETJOB; true when the connection waits now, else the answer leaves at the end of the turn. */
  ask(connection: SimConnection, asked: SimAsk): boolean {
    if (this.refusal !== "") {
      this.#refuse("ask", "MISCONF");
      this.#answer(connection, []);
      return false;
    }
    this.#hasRoom();
    const queues = asked.queues.map((name) => this.entry(name));
    const taken: Job[] = [];
    this.broker.serving.visit(queues);
    this.broker.serving.take(queues, asked.count, taken);
    const waits = taken.length === 0 && !asked.isNoHang;
    const endMs = asked.timeoutMs === 0 ? Number.POSITIVE_INFINITY : this.#atMs + asked.timeoutMs;
    const jobs = this.#deliver(connection, taken);
    this.#history.emit({
      type: "ask",
      atMs: this.#atMs,
      client: connection.name,
      queues: asked.queues,
      count: asked.count,
      deadlineMs: waits ? endMs : undefined,
      jobs,
    });
    if (waits) this.#wait(connection, queues, asked.count, endMs);
    else this.#answer(connection, jobs);
    return waits;
  }

  /** A request about one job; false when the node does not know it or has nothing to do. */
  apply(verb: JobVerb, id: string): boolean {
    if (this.refusal !== "") {
      this.#refuse(verb, "MISCONF");
      return false;
    }
    const hasRoom = this.#hasRoom();
    if (!hasRoom && (verb === "enqueue" || verb === "nack")) {
      this.#refuse(verb, "OOM");
      return false;
    }
    const job = this.find(id);
    const answer = job !== NO_JOB && this.#act(verb, job);
    this.#history.emit({ type: "verb", atMs: this.#atMs, verb, id, answer });
    return answer;
  }

  /** PAUSE. */
  pause(name: string, isPausedIn: boolean, isPausedOut: boolean): void {
    this.#hasRoom();
    const queue = this.entry(name);
    const isKnown = queue.isRegistered || isPausedIn || isPausedOut;
    if (isKnown) this.broker.pause(queue, isPausedIn, isPausedOut);
    else this.broker.queues.dropUnused(queue);
    this.#history.emit({ type: "pause", atMs: this.#atMs, queue: name, isPausedIn, isPausedOut });
  }

  /** DEBUG FLUSHALL. */
  flush(): void {
    this.#history.emit({ type: "flush", atMs: this.#atMs });
    this.broker.flush();
    this.#history.emit({ type: "ticked", atMs: this.#atMs });
  }

  /** The clients' side of a turn's end: what is due happens, then everybody claimed is answered. */
  tick(): void {
    this.#history.emit({ type: "tick", atMs: this.#atMs });
    this.broker.tick();
    this.#history.emit({ type: "ticked", atMs: this.#atMs });
  }

  /** The answer is in the socket's hands, but not yet with the client. */
  hand(connection: SimConnection): void {
    connection.isHanded = true;
    connection.unwritten.handedOver();
  }

  /** The answer has reached the client. */
  written(connection: SimConnection): void {
    const jobs = connection.reply ?? [];
    connection.reply = undefined;
    connection.isHanded = false;
    connection.unwritten.handedOver();
    connection.unwritten.written();
    this.#history.emit({ type: "written", atMs: this.#atMs, client: connection.name });
    connection.answered(jobs);
  }

  /** The connection is gone, and with it an answer that has not reached the client. */
  close(connection: SimConnection): void {
    connection.isOpen = false;
    const client = connection.name;
    if (connection.waiter !== undefined) {
      this.#history.emit({ type: "cancel", atMs: this.#atMs, client });
      this.broker.serving.cancel(connection.waiter);
      connection.waiter = undefined;
    }
    const ids = connection.reply?.map((job) => job.id) ?? [];
    connection.reply = undefined;
    const wasHanded = connection.isHanded;
    this.#history.emit({ type: "lose reply", atMs: this.#atMs, client, ids, wasHanded });
    connection.unwritten.takeBack(this.broker);
  }

  idOf(job: Job): string {
    this.broker.jobs.copyId(job, idBytes, 0);
    return idBytes.toString("latin1");
  }

  find(id: string): Job {
    idBytes.write(id, "latin1");
    parseJobId(idBytes, 0, JOB_ID_CHARS, idWords);
    return this.broker.find(idWords);
  }

  entry(name: string): Queue {
    const bytes = Buffer.from(name, "latin1");
    return this.broker.queues.entry(bytes, 0, bytes.length);
  }

  #act(verb: JobVerb, job: Job): boolean {
    const { clock, lifecycle } = this.broker;
    switch (verb) {
      case "ack":
        return lifecycle.end(job, "acked");
      case "delete":
        return lifecycle.end(job, "deleted");
      case "enqueue":
        return lifecycle.requeue(job, "client");
      case "nack":
        return lifecycle.requeue(job, "nack");
      case "dequeue":
        return lifecycle.dequeue(job);
      case "working":
        if (clock.isPastHalfLife(job)) return false;
        lifecycle.postpone(job);
        return true;
    }
  }

  #wait(connection: SimConnection, queues: Queue[], count: number, endMs: number): void {
    connection.waiter = this.broker.serving.wait(queues, count, endMs, {
      jobsArrived: (taken) => {
        connection.waiter = undefined;
        const jobs = this.#deliver(connection, taken);
        const client = connection.name;
        this.#history.emit({ type: "arrive", atMs: this.#atMs, client, jobs });
        this.#answer(connection, jobs);
      },
      waitEnded: () => {
        connection.waiter = undefined;
        this.#history.emit({ type: "end wait", atMs: this.#atMs, client: connection.name });
        this.#answer(connection, []);
      },
    });
  }

  /** Writes the jobs into the connection's reply. */
  #deliver(connection: SimConnection, taken: readonly Job[]): Delivery[] {
    const { jobs, lifecycle } = this.broker;
    return taken.map((job) => {
      connection.unwritten.add(this.broker, job);
      const body = Buffer.alloc(jobs.bodyBytes(job));
      jobs.copyBody(job, body, 0);
      return {
        id: this.idOf(job),
        queue: lifecycle.queueOf(job).name.toString("latin1"),
        body: body.toString("latin1"),
        nacks: jobs.nacks(job),
        additionalDeliveries: jobs.additionalDeliveries(job),
      };
    });
  }

  #answer(connection: SimConnection, jobs: readonly Delivery[]): void {
    connection.reply = jobs;
    this.dirty.push(connection);
  }

  /** What dispatch does before every command; false when one that adds jobs must be refused. */
  #hasRoom(): boolean {
    const { memory, evictable, jobs } = this.broker;
    if (memory.maxBytes === 0 || memory.level < 2) return true;
    const before = evictable.oldest(Number.POSITIVE_INFINITY);
    const ids = before.map((job) => this.idOf(job));
    this.broker.makeRoom();
    const isGone = (job: Job) => !jobs.isLive(job) || !jobs.hasFlag(job, JobFlag.isEvictable);
    const gone = ids.filter((_, i) => isGone(before[i] ?? NO_JOB));
    if (gone.length > 0) this.#history.emit({ type: "evict", atMs: this.#atMs, ids: gone });
    return memory.level < 3;
  }

  #refuse(what: string, reason: "OOM" | "PAUSED" | "MISCONF"): undefined {
    this.#history.emit({ type: "refuse", atMs: this.#atMs, what, reason });
    return undefined;
  }
}

const idBytes = Buffer.alloc(JOB_ID_CHARS);
const idWords = new Int32Array(JOB_ID_WORDS);
