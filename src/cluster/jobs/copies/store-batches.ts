/**
 * Requests for copies, peer by peer: what is sent in this turn, and what has not been answered yet.
 *
 * Copies that a peer is asked for in a turn are a batch, or several where they would not fit into a frame;
 * each is answered at once. While a peer is congested its batches wait here; a job is packed when its batch
 * is sent, and left out if it is over. A large body is a batch of its own; new jobs and others do not share
 * one, because only those may be refused for a pause (told-copies.ts). A peer works in order, so an answer
 * says something about earlier batches too: what it has not answered before, it never will.
 */
import { JOB_ID_WORDS } from "../../../core/job-id.ts";
import { CONGESTION_LOOK_MS, type JobsWorld } from "../jobs-world.ts";
import { CopySheet } from "./copy-sheet.ts";
import type { Replication, Replications } from "./replication.ts";
import { StoreBatch } from "./store-batch.ts";

/** A batch takes no more jobs than that. */
const BATCH_JOBS_MAX = 4096;
/** Less than a frame: a record that is larger would travel in pieces. */
const BATCH_BYTES_MAX = 48 * 1024;
/** With so much for one peer the end of the turn is not waited for. */
const OPEN_BYTES_MAX = 1024 * 1024;
/** A peer may take that many round trips, within these limits (protocol, section 4). */
const ROUND_TRIPS = 4;
const PATIENCE_MS_MIN = 50;
const PATIENCE_MS_MAX = 200;
/** What is on its way needs time: 50 MB/s are expected of a network. */
const BYTES_PER_MS = 50_000;
const NEVER = Number.POSITIVE_INFINITY;
/** What a job takes beside its body and the name of its queue, roughly. */
const JOB_BYTES = 100;

/** The requests to one peer. */
class PeerStores {
  readonly node: number;
  /** What is sent at the end of the turn, or when the peer is not congested any more. */
  open: StoreBatch[] = [];
  openBytes = 0;
  /** The first of them were not sent in their turn. */
  heldCount = 0;
  /** Oldest first; the first `silentCount` were not answered in time. */
  readonly sent: StoreBatch[] = [];
  silentCount = 0;
  bytesOnTheWay = 0;

  constructor(node: number) {
    this.node = node;
  }

  get answerDueAtMs(): number {
    return this.sent[this.silentCount]?.answerDueAtMs ?? NEVER;
  }

  /** The batch to which such a job is added, if there is one: the last two may be one of each kind. */
  openFor(isAccepted: boolean): StoreBatch | undefined {
    const last = this.open.at(-1);
    if (last === undefined || last.isAccepted === isAccepted) return last;
    const other = this.open.at(-2);
    return other?.isAccepted === isAccepted ? other : undefined;
  }

  /** The oldest batch is over. */
  shift(): StoreBatch | undefined {
    const batch = this.sent.shift();
    if (batch === undefined) return undefined;
    if (this.silentCount > 0) this.silentCount--;
    this.bytesOnTheWay -= batch.bytes;
    return batch;
  }
}

/** The requests to all peers. */
export class StoreBatches {
  /** Called for a replication that a node is not asked for any more, because its job is over or another's. */
  outdated: (replication: Replication, node: number) => void = () => {};
  /** Called for a job that a node is not asked for any more, because nobody waits for that. */
  unwanted: (node: number, id: Int32Array) => void = () => {};
  readonly #world: JobsWorld;
  readonly #replications: Replications;
  /** By node index. */
  readonly #peers: (PeerStores | undefined)[] = [];
  readonly #known: PeerStores[] = [];
  readonly #free: StoreBatch[] = [];
  readonly #sheet: CopySheet;
  #lastNumber = 0;
  #flushAtMs = NEVER;

  constructor(world: JobsWorld, replications: Replications) {
    this.#world = world;
    this.#replications = replications;
    this.#sheet = new CopySheet(world);
  }

  /** When something is to be sent, or tried, monotonic ms. */
  get flushAtMs(): number {
    return this.#flushAtMs;
  }

  /** When the next peer has been silent for too long, monotonic ms. */
  get answerDueAtMs(): number {
    let atMs = NEVER;
    for (const peer of this.#known) atMs = Math.min(atMs, peer.answerDueAtMs);
    return atMs;
  }

  /** Asks a node for a copy. */
  add(node: number, replication: Replication): void {
    const { broker, host } = this.#world;
    const { job } = replication;
    const name = broker.queues.of(broker.jobs.queueNumber(job)).name;
    const bytes = JOB_BYTES + name.length + broker.jobs.bodyBytes(job);
    const peer = this.#peer(node);
    let batch = peer.openFor(replication.isAccepted);
    if (batch === undefined || isFull(batch) || bytes >= BATCH_BYTES_MAX) {
      batch = this.#free.pop() ?? new StoreBatch();
      batch.isAccepted = replication.isAccepted;
      peer.open.push(batch);
    }
    batch.add(replication);
    batch.bytes += bytes;
    peer.openBytes += bytes;
    this.#flushAtMs = host.nowMs;
    if (peer.openBytes >= OPEN_BYTES_MAX && peer.heldCount === 0) this.flush();
  }

  /** The end of a turn: sends what was asked for, as far as peers get rid of it. */
  flush(): void {
    this.#flushAtMs = NEVER;
    this.#sheet.begin();
    for (const peer of this.#known) {
      while (peer.open.length > 0 && !this.#world.isCongested(peer.node)) {
        this.#send(peer, peer.open.shift() as StoreBatch);
      }
      peer.heldCount = peer.open.length;
      if (peer.heldCount > 0) this.#flushAtMs = this.#world.host.nowMs + CONGESTION_LOOK_MS;
    }
  }

  /** Whether a node has a batch with that number to answer. */
  isAwaited(node: number, number: number): boolean {
    return this.#peers[node]?.sent.some((batch) => batch.number === number) ?? false;
  }

  /** Takes the oldest batch that a node has not answered. Pair with `release`. */
  shift(node: number): StoreBatch | undefined {
    return this.#peers[node]?.shift();
  }

  /** Nodes that have become silent. */
  becameSilent(nowMs: number): number[] {
    return this.#known.filter((peer) => peer.answerDueAtMs <= nowMs).map(({ node }) => node);
  }

  /**
   * A node's batches that were in time until now; all of its count as late from now on. So does what is
   * held back, although it is sent yet if the node answers.
   */
  late(node: number): readonly StoreBatch[] {
    const peer = this.#peer(node);
    const late = [...peer.sent.slice(peer.silentCount), ...peer.open.slice(0, peer.heldCount)];
    peer.silentCount = peer.sent.length;
    return late;
  }

  /** Sent or not, no batch of a node is answered any more. Pair each with `release`. */
  takeAll(node: number): StoreBatch[] {
    const peer = this.#peers[node];
    if (peer === undefined) return [];
    const batches = [...peer.sent.splice(0), ...peer.open.splice(0)];
    peer.heldCount = 0;
    peer.silentCount = 0;
    peer.bytesOnTheWay = 0;
    peer.openBytes = 0;
    return batches;
  }

  /** Nodes that were ever asked. */
  nodes(): number[] {
    return this.#known.map(({ node }) => node);
  }

  /** A batch is over and read. */
  release(batch: StoreBatch): void {
    batch.count = 0;
    batch.bytes = 0;
    this.#free.push(batch);
  }

  #send(peer: PeerStores, batch: StoreBatch): void {
    peer.openBytes -= batch.bytes;
    this.#pack(peer.node, batch);
    if (batch.count === 0) {
      this.release(batch);
      return;
    }
    const jobs = this.#sheet.take();
    batch.number = ++this.#lastNumber;
    batch.bytes = jobs.length;
    peer.bytesOnTheWay += jobs.length;
    const roundTripsMs = ROUND_TRIPS * this.#world.roundTripMs(peer.node);
    const patienceMs = Math.min(PATIENCE_MS_MAX, Math.max(PATIENCE_MS_MIN, roundTripsMs));
    const travelMs = Math.floor(peer.bytesOnTheWay / BYTES_PER_MS);
    batch.answerDueAtMs = this.#world.host.nowMs + Math.ceil(patienceMs) + travelMs;
    peer.sent.push(batch);
    const { number, isAccepted } = batch;
    this.#world.tell(peer.node, { type: "store", batch: number, jobs, isAccepted });
  }

  /** Packs what is still to be stored; the rest leaves the batch. */
  #pack(node: number, batch: StoreBatch): void {
    let count = 0;
    for (let position = 0; position < batch.count; position++) {
      const replication = batch.find(position, this.#replications);
      if (replication === undefined) {
        batch.readId(position, id);
        this.unwanted(node, id);
      } else if (this.#isToBeStored(replication)) {
        this.#sheet.add(replication);
        batch.move(position, count++);
      } else this.outdated(replication, node);
    }
    batch.count = count;
  }

  #isToBeStored({ job, id }: Replication): boolean {
    const { jobs, roles } = this.#world.broker;
    return jobs.isLive(job) && jobs.hasId(job, id) && roles.isOwn(job);
  }

  #peer(node: number): PeerStores {
    let peer = this.#peers[node];
    if (peer === undefined) {
      peer = new PeerStores(node);
      this.#peers[node] = peer;
      this.#known.push(peer);
    }
    return peer;
  }
}

/** Read from a batch. */
const id = new Int32Array(JOB_ID_WORDS);

function isFull({ count, bytes }: StoreBatch): boolean {
  return count >= BATCH_JOBS_MAX || bytes >= BATCH_BYTES_MAX;
}
