/**
 * Requests for copies, peer by peer: what is sent in this turn, and what has not been answered yet.
 *
 * All copies that a peer is asked for in a turn are one batch, and so is its answer. A batch remembers
 * ids beside the numbers of replications, because it may outlive them: an answer that comes late must
 * still be understood. A peer works in order, so an answer says something about earlier batches too:
 * what it has not answered before, it never will.
 */
import { JOB_ID_WORDS } from "../../core/job-id.ts";
import type { JobsWorld } from "./jobs-world.ts";
import { JobPacker } from "./packed-jobs.ts";
import type { Replication } from "./replication.ts";

/** A batch with so much in it is sent before its turn is over. */
const BATCH_JOBS_MAX = 4096;
const BATCH_BYTES_MAX = 1024 * 1024;
/** A peer may take that many round trips, within these limits (protocol, section 4). */
const ROUND_TRIPS = 4;
const PATIENCE_MS_MIN = 50;
const PATIENCE_MS_MAX = 200;
/** What is on its way needs time: 50 MB/s are expected of a network. */
const BYTES_PER_MS = 50_000;
const JOBS_AT_FIRST = 16;

/** What one message asked for. */
export class StoreBatch {
  number = 0;
  count = 0;
  bytes = 0;
  /** Monotonic ms at which the peer counts as slow. */
  answerDueAtMs = 0;
  #replications = new Int32Array(JOBS_AT_FIRST);
  #ids = new Int32Array(JOBS_AT_FIRST * JOB_ID_WORDS);

  add({ number, id }: Replication): void {
    if (this.count === this.#replications.length) this.#grow();
    this.#replications[this.count] = number;
    const at = this.count * JOB_ID_WORDS;
    for (let word = 0; word < JOB_ID_WORDS; word++) this.#ids[at + word] = id[word] as number;
    this.count++;
  }

  /** Number of the replication that a position was about. */
  replication(position: number): number {
    return this.#replications[position] as number;
  }

  /** Id of the job at a position. */
  readId(position: number, id: Int32Array): void {
    const at = position * JOB_ID_WORDS;
    for (let word = 0; word < JOB_ID_WORDS; word++) id[word] = this.#ids[at + word] as number;
  }

  #grow(): void {
    const replications = new Int32Array(this.count * 2);
    replications.set(this.#replications);
    this.#replications = replications;
    const ids = new Int32Array(replications.length * JOB_ID_WORDS);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}

/** The requests to one peer. */
class PeerStores {
  readonly node: number;
  readonly packer: JobPacker;
  /** What is sent at the end of the turn. */
  open: StoreBatch | undefined;
  /** Oldest first; the first `silentCount` were not answered in time. */
  readonly sent: StoreBatch[] = [];
  silentCount = 0;
  bytesOnTheWay = 0;

  constructor(world: JobsWorld, node: number) {
    this.node = node;
    this.packer = new JobPacker(world);
  }

  get answerDueAtMs(): number {
    return this.sent[this.silentCount]?.answerDueAtMs ?? Number.POSITIVE_INFINITY;
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
  readonly #world: JobsWorld;
  /** By node index. */
  readonly #peers: (PeerStores | undefined)[] = [];
  readonly #known: PeerStores[] = [];
  readonly #free: StoreBatch[] = [];
  #lastNumber = 0;

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /** Something is to be sent at the end of the turn. */
  get isOpen(): boolean {
    return this.#known.some(({ open }) => open !== undefined);
  }

  /** When the next peer has been silent for too long, monotonic ms. */
  get answerDueAtMs(): number {
    let atMs = Number.POSITIVE_INFINITY;
    for (const peer of this.#known) atMs = Math.min(atMs, peer.answerDueAtMs);
    return atMs;
  }

  /** Asks a node for a copy. */
  add(node: number, replication: Replication): void {
    const peer = this.#peer(node);
    peer.open ??= this.#free.pop() ?? new StoreBatch();
    peer.open.add(replication);
    peer.packer.add(replication.job);
    const isFull = peer.open.count >= BATCH_JOBS_MAX || peer.packer.bytes >= BATCH_BYTES_MAX;
    if (isFull) this.#send(peer, peer.open);
  }

  /** The end of a turn: sends what was asked for. */
  flush(): void {
    for (const peer of this.#known) {
      if (peer.open !== undefined) this.#send(peer, peer.open);
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

  /** A node's batches that were in time until now; all of its count as late from now on. */
  late(node: number): readonly StoreBatch[] {
    const peer = this.#peer(node);
    const late = peer.sent.slice(peer.silentCount);
    peer.silentCount = peer.sent.length;
    return late;
  }

  /** Sent or not, no batch of a node is answered any more. Pair each with `release`. */
  takeAll(node: number): StoreBatch[] {
    const peer = this.#peers[node];
    if (peer === undefined) return [];
    const batches = peer.sent.splice(0);
    if (peer.open !== undefined) {
      batches.push(peer.open);
      peer.open = undefined;
      peer.packer.take();
    }
    peer.silentCount = 0;
    peer.bytesOnTheWay = 0;
    return batches;
  }

  /** Nodes that were ever asked. */
  nodes(): number[] {
    return this.#known.map(({ node }) => node);
  }

  /** A batch is over and read. */
  release(batch: StoreBatch): void {
    batch.count = 0;
    this.#free.push(batch);
  }

  #send(peer: PeerStores, batch: StoreBatch): void {
    const jobs = peer.packer.take();
    peer.open = undefined;
    batch.number = ++this.#lastNumber;
    batch.bytes = jobs.length;
    peer.bytesOnTheWay += jobs.length;
    const roundTripsMs = ROUND_TRIPS * this.#world.roundTripMs(peer.node);
    const patienceMs = Math.min(PATIENCE_MS_MAX, Math.max(PATIENCE_MS_MIN, roundTripsMs));
    const travelMs = Math.floor(peer.bytesOnTheWay / BYTES_PER_MS);
    batch.answerDueAtMs = this.#world.host.nowMs + Math.ceil(patienceMs) + travelMs;
    peer.sent.push(batch);
    this.#world.tell(peer.node, { type: "store", batch: batch.number, jobs });
  }

  #peer(node: number): PeerStores {
    let peer = this.#peers[node];
    if (peer === undefined) {
      peer = new PeerStores(this.#world, node);
      this.#peers[node] = peer;
      this.#known.push(peer);
    }
    return peer;
  }
}
