/**
 * The life of a job as steps in time: what has been, and what will be if nobody does anything.
 *
 * A node keeps no history of a job, but what it knows says when it was made, when it could first be
 * handed out, when it is due again and when it ends.
 */
import type { JobShape } from "./api-shapes.ts";

/** A step. */
export interface Step {
  readonly label: string;
  /** Ms since 1970; undefined: it is known that it was, not when. */
  readonly atMs: number | undefined;
  readonly kind: "past" | "now" | "future";
  readonly note?: string;
}

const STATE_NOTES: Readonly<Record<string, string>> = {
  queued: "It waits in its queue.",
  active: "A worker has it, or it is delayed.",
  acked: "It is acknowledged, and remembered until all nodes know.",
  "wait-repl": "Copies of it are being made.",
};

/** Steps in the order of time. */
export function stepsOf(job: JobShape, nowMs: number): Step[] {
  const createdMs = Date.parse(job.createdAt);
  const copies = job.replicate === 1 ? "one copy" : `${job.replicate} copies`;
  const timed: Step[] = [step("Created", createdMs, nowMs, `${copies} asked for`)];
  if (job.delaySeconds > 0) {
    const dueMs = createdMs + job.delaySeconds * 1000;
    timed.push(step(dueMs > nowMs ? "Delay ends" : "Delay ended", dueMs, nowMs));
  }
  const note = STATE_NOTES[job.state];
  timed.push({ label: `Now ${job.state}`, atMs: nowMs, kind: "now", ...(note && { note }) });
  if (job.requeueWithinSeconds !== null && job.state !== "queued") {
    const atMs = nowMs + job.requeueWithinSeconds * 1000;
    timed.push(step("Queued again", atMs, nowMs, "unless it is acknowledged before"));
  }
  timed.push(step("Expires", nowMs + job.ttlLeftSeconds * 1000, nowMs));
  timed.sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0));
  const untimed: Step[] = [];
  if (job.nacks > 0)
    untimed.push({ label: `Given back ${times(job.nacks)}`, atMs: undefined, kind: "past" });
  if (job.additionalDeliveries > 0) {
    const label = `Queued again ${times(job.additionalDeliveries)}, its time was over`;
    untimed.push({ label, atMs: undefined, kind: "past" });
  }
  timed.splice(1, 0, ...untimed);
  return timed;
}

function step(label: string, atMs: number, nowMs: number, note?: string): Step {
  const kind = atMs <= nowMs ? "past" : "future";
  return { label, atMs, kind, ...(note === undefined ? {} : { note }) };
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
