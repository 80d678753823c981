/**
 * Pauses that were announced to the whole cluster (PAUSE ... BCAST), the same on every node.
 *
 * Each announcement carries a counter; of two about one queue the higher counter holds, then the
 * higher node id. Every node remembers the newest it has heard of each queue, tells the others when
 * it hears a newer one, and tells all it knows to whoever connects. So nodes that were away, or were
 * cut off from the one where the command was given, end up with the same state. The reference tells
 * everybody once.
 *
 * A later PAUSE without BCAST changes one node only, until a newer announcement comes. What is
 * announced counts for all clusters this node will ever be in, until its jobs are flushed.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import type { PauseState } from "../core/queue.ts";
import { PAUSES_IN_MESSAGE_MAX, type PauseNews } from "./messages.ts";

/** Queues that announcements are remembered of, and bytes of their names. */
const PAUSES_MAX = 10_000;
const NAME_BYTES_MAX = 16 * 1024 * 1024;
/** Far beyond every clock, and far below what numbers can count. */
const COUNTER_MAX = 2 ** 52;
/** Bytes of queue names that one message carries, roughly. */
const MESSAGE_BYTES = 64 * 1024;

/** What pauses are made with. */
export interface PausesParts {
  readonly host: Host;
  readonly broker: Broker;
  /** The id of this node now. */
  readonly ownId: () => string;
  /** Tells all members that are connected. */
  readonly broadcast: (news: readonly PauseNews[]) => void;
  /** What is remembered has changed, and is to be saved. */
  readonly changed: () => void;
}

/** The announcements this node knows. */
export class Pauses {
  readonly #parts: PausesParts;
  /** By name, one character a byte. */
  readonly #newest = new Map<string, PauseNews>();
  /** Names of queues that are open again: they give way to others. */
  readonly #open = new Set<string>();
  #nameBytes = 0;
  #counter = 0;

  constructor(parts: PausesParts) {
    this.#parts = parts;
  }

  /** Every queue's newest announcement, for the nodes file. */
  values(): IterableIterator<PauseNews> {
    return this.#newest.values();
  }

  /** The newest announcement about a queue. */
  find(queue: Buffer): PauseNews | undefined {
    return this.#newest.get(keyOf(queue));
  }

  /** From the nodes file; the broker has its state from there as well. */
  restore(news: PauseNews): void {
    if (news.counter <= COUNTER_MAX && this.#makeRoom(news)) this.#remember(news);
  }

  /**
   * Makes an announcement of the state in which this node has the queue. Returns it, to be spread once
   * it is saved; undefined when there are too many.
   */
  announce(queue: Buffer, state: PauseState): PauseNews | undefined {
    // The clock only helps those who have forgotten how far they had counted.
    const counter = Math.max(this.#counter + 1, this.#parts.host.wallMs);
    const news = { queue: Buffer.from(queue), state, counter, nodeId: this.#parts.ownId() };
    if (!this.#makeRoom(news)) return undefined;
    this.#remember(news);
    return news;
  }

  /** Tells everybody. */
  spread(news: PauseNews): void {
    this.#parts.broadcast([news]);
  }

  /** Takes an announcement back that could not be saved and was not spread. */
  withdraw(news: PauseNews, before: PauseNews | undefined): void {
    this.#forget(keyOf(news.queue));
    if (before !== undefined) this.#remember(before);
  }

  /**
   * Others have announced; what is new is done here and told on. What there is no room for is as if it
   * had not been said: were it told on, nodes that know different queues would never come to rest.
   */
  received(announcements: readonly PauseNews[]): void {
    const news: PauseNews[] = [];
    for (const one of announcements) {
      if (one.counter > COUNTER_MAX || !this.#isNews(one) || !this.#makeRoom(one)) continue;
      this.#remember(one);
      this.#apply(one);
      news.push(one);
    }
    if (news.length === 0) return;
    this.#parts.changed();
    this.#parts.broadcast(news);
  }

  /** Everything this node knows, in messages of bounded size, for somebody who has just connected. */
  *all(): Generator<readonly PauseNews[]> {
    let part: PauseNews[] = [];
    let bytes = 0;
    for (const news of this.#newest.values()) {
      part.push(news);
      bytes += news.queue.length;
      if (bytes < MESSAGE_BYTES && part.length < PAUSES_IN_MESSAGE_MAX) continue;
      yield part;
      part = [];
      bytes = 0;
    }
    if (part.length > 0) yield part;
  }

  /** All jobs and pauses were flushed. */
  clear(): void {
    this.#newest.clear();
    this.#open.clear();
    this.#nameBytes = 0;
  }

  #isNews(news: PauseNews): boolean {
    const known = this.find(news.queue);
    if (known === undefined) return true;
    if (news.counter !== known.counter) return news.counter > known.counter;
    return news.nodeId > known.nodeId;
  }

  #remember(news: PauseNews): void {
    this.#counter = Math.max(this.#counter, news.counter);
    const key = keyOf(news.queue);
    this.#forget(key);
    this.#newest.set(key, news);
    this.#nameBytes += key.length;
    if (news.state === "none") this.#open.add(key);
  }

  #forget(key: string): void {
    if (!this.#newest.delete(key)) return;
    this.#open.delete(key);
    this.#nameBytes -= key.length;
  }

  /**
   * Whether this may be remembered. For a queue that is closed an open one is forgotten: at worst an
   * old announcement closes that once more. Nothing is forgotten for one that is open.
   */
  #makeRoom({ queue, state }: PauseNews): boolean {
    if (this.find(queue) !== undefined) return true;
    while (this.#newest.size >= PAUSES_MAX || this.#nameBytes + queue.length > NAME_BYTES_MAX) {
      const [oldest] = this.#open;
      if (oldest === undefined || state === "none") return false;
      this.#forget(oldest);
    }
    return true;
  }

  #apply({ queue: name, state }: PauseNews): void {
    const { broker } = this.#parts;
    const known = broker.queues.known(name, 0, name.length);
    if (known === undefined && state === "none") return;
    const queue = known ?? broker.queues.entry(name, 0, name.length);
    broker.pause(queue, state === "in" || state === "all", state === "out" || state === "all");
  }
}

function keyOf(queue: Buffer): string {
  return queue.toString("latin1");
}
