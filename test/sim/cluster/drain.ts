/**
 * An honest consumer on every node, for the end of a life: takes everything, acknowledges everything.
 *
 * Jobs that may be delivered once and were, or may have been, are never seen again; they are acknowledged
 * by name.
 */
import type { ClusterWorld } from "./cluster-world.ts";
import type { SimProcess } from "./process.ts";
import { type Answer, Session, type SessionUser } from "./session.ts";
import type { DeliveryNote } from "./story.ts";

const WAIT_MS = 5000;
const COUNT = 20;

/** Drains by way of one node. */
export class DrainClient implements SessionUser {
  readonly #cluster: ClusterWorld;
  readonly #process: SimProcess;
  readonly #session: Session;
  readonly #queues: readonly string[];
  #isStopped = false;

  constructor(cluster: ClusterWorld, process: SimProcess) {
    this.#cluster = cluster;
    this.#process = process;
    this.#queues = Array.from({ length: cluster.world.config.queues }, (_, i) => `queue-${i}`);
    this.#session = new Session(process, `drain-${process.serial}`, cluster, this);
    process.broker.memory.maxBytes = 0;
    process.broker.bufferBytes = 0;
    process.post(() => this.#open());
    this.#ask();
  }

  stop(): void {
    this.#isStopped = true;
    this.#session.leave();
  }

  answered(answer: Answer): void {
    const { commands } = this.#cluster;
    const jobs = answer.type === "jobs" ? answer.jobs : [];
    for (const { id } of jobs) this.#process.post(() => commands.apply(this.#process, "ack", id));
    this.#ackSpent();
    if (!this.#isStopped) this.#ask();
  }

  lost(): void {}

  #ask(): void {
    const asked = { queues: this.#queues, count: COUNT, isNoHang: false, timeoutMs: WAIT_MS };
    this.#session.request(() => this.#cluster.commands.ask(this.#session, asked));
  }

  #open(): void {
    for (const queue of this.#queues) {
      this.#cluster.commands.pause(this.#process, queue, false, false, false);
    }
  }

  #ackSpent(): void {
    const { ledger, commands } = this.#cluster;
    for (const story of ledger.open) {
      if (story.retryMs > 0 || !story.copies.has(this.#process)) continue;
      const isSpent = story.isTorn || story.deliveries.some((delivery) => this.#isSure(delivery));
      const verb = isSpent ? "ack" : story.isDequeued ? "enqueue" : undefined;
      if (verb === undefined) continue;
      this.#process.post(() => commands.apply(this.#process, verb, story.id));
    }
  }

  /** Whether the node takes a job for delivered: what a log ends with may be a delivery, and not its return. */
  #isSure({ isReturned, process }: DeliveryNote): boolean {
    return !isReturned || (process !== this.#process && process.machine === this.#process.machine);
  }
}
