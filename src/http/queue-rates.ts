/**
 * How fast jobs come into each queue and go out of it.
 *
 * No queue keeps a rate, because that would cost every job something. Whoever walks over all queues notes
 * their counters every few seconds; a rate is what was added since the note before the last one, so it is
 * over 5 to 10 s while somebody looks. Three numbers a queue and note, in plain arrays by number.
 */
import type { Queue } from "../core/queue.ts";

/** Notes are so far apart, ms. */
const NOTE_MS = 5000;
/** Over less than this a rate is chance. */
const SPAN_MS_MIN = 500;
/** Nobody has looked for so long: an average over that says nothing about now. */
const SPAN_MS_MAX = 60_000;

/** Jobs a second; null where there is nothing to compare with yet. */
export interface QueueRate {
  readonly in: number | null;
  readonly out: number | null;
}

interface Note {
  readonly atMs: Float64Array;
  readonly jobsIn: Float64Array;
  readonly jobsOut: Float64Array;
}

const UNKNOWN: QueueRate = { in: null, out: null };

/** The last notes of one node. */
export class QueueRates {
  #older: Note | undefined;
  #newer: Note | undefined;
  #begunAtMs = Number.NEGATIVE_INFINITY;

  /** A walk over queues with numbers below `limit` begins; the notes it is to make, if it is time for new ones. */
  begin(nowMs: number, limit: number): Noting | undefined {
    if (nowMs - this.#begunAtMs < NOTE_MS) return undefined;
    this.#begunAtMs = nowMs;
    const note: Note = {
      atMs: new Float64Array(limit),
      jobsIn: new Float64Array(limit),
      jobsOut: new Float64Array(limit),
    };
    return new Noting(note, () => {
      this.#older = this.#newer;
      this.#newer = note;
    });
  }

  /** Since the older note that knows the queue; a queue that was made anew since then has none. */
  of(queue: Queue, nowMs: number): QueueRate {
    return rateSince(this.#older, queue, nowMs) ?? rateSince(this.#newer, queue, nowMs) ?? UNKNOWN;
  }
}

/** Notes in the making. */
export class Noting {
  readonly #note: Note;
  readonly #end: () => void;

  constructor(note: Note, end: () => void) {
    this.#note = note;
    this.#end = end;
  }

  take({ number, jobsIn, jobsOut }: Queue, nowMs: number): void {
    this.#note.atMs[number] = nowMs;
    this.#note.jobsIn[number] = jobsIn;
    this.#note.jobsOut[number] = jobsOut;
  }

  /** The walk is over: from now on these are the newest. */
  end(): void {
    this.#end();
  }
}

function rateSince(note: Note | undefined, queue: Queue, nowMs: number): QueueRate | undefined {
  const notedAtMs = note?.atMs[queue.number] ?? 0;
  const spanMs = nowMs - notedAtMs;
  if (note === undefined || queue.createdAtMs > notedAtMs) return undefined;
  if (spanMs < SPAN_MS_MIN || spanMs > SPAN_MS_MAX) return undefined;
  const jobsIn = queue.jobsIn - (note.jobsIn[queue.number] ?? 0);
  // What is taken back is not counted as handed out any more.
  const jobsOut = Math.max(0, queue.jobsOut - (note.jobsOut[queue.number] ?? 0));
  return { in: (jobsIn * 1000) / spanMs, out: (jobsOut * 1000) / spanMs };
}
