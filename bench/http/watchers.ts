/**
 * The process that watches a server by HTTP: Prometheus, and people with the dashboard open.
 *
 * It asks for what they ask for, as often as they do, and throws the answers away: drawing them costs
 * other machines. Everybody is on the page that costs most, the list of queues.
 */
import { Agent, get, type IncomingMessage } from "node:http";

/** What the process is told first. */
export interface WatchPlan {
  readonly httpPort: number;
  readonly viewers: number;
  /** All that is read again and again is read so many times as often: has code compiled that a server runs for weeks. */
  readonly haste: number;
}

/** What it is told afterwards, as often as one likes; nobody watches before. */
export interface WatchOrder {
  readonly isWatching: boolean;
}

/** Prometheus asks every 15 s or oftener. */
const SCRAPE_MS = 5000;
const FIRST_SCRAPE_MS = 500;
/** How exactly all that is kept to. */
const TICK_MS = 25;
/** How long a page waits that shows the first of so many queues (pauseAfter of the dashboard), and what it reads. */
const QUEUES_MS = 5000;
const QUEUES_PATH =
  "/api/queues?scope=node&order=length&direction=descending&only=all&cursor=0&count=100";

class Watcher {
  readonly #port: number;
  // As browsers do it: connections stay open.
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 6 });

  constructor(port: number) {
    this.#port = port;
  }

  /** Reads an answer to its end. */
  async read(path: string): Promise<string> {
    const answer = await this.#open(path);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("latin1");
  }

  /** Reads and forgets, until it is told to stop. */
  async follow(path: string): Promise<() => void> {
    const answer = await this.#open(path);
    answer.resume();
    // The connection's end is no surprise.
    answer.once("error", () => undefined);
    return () => answer.destroy();
  }

  #open(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      get({ host: "127.0.0.1", port: this.#port, path, agent: this.#agent }, (answer) => {
        if (answer.statusCode === 200) resolve(answer);
        else reject(new Error(`${path} was answered with ${answer.statusCode}`));
      }).once("error", reject);
    });
  }
}

/** Something that is read again and again, the time not counted when nobody watches. */
class Reading {
  readonly #everyMs: number;
  readonly #read: () => Promise<unknown>;
  #dueMs: number;
  #isUnderWay = false;

  constructor(firstMs: number, everyMs: number, read: () => Promise<unknown>) {
    this.#dueMs = firstMs;
    this.#everyMs = everyMs;
    this.#read = read;
  }

  async proceed(watchedMs: number): Promise<void> {
    if (this.#isUnderWay || watchedMs < this.#dueMs) return;
    this.#dueMs = watchedMs + this.#everyMs;
    this.#isUnderWay = true;
    await this.#read();
    this.#isUnderWay = false;
  }
}

/** Everybody who watches one server. */
class Watchers {
  readonly #viewers: readonly Watcher[];
  readonly #readings: readonly Reading[];
  #followed: Promise<() => void>[] = [];
  #watchedMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ httpPort, viewers, haste }: WatchPlan) {
    const prometheus = new Watcher(httpPort);
    const scrape = (): Promise<unknown> =>
      Promise.all([prometheus.read("/metrics"), prometheus.read("/metrics/per-queue")]);
    this.#viewers = Array.from({ length: viewers }, () => new Watcher(httpPort));
    const views = this.#viewers.map((viewer, i) => {
      return new Reading((i * QUEUES_MS) / viewers / haste, QUEUES_MS / haste, () =>
        viewer.read(QUEUES_PATH),
      );
    });
    this.#readings = [new Reading(FIRST_SCRAPE_MS, SCRAPE_MS / haste, scrape), ...views];
  }

  begin(): void {
    this.#followed = this.#viewers.map((viewer) => viewer.follow("/api/live"));
    for (const each of this.#followed) each.catch(giveUp);
    this.#timer = setInterval(() => {
      this.#watchedMs += TICK_MS;
      for (const reading of this.#readings) reading.proceed(this.#watchedMs).catch(giveUp);
    }, TICK_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    const followed = this.#followed;
    this.#followed = [];
    for (const stop of await Promise.all(followed)) stop();
  }
}

function giveUp(error: unknown): never {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}

process.once("message", (plan: WatchPlan) => {
  const watchers = new Watchers(plan);
  process.on("message", ({ isWatching }: WatchOrder) => {
    if (isWatching) watchers.begin();
    else watchers.end().catch(giveUp);
  });
});
process.once("disconnect", () => process.exit());
