/**
 * How much has been pushed to each node and not been answered, so that nobody is flooded.
 *
 * Every pushed job is answered once, as handed or as returned. Now and then an answer is missing,
 * because the job was acknowledged before; so what has been unanswered for long is forgotten.
 */
import type { JobsWorld } from "../jobs-world.ts";

/** Bodies on their way to one node; a single larger one may go when nothing else is. */
const BYTES_MAX = 16 * 1024 * 1024;
const JOBS_MAX = 20_000;
/** Beside its body. */
const JOB_BYTES = 128;
/** After so long without any answer, what was sent is forgotten. */
export const FLOW_PATIENCE_MS = 1000;

interface Stream {
  jobs: number;
  bytes: number;
  answeredAtMs: number;
}

/** What is on its way. */
export class Flow {
  readonly #world: JobsWorld;
  readonly #streams: (Stream | undefined)[] = [];

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /** Whether more may be sent to the node now. */
  isOpen(node: number): boolean {
    const stream = this.#streams[node];
    if (stream === undefined || (stream.jobs < JOBS_MAX && stream.bytes < BYTES_MAX)) return true;
    if (stream.answeredAtMs > this.#world.host.nowMs - FLOW_PATIENCE_MS) return false;
    this.forget(node);
    return true;
  }

  /** A job with a body of so many bytes was sent. */
  sent(node: number, bodyBytes: number): void {
    let stream = this.#streams[node];
    if (stream === undefined) {
      stream = { jobs: 0, bytes: 0, answeredAtMs: 0 };
      this.#streams[node] = stream;
    }
    if (stream.jobs === 0) stream.answeredAtMs = this.#world.host.nowMs;
    stream.jobs++;
    stream.bytes += bodyBytes + JOB_BYTES;
  }

  /** So many were answered; their sizes are not known any more. */
  answered(node: number, jobs: number): void {
    const stream = this.#streams[node];
    if (stream === undefined) return;
    const left = Math.max(0, stream.jobs - jobs);
    stream.bytes = stream.jobs === 0 ? 0 : (stream.bytes * left) / stream.jobs;
    stream.jobs = left;
    stream.answeredAtMs = this.#world.host.nowMs;
  }

  /** Nothing is on its way to the node any more. */
  forget(node: number): void {
    this.#streams[node] = undefined;
  }
}
