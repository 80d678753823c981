/**
 * Producers and consumers of a simulated cluster, with their bad habits.
 *
 * They connect to any node, go elsewhere when theirs is gone, and acknowledge wherever they are
 * connected by then. Which habits exist in a life is decided by its configuration.
 */

import type { ClusterWorld } from "./cluster-world.ts";
import type { SimAsk } from "./commands.ts";
import type { JobVerb, SeenJob } from "./oracle/checker.ts";
import type { SimProcess } from "./process.ts";
import { type Answer, Session, type SessionUser } from "./session.ts";
import { hasLiveCopy } from "./story.ts";

const COUNT_MAX = 5;
const BURST_MAX = 10;
const SHORT_TIMEOUT_MS = 300;
/** A client that finds no node looks again after that. */
const SEARCH_MS = 50;

/** Somebody with a connection to some node. */
abstract class Client implements SessionUser {
  protected readonly cluster: ClusterWorld;
  protected session: Session | undefined;
  protected isStopped = false;
  readonly #name: string;
  #connections = 0;
  /** Numbers what was put off: a client does one thing at a time. */
  #acts = 0;

  constructor(cluster: ClusterWorld, name: string) {
    this.cluster = cluster;
    this.#name = name;
  }

  /** Goes away for good, whatever it is doing. */
  stop(): void {
    this.isStopped = true;
    this.session?.leave();
  }

  abstract answered(answer: Answer): void;

  /** One that was given up before may be heard of late. */
  lost(session: Session): void {
    if (session !== this.session) return;
    this.session = undefined;
    this.actLater();
  }

  protected abstract act(): void;

  /** Acts in a while, once, unless it is stopped; a connection may be lost while the next act is near. */
  protected actLater(): void {
    const { world } = this.cluster;
    this.#actIn(world.someTimeMs(world.config.paceMs));
  }

  /** The connection, a new one if there is none; undefined when no node runs. */
  protected connected(): Session | undefined {
    if (this.session?.isOpen) return this.session;
    const process = this.cluster.somebody();
    if (process === undefined) {
      this.#actIn(SEARCH_MS);
      return undefined;
    }
    const name = `${this.#name}.${++this.#connections}`;
    this.session = new Session(process, name, this.cluster, this);
    return this.session;
  }

  #actIn(delayMs: number): void {
    const number = ++this.#acts;
    this.cluster.world.after(delayMs, () => {
      if (!this.isStopped && number === this.#acts) this.act();
    });
  }
}

/** Adds jobs while there are not too many. */
export class Producer extends Client {
  #bodies = 0;
  /** Connections of jobs added apart that have no answer. */
  readonly #bursts = new Set<Session>();

  constructor(cluster: ClusterWorld, name: string) {
    super(cluster, name);
    this.actLater();
  }

  override stop(): void {
    super.stop();
    for (const session of this.#bursts) session.leave();
  }

  answered(answer: Answer): void {
    if (answer.type === "added") {
      if (answer.story.failedAtMs === undefined) this.cluster.ledger.told(answer.story);
    } else if (this.cluster.world.random.chance(0.5)) {
      this.session?.leave();
    }
    this.actLater();
  }

  protected act(): void {
    const { world } = this.cluster;
    const session = this.connected();
    if (session === undefined) return;
    if (countLive(this.cluster) >= world.config.jobsMax) {
      this.actLater();
      return;
    }
    const more = world.happens("bursts", 0.1) ? world.random.below(BURST_MAX) : 0;
    for (let i = 0; i < more; i++) this.#addApart(session.process);
    const asked = this.#whatToAdd();
    session.request(() => this.cluster.commands.add(session, asked));
    if (!world.happens("producers leave", 0.05)) return;
    world.after(world.someTimeMs(world.config.delayMaxMs * 2), () => {
      if (session.adding === undefined || !session.isOpen) return;
      session.leave();
      this.lost(session);
    });
  }

  /** One more job in the same turn, over a connection of its own. */
  #addApart(process: SimProcess): void {
    const { ledger, commands } = this.cluster;
    const session = new Session(process, "burst", this.cluster, {
      answered: (answer) => {
        const isAdded = answer.type === "added" && answer.story.failedAtMs === undefined;
        if (isAdded) ledger.told(answer.story);
        session.leave();
        this.#bursts.delete(session);
      },
      lost: () => this.#bursts.delete(session),
    });
    this.#bursts.add(session);
    const asked = this.#whatToAdd();
    session.request(() => commands.add(session, asked));
  }

  #whatToAdd() {
    const { world } = this.cluster;
    const { random, config } = world;
    const ttlSeconds = 1 + random.below(config.ttlSecondsMax);
    const isOnce = world.happens("at most once", 0.3);
    const isDelayed = ttlSeconds > 1 && world.happens("delays", 0.3);
    const replicate = isOnce ? 1 : 1 + random.below(config.replicateMax);
    if (config.features.has("short lives")) world.mark("short lives");
    return {
      queue: `queue-${random.below(config.queues)}`,
      body: `${++this.#bodies} `.padEnd(random.below(120), "x"),
      replicate,
      ttlSeconds,
      retrySeconds: isOnce ? 0 : 1 + random.below(config.retrySecondsMax),
      delaySeconds: isDelayed
        ? 1 + random.below(Math.min(ttlSeconds - 1, config.delaySecondsMax))
        : 0,
      isAsync: replicate > 1 && world.happens("async", 0.3),
      timeoutMs: world.happens("short add timeouts", 0.5) ? 1 + random.below(SHORT_TIMEOUT_MS) : 0,
    };
  }
}

/** Takes jobs and does something with them, again and again. */
export class Consumer extends Client {
  constructor(cluster: ClusterWorld, name: string) {
    super(cluster, name);
    this.actLater();
  }

  answered(answer: Answer): void {
    const { world } = this.cluster;
    const jobs = answer.type === "jobs" ? answer.jobs : [];
    const process = this.session?.process;
    for (const job of jobs) if (process !== undefined) this.#work(process, job);
    const isGone =
      answer.type === "refused" || (jobs.length > 0 && world.happens("client crashes", 0.1));
    if (isGone) {
      this.session?.leave();
      this.session = undefined;
    }
    this.actLater();
  }

  protected act(): void {
    const session = this.connected();
    if (session === undefined) return;
    const asked = this.#whatToAsk();
    session.request(() => this.cluster.commands.ask(session, asked));
    const { world } = this.cluster;
    if (!world.happens("blocked clients leave", 0.2)) return;
    world.after(world.someTimeMs(world.config.paceMs), () => {
      if (session.waiter === undefined || !session.isOpen || this.isStopped) return;
      session.leave();
      this.lost(session);
    });
  }

  #whatToAsk(): SimAsk {
    const { world } = this.cluster;
    const { random, config } = world;
    const some = (): string => `queue-${random.below(config.queues)}`;
    const queues = [some()];
    while (world.happens("several queues", 0.5)) queues.push(some());
    return {
      queues,
      count: world.happens("counts", 0.6) ? 1 + random.below(COUNT_MAX) : 1,
      isNoHang: world.happens("no hang", 0.4),
      timeoutMs: world.happens("timeouts", 0.6) ? 1 + random.below(config.paceMs * 20) : 0,
    };
  }

  /** What becomes of one job: usually ACKJOB after a while. */
  #work(process: SimProcess, { id, nacks, additionalDeliveries }: SeenJob): void {
    const { world } = this.cluster;
    if (nacks > 0) world.mark("delivered after NACK");
    if (additionalDeliveries > 0) world.mark("delivered again");
    if (world.happens("client crashes", 0.2)) return;
    const { paceMs, retrySecondsMax } = world.config;
    const takesMs = world.happens("slow work", 0.3) ? retrySecondsMax * 1500 : paceMs;
    if (world.happens("nacks", 0.3)) this.#say(process, "nack", id, takesMs);
    else if (world.happens("working", 0.4)) {
      this.#say(process, "working", id, takesMs, () => this.#say(process, "ack", id, takesMs));
    } else this.#say(process, world.happens("fast acks", 0.3) ? "fastack" : "ack", id, takesMs);
  }

  /** Says it where the job came from, or on any other node; again elsewhere if that one has gone. */
  #say(process: SimProcess, verb: JobVerb, id: string, takesMs: number, then?: () => void): void {
    const { world, commands } = this.cluster;
    world.after(world.someTimeMs(takesMs), () => {
      if (this.cluster.ledger.isOver) return;
      const isElsewhere = !process.isAlive || world.happens("wandering acks", 0.5);
      const target = isElsewhere ? this.cluster.somebody() : process;
      target?.post(() => {
        commands.apply(target, verb, id);
        then?.();
      });
    });
  }
}

/** Jobs that nobody is done with and that are somewhere. */
function countLive(cluster: ClusterWorld): number {
  let count = 0;
  for (const { process } of cluster.machines) {
    count = Math.max(count, process?.broker.jobs.count ?? 0);
  }
  return count < cluster.world.config.jobsMax ? countStories(cluster) : count;
}

function countStories({ ledger }: ClusterWorld): number {
  let count = 0;
  for (const story of ledger.open) {
    if (story.ackedAtMs === undefined && hasLiveCopy(story)) count++;
  }
  return count;
}
