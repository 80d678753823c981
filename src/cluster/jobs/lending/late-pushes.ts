/**
 * Pushes that may have waited for the link over which they come, perhaps for minutes, or for this node, which stood still.
 *
 * A push and the recall of the same job wait together, but may arrive in different turns: a client here would be
 * given what has been acknowledged elsewhere meanwhile. So what comes over a new link is held back until its sender
 * has said that all that waited was said, and what is recalled by then never came. To send it back would be no
 * cure: the sender may have lent the job once more by then, and would take that answer for one to the later push.
 * Nor did that come which is acknowledged by then.
 *
 * The word of the sender is in one order with all that is kept for a link, and lost with it, so it cannot be about
 * an earlier one. Who does not say it is not waited for. What moves, because it is delivered at most once, is
 * nowhere else, and is not held back.
 */
import { type Job, NO_JOB } from "../../../core/job.ts";
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import type { JobsWorld } from "../jobs-world.ts";
import type { JobUnpacker } from "../packing/packed-jobs.ts";

/** A sender that has said nothing by then is an older one. */
const LATE_MS = 5000;
/** With so much of one sender here the rest is not waited for. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;

const NEVER = Number.POSITIVE_INFINITY;

/** Takes those jobs of a message in that are meant; false: not all of it could be read. */
type Take = (node: number, packed: Buffer, isMeant: (told: JobUnpacker) => boolean) => boolean;

/** One whose link is new. */
interface Sender {
  /** Until when it is waited for, monotonic ms; Infinity while there is no link, or a stale one. */
  untilMs: number;
  readonly pushes: Buffer[];
  bytes: number;
  /** The last push of each job that was not recalled since, by id. */
  readonly held: Map<string, number>;
  /** One was recalled: that node counts it as what was wanted here, and is to hear of who waits again. */
  wasRecalled: boolean;
}

/** Holds pushes back. */
export class LatePushes {
  readonly #world: JobsWorld;
  readonly #take: Take;
  readonly #missed: (node: number) => void;
  /** By node. */
  readonly #senders = new Map<number, Sender>();

  /** @param missed told that jobs came from a node for clients here, and were not given to them */
  constructor(world: JobsWorld, take: Take, missed: (node: number) => void) {
    this.#world = world;
    this.#take = take;
    this.#missed = missed;
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    let atMs = NEVER;
    for (const { untilMs } of this.#senders.values()) atMs = Math.min(atMs, untilMs);
    return atMs;
  }

  tick(): void {
    for (const [node, { untilMs }] of this.#senders) {
      if (untilMs <= this.#world.host.nowMs) this.#release(node);
    }
  }

  /** A link with that node begins. */
  begin(node: number): void {
    const sender = this.#senders.get(node) ?? newSender();
    sender.untilMs = this.#world.host.nowMs + LATE_MS;
    this.#senders.set(node, sender);
  }

  /** This node stood still: what comes has waited in front of it, and what was recalled meanwhile is heard of over the next link. */
  linkIsStale(node: number): void {
    const sender = this.#senders.get(node) ?? newSender();
    sender.untilMs = NEVER;
    this.#senders.set(node, sender);
  }

  /** It is over: what was recalled meanwhile is heard of over the next one. */
  linkEnded(node: number): void {
    const sender = this.#senders.get(node);
    if (sender === undefined) return;
    if (sender.pushes.length === 0) this.#senders.delete(node);
    else sender.untilMs = NEVER;
  }

  /** All that waited for the link was said; of a stale one that tells nothing. */
  resent(node: number): void {
    if ((this.#senders.get(node)?.untilMs ?? NEVER) < NEVER) this.#release(node);
  }

  /** What it has lent is its own again, or nobody's; that it said so may be lost. */
  forget(node: number): void {
    const untilMs = this.#senders.get(node)?.untilMs ?? NEVER;
    this.#senders.delete(node);
    if (untilMs < NEVER) this.#senders.set(node, { ...newSender(), untilMs });
  }

  /** Jobs came from a node whose link may be new; undefined: it is not, false: not all could be read. */
  pushed(node: number, packed: Buffer): boolean | undefined {
    const sender = this.#senders.get(node);
    if (sender === undefined) return undefined;
    if (sender.bytes + packed.length > HELD_BYTES_MAX) {
      this.#release(node);
      return undefined;
    }
    const at = sender.pushes.push(Buffer.from(packed)) - 1;
    sender.bytes += packed.length;
    return this.#take(node, packed, ({ id, shape }) => {
      // What is over is refused while that is known.
      if (shape.retrySeconds === 0 || this.#isAcked(id)) return true;
      sender.held.set(key(id), at);
      return false;
    });
  }

  /** A job is over, as others say: what was pushed of it before that never came. */
  noteOver(id: Int32Array): void {
    for (const node of this.#senders.keys()) this.recalled(node, id);
  }

  /** The same of one that was acknowledged here in this moment. */
  buried(job: Job): void {
    if (this.#senders.size === 0) return;
    const { jobs } = this.#world.broker;
    this.noteOver(Int32Array.from({ length: JOB_ID_WORDS }, (_, word) => jobs.idWord(job, word)));
  }

  /** A loan is over; whether a push of it was held back. */
  recalled(node: number, id: Int32Array): boolean {
    const sender = this.#senders.get(node);
    if (sender === undefined || sender.held.size === 0 || !sender.held.delete(key(id)))
      return false;
    sender.wasRecalled = true;
    return true;
  }

  #isAcked(id: Int32Array): boolean {
    const { index, roles } = this.#world.broker;
    const job = index.find(id);
    return job !== NO_JOB && roles.isAcked(job);
  }

  /** What is held back and was not recalled is taken in. */
  #release(node: number): void {
    const sender = this.#senders.get(node);
    this.#senders.delete(node);
    if (sender === undefined) return;
    for (const [at, packed] of sender.pushes.entries()) {
      this.#take(node, packed, ({ id }) => sender.held.get(key(id)) === at);
    }
    if (sender.wasRecalled) this.#missed(node);
  }
}

function newSender(): Sender {
  return { untilMs: NEVER, pushes: [], bytes: 0, held: new Map(), wasRecalled: false };
}

function key(id: Int32Array): string {
  return id.join(" ");
}
