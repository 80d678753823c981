/**
 * The process that watches a server by HTTP: Prometheus, and people with the dashboard open.
 *
 * It asks for what they ask for, as often as they do, and throws the answers away: drawing them costs
 * other machines. Everybody is on the page that costs most, the list of queues.
 */
import { Agent, get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What the process is told. */
export interface WatchPlan {
  readonly httpPort: number;
  readonly viewers: number;
}

/** Prometheus asks every 15 s or oftener. */
const SCRAPE_MS = 5000;
const FIRST_SCRAPE_MS = 500;
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

  /** Reads and forgets. */
  async follow(path: string): Promise<void> {
    (await this.#open(path)).resume();
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

async function scrape({ httpPort }: WatchPlan): Promise<never> {
  const prometheus = new Watcher(httpPort);
  await sleep(FIRST_SCRAPE_MS);
  for (;;) {
    await Promise.all([prometheus.read("/metrics"), prometheus.read("/metrics/per-queue")]);
    await sleep(SCRAPE_MS);
  }
}

async function view({ httpPort }: WatchPlan, delayMs: number): Promise<never> {
  const viewer = new Watcher(httpPort);
  await viewer.follow("/api/live");
  await sleep(delayMs);
  for (;;) {
    await viewer.read(QUEUES_PATH);
    await sleep(QUEUES_MS);
  }
}

process.once("message", async (plan: WatchPlan) => {
  const { viewers } = plan;
  const views = Array.from({ length: viewers }, (_, i) => view(plan, (i * QUEUES_MS) / viewers));
  await Promise.race([scrape(plan), ...views]);
});
process.once("disconnect", () => process.exit());
