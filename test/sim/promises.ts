/**
 * The promises of a single node about its jobs, each as a checker of its own.
 *
 * Every promise is judged from what clients saw and nothing else, in as few lines as it takes, so
 * that a reader can agree with it. They overlap with the model on purpose: the model says what
 * exactly must happen, these say what people rely on.
 */
import { type Checker, type Delivery, type SimEvent, Violation } from "./history.ts";
import { JobMemory, type RememberedJob } from "./job-memory.ts";

/** What is wrong with a delivery, in words; undefined: nothing. */
type Judge = (
  job: RememberedJob,
  delivery: Delivery,
  event: SimEvent,
  memory: JobMemory,
) => string | undefined;

/** A checker that judges every delivery of a known job. */
function deliveryPromise(name: string, judge: Judge): Checker {
  const memory = new JobMemory();
  return {
    name,
    on: (event) =>
      memory.note(event, (job, delivery) => {
        const fault = job === undefined ? undefined : judge(job, delivery, event, memory);
        if (fault !== undefined) throw new Violation(name, `${delivery.id} was delivered ${fault}`);
      }),
  };
}

/** What is delivered was added, unchanged, and nobody was done with it. */
function genuine(): Checker {
  const name = "genuine";
  const memory = new JobMemory();
  return {
    name,
    on: (event) =>
      memory.note(event, (job, { id, queue, body }) => {
        const isSame = job !== undefined && job.queue === queue && job.body === body;
        if (isSame) return;
        const fault = job === undefined ? "though it is gone" : "with another body or queue";
        throw new Violation(name, `${id} was delivered ${fault}`);
      }),
  };
}

/** No job is delivered after its TTL. */
const fresh: Judge = (job, _delivery, { atMs }) =>
  atMs >= job.expiresAtMs ? "after its TTL" : undefined;

/** No job is delivered before its DELAY, nor again before RETRY has passed since it was delivered. */
const patient: Judge = (job, _delivery, { atMs }) => {
  const earlyMs = job.notBeforeMs - atMs;
  if (earlyMs <= 0 || job.retryMs === 0) return undefined;
  return `${earlyMs} ms before ${job.deliveries === 0 ? "its DELAY" : "RETRY"}`;
};

/** A job with RETRY 0 is delivered at most once, and not before its DELAY. */
const atMostOnce: Judge = (job, _delivery, { atMs }) => {
  if (job.retryMs > 0) return undefined;
  if (job.deliveries > 0) return "twice";
  return atMs < job.notBeforeMs ? "before its DELAY" : undefined;
};

/** Of the jobs that are in a queue, the one created first is delivered first. */
const ordered: Judge = (job, _delivery, { atMs }, memory) => {
  // What came into reach in this turn may be promised to blocked clients, answered at its end.
  if (memory.pauseChangedInTurn.get(job.queue) === memory.turn) return undefined;
  for (const [id, other] of memory.jobs) {
    if (other.queue !== job.queue || other.order >= job.order) continue;
    const isThere = other.queuedInTurn !== undefined && other.queuedInTurn < memory.turn;
    if (isThere && other.expiresAtMs > atMs) return `before ${id}, which is older`;
  }
  return undefined;
};

/** A queue paused in output gives nothing. */
const closed: Judge = (_job, { queue }, event, memory) => {
  const pausedInTurn = memory.pausedOut.get(queue);
  // What was promised to a blocked client before the pause is given to it.
  const wasPromised = event.type === "arrive" && pausedInTurn === memory.turn;
  return pausedInTurn === undefined || wasPromised ? undefined : "by a queue paused in output";
};

/** In this time all that is there has been taken when draining begins, ms. */
const DRAINED_WITHIN_MS = 10_000;

/** An accepted job stays known until somebody is done with it or its TTL is over; then it is gone. */
class Kept implements Checker {
  readonly name = "kept";
  readonly #memory = new JobMemory();
  /** Alive when draining began, and to be delivered by its end. */
  readonly #awaited = new Set<string>();
  #isDraining = false;

  on(event: SimEvent): void {
    this.#memory.note(event, (_job, delivery) => this.#awaited.delete(delivery.id));
    if (event.type === "drain") this.#isDraining = true;
    // Somebody else may still be busy with it, or be done.
    if (event.type === "verb" && event.answer) this.#awaited.delete(event.id);
    if (event.type === "audit") this.#audit(event);
    if (event.type !== "silence") return;
    for (const id of this.#awaited) throw new Violation(this.name, `${id} was never delivered`);
  }

  #audit({ atMs, snapshot }: SimEvent & { type: "audit" }): void {
    const { jobs } = this.#memory;
    for (const [id, job] of jobs) {
      if (job.expiresAtMs <= atMs) jobs.delete(id);
      else if (!snapshot.jobs.has(id)) throw new Violation(this.name, `${id} is lost`);
    }
    for (const [id, shown] of snapshot.jobs) {
      const job = jobs.get(id);
      if (job === undefined) throw new Violation(this.name, `${id} is still known`);
      const waitMs = shown.state === "queued" ? 0 : shown.requeueWithinMs;
      const isReached = atMs + waitMs + DRAINED_WITHIN_MS < job.expiresAtMs;
      if (this.#isDraining && isReached) this.#awaited.add(id);
    }
    this.#isDraining = false;
  }
}

/** Every promise about jobs. */
export function jobPromises(): Checker[] {
  return [
    genuine(),
    deliveryPromise("fresh", fresh),
    deliveryPromise("patient", patient),
    deliveryPromise("at most once", atMostOnce),
    deliveryPromise("ordered", ordered),
    deliveryPromise("closed", closed),
    new Kept(),
  ];
}
