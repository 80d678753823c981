/**
 * Replies of one client that are due in their order, although some are known later than others.
 *
 * A job that is added with copies is answered when the copies exist. Meanwhile further ADDJOBs of the
 * client run, as that is where the speed of a cluster comes from; everything else waits until nothing is
 * open. What is answered is written in the order of the requests: each ADDJOB that has to wait, for its
 * own copies or for replies before it, has a place in a line, and leaves it at the front.
 *
 *   first ──▶ [ open | +id | -NOREPL | bytes of a reply | open ] ◀── the next ADDJOB
 *
 * A reply that others must be asked for (`defer`) has a place as well, and is written when it is first.
 *
 * Places form a ring and are used again, ids lie in one array: in a cluster this happens for every job.
 * It decides nothing about jobs; the cluster does (AddReceiver).
 */
import type { AddFailure, AddReceiver } from "../cluster/jobs/copies/add-receiver.ts";
import { JOB_ID_CHARS, JOB_ID_WORDS, writeJobId } from "../core/job-id.ts";
import { assert } from "../util/assert.ts";
import type { CommandSpec } from "./command.ts";
import { errors } from "./errors.ts";
import { HeldBytes } from "./held-bytes.ts";
import { type DeferredReply, NO_QUEUE, Place, type ReplyWriting } from "./pending-place.ts";
import type { ServerState } from "./server-state.ts";
import type { Session } from "./session.ts";

/** Requests of one client whose replies may be due at a time. */
export const PENDING_REPLIES_MAX = 1024;
/** A client that had so many waits until there is room for many. */
const PENDING_REPLIES_LOW = PENDING_REPLIES_MAX / 2;
const FIRST_PLACES = 16;
/** So many places are kept while none is taken. */
const KEPT_PLACES = 128;
/** No request waits for places to become free. */
const NOBODY_WAITS = -1;
const PLUS = 0x2b;
const CR = 0x0d;
const LF = 0x0a;

const failureTexts: Readonly<Record<AddFailure, string>> = {
  timeout: errors.replicationTimeout,
  gone: errors.replicationGone,
  leaving: errors.leaving,
};

/** The line of one client. */
export class PendingReplies {
  /** Replies that are due. */
  count = 0;
  readonly #server: ServerState;
  readonly #session: Session;
  readonly #held = new HeldBytes();
  /** As many as a power of two; the first in line is at #first. */
  #places: Place[] = [];
  #ids = new Int32Array(0);
  #first = 0;
  /** A request waits until no more than so many replies are due. */
  #awaitedCount = NOBODY_WAITS;

  constructor(server: ServerState, session: Session) {
    this.#server = server;
    this.#session = session;
  }

  /** Bytes of replies that wait for earlier ones. */
  get heldBytes(): number {
    return this.#held.size;
  }

  /** A request was put off until replies have been given. */
  get isHoldingUp(): boolean {
    return this.#awaitedCount !== NOBODY_WAITS;
  }

  /** Whether a request may run now; if not, the client goes on when it may. */
  admits(spec: CommandSpec | undefined): boolean {
    if (this.count === 0) return true;
    const isAddjob = spec?.name === "addjob";
    if (isAddjob && this.count < PENDING_REPLIES_MAX) return true;
    this.#awaitedCount = isAddjob ? PENDING_REPLIES_LOW : 0;
    return false;
  }

  /** The place of the next reply, for a job about to be added; nothing has changed until `open`. */
  next(): AddReceiver {
    return this.#placeAt(this.count);
  }

  /**
   * The place that `next` gave belongs to a reply that is due from now on. `queueNumber`: the queue
   * that has one more job when the copies exist, or -1.
   */
  open(queueNumber: number): void {
    const place = this.#placeAt(this.count);
    place.outcome = "open";
    place.isMuted = this.#session.isMuted;
    place.queueNumber = queueNumber;
    this.count++;
  }

  /**
   * The place of a reply that others must be asked for. `cancel`: nobody wants it any more, and it must
   * not be settled from then on.
   */
  defer(cancel: () => void): DeferredReply {
    const place = this.#placeAt(this.count);
    this.open(NO_QUEUE);
    place.cancel = cancel;
    return place;
  }

  /** Jobs on their way into that queue. */
  openIn(queueNumber: number): number {
    let jobs = 0;
    for (let i = 0; i < this.count; i++) {
      const place = this.#placeAt(i);
      if (place.outcome === "open" && place.queueNumber === queueNumber) jobs++;
    }
    return jobs;
  }

  /** What was written behind `mark` takes its place behind the replies that are due. */
  lineUp(mark: number): void {
    const { reply } = this.#session;
    if (this.count === 0 || reply.length === mark) return;
    const place = this.#placeAt(this.count);
    place.outcome = "bytes";
    place.bytes = reply.length - mark;
    this.#held.push(reply.buffer, mark, reply.length);
    reply.truncate(mark);
    this.count++;
  }

  /** Gives up what is open: all replies are written, and nothing is due any more. */
  abandon(why: AddFailure): void {
    for (let i = 0; i < this.count; i++) {
      const place = this.#placeAt(i);
      if (place.outcome !== "open") continue;
      this.#cancel(place);
      this.#fail(place, why);
    }
    this.#advance();
  }

  /** The client is gone: gives up what is open, and forgets the rest. */
  close(): void {
    for (let i = 0; i < this.count; i++) {
      const place = this.#placeAt(i);
      if (place.outcome === "open") this.#cancel(place);
    }
    this.count = 0;
    this.#awaitedCount = NOBODY_WAITS;
    this.#held.drop(this.#held.size);
  }

  /** A place's own call: the job exists. */
  settleWithId(place: Place, id: Int32Array): void {
    assert(place.outcome === "open", "a reply is settled once");
    place.outcome = "id";
    const at = place.index * JOB_ID_WORDS;
    for (let word = 0; word < JOB_ID_WORDS; word++) this.#ids[at + word] = id[word] as number;
    this.#advance();
  }

  /** A place's own call: the reply is known. */
  settleWith(place: Place, write: ReplyWriting): void {
    assert(place.outcome === "open", "a reply is settled once");
    place.outcome = "written by";
    place.write = write;
    place.cancel = undefined;
    this.#advance();
  }

  /** A place's own call: there is no job. */
  settleWithError(place: Place, why: AddFailure): void {
    assert(place.outcome === "open", "a reply is settled once");
    this.#fail(place, why);
    this.#advance();
  }

  #cancel(place: Place): void {
    if (place.cancel === undefined) this.#server.cluster.jobs.cancelAdd(place);
    else place.cancel();
  }

  #fail(place: Place, why: AddFailure): void {
    const isAdd = place.cancel === undefined;
    place.outcome = "error";
    place.error = isAdd || why === "leaving" ? failureTexts[why] : errors.notAnswered;
    const { commands, stats } = this.#server;
    stats.errorReplies++;
    place.cancel = undefined;
    const counter = commands.stats.counter("addjob");
    if (isAdd && counter !== undefined) counter.failed++;
  }

  /** Writes what is at the front and known; lets the client go on when a request waited for that. */
  #advance(): void {
    const before = this.count;
    while (this.count > 0) {
      const place = this.#placeAt(0);
      if (place.outcome === "open") break;
      this.#write(place);
      this.#first = (this.#first + 1) & (this.#places.length - 1);
      this.count--;
    }
    if (this.count === before) return;
    const { carrier, isHalfClosed } = this.#session;
    carrier.replyReady();
    // One who will send nothing more is closed when it goes on.
    const isOver = this.count === 0 && isHalfClosed;
    if (this.count <= this.#awaitedCount || isOver) {
      this.#awaitedCount = NOBODY_WAITS;
      carrier.resume();
    }
    if (this.count === 0 && this.#places.length > KEPT_PLACES) this.#shrink();
  }

  #write(place: Place): void {
    const { reply } = this.#session;
    if (place.outcome === "bytes") {
      this.#held.shiftInto(reply, place.bytes);
    } else if (place.isMuted) {
      return;
    } else if (place.outcome === "error") {
      reply.error(place.error);
    } else if (place.outcome === "written by") {
      place.write?.(reply);
      place.write = undefined;
    } else {
      reply.ensure(JOB_ID_CHARS + 3);
      const { buffer, length } = reply;
      buffer[length] = PLUS;
      writeJobId(this.#ids, place.index * JOB_ID_WORDS, buffer, length + 1);
      buffer[length + JOB_ID_CHARS + 1] = CR;
      buffer[length + JOB_ID_CHARS + 2] = LF;
      reply.length = length + JOB_ID_CHARS + 3;
    }
  }

  /** The place of a reply, counted from the front; the one behind the last may be asked for. */
  #placeAt(i: number): Place {
    if (i === this.#places.length) this.#grow();
    return this.#places[(this.#first + i) & (this.#places.length - 1)] as Place;
  }

  /** Doubles the ring, which is full; the first in line comes to its start. */
  #grow(): void {
    const old = this.#places;
    assert(old.length < PENDING_REPLIES_MAX, "no more requests run than there are places");
    const ids = new Int32Array(Math.max(FIRST_PLACES, 2 * old.length) * JOB_ID_WORDS);
    ids.set(this.#ids.subarray(this.#first * JOB_ID_WORDS));
    ids.set(
      this.#ids.subarray(0, this.#first * JOB_ID_WORDS),
      ids.length / 2 - this.#first * JOB_ID_WORDS,
    );
    this.#ids = ids;
    this.#places = [...old.slice(this.#first), ...old.slice(0, this.#first)];
    this.#first = 0;
    for (const [index, place] of this.#places.entries()) place.index = index;
    while (this.#places.length < ids.length / JOB_ID_WORDS) {
      this.#places.push(new Place(this, this.#places.length));
    }
  }

  #shrink(): void {
    this.#places = [];
    this.#ids = new Int32Array(0);
    this.#first = 0;
  }
}
