/**
 * /metrics/per-queue: some figures of each queue, as text for Prometheus.
 *
 * Queues are many and a scrape must not keep clients waiting, so they are read and written some hundred
 * a turn, and no more of them than metrics-queues-max. The format wants all samples of a metric together:
 * each metric has its own lines, which are put one behind the other in the end. prom-client would build
 * everything at once and as strings, hence text by hand (sample-lines.ts).
 */
import { oldestAgeMs } from "../cluster/totals-figures.ts";
import type { ServerState } from "../commands/server-state.ts";
import type { Queue } from "../core/queue.ts";
import type { HttpNode } from "./http-node.ts";
import type { MetricLine } from "./metrics.ts";
import { labelBytesOf, SampleLines } from "./sample-lines.ts";

/** Queues written in one slice, and bytes of their names after which it ends: a quarter of a millisecond. */
const QUEUES_PER_SLICE = 200;
const NAME_BYTES_PER_SLICE = 64 * 1024;
/** Numbers looked at in one slice, also where most are not in use. */
const NUMBERS_PER_SLICE = 4000;
/** A text that others are taking may be so old, ms, for somebody who comes. */
const SHARED_MS = 1000;
/** Texts that are made or being taken at the same time. */
const TEXTS_MAX = 2;

interface QueueMetric extends MetricLine {
  /** Undefined: this queue has no line. */
  readonly read: (queue: Queue, server: ServerState) => number | undefined;
}

/** What is told of every queue. */
export const queueMetrics: readonly QueueMetric[] = [
  {
    name: "ringq_queue_jobs",
    type: "gauge",
    help: "Jobs that wait in the queue.",
    read: (queue) => queue.length,
  },
  {
    name: "ringq_queue_blocked_clients",
    type: "gauge",
    help: "Clients that wait for jobs of the queue.",
    read: (queue) => queue.waiterCount,
  },
  {
    name: "ringq_queue_oldest_job_age_seconds",
    type: "gauge",
    help: "How long its oldest waiting job could have been handed out; 0 when none waits.",
    read: (queue, { broker, host }) => (oldestAgeMs(queue, broker, host.wallMs) ?? 0) / 1000,
  },
  {
    name: "ringq_queue_jobs_in_total",
    type: "counter",
    help: "Times a job entered the queue.",
    read: (queue) => queue.jobsIn,
  },
  {
    name: "ringq_queue_jobs_out_total",
    type: "counter",
    help: "Hand-outs of jobs of the queue.",
    read: (queue) => queue.jobsOut,
  },
  {
    name: "ringq_queue_paused_in",
    type: "gauge",
    help: "1 while the queue takes no jobs; there is none for a queue that takes them.",
    read: (queue) => (queue.isPausedIn ? 1 : undefined),
  },
  {
    name: "ringq_queue_paused_out",
    type: "gauge",
    help: "1 while the queue gives no jobs; there is none for a queue that gives them.",
    read: (queue) => (queue.isPausedOut ? 1 : undefined),
  },
];

/** How many queues the text does not tell of. */
export const OMITTED: MetricLine = {
  name: "ringq_queues_omitted",
  type: "gauge",
  help: "Queues beyond metrics-queues-max, of which nothing is told.",
};

/** The text, in pieces. */
export interface QueueText {
  readonly pieces: readonly Buffer[];
  /** Called once by everybody who has got it. */
  readonly release: () => void;
}

interface SharedText {
  readonly pieces: Promise<readonly Buffer[]>;
  readonly begunAtMs: number;
  takers: number;
}

/** Texts of one node: each may be 40 MB, so few of them are there at a time, and for nobody no longer than needed. */
export class QueueTexts {
  readonly #node: HttpNode;
  readonly #shared = new Set<SharedText>();

  constructor(node: HttpNode) {
    this.#node = node;
  }

  /** The text that somebody else is taking if it is new enough, or a new one. Undefined: too many are there. */
  async take(): Promise<QueueText | undefined> {
    const { nowMs } = this.#node.server.host;
    const newest = [...this.#shared].at(-1);
    const isNew = newest !== undefined && nowMs - newest.begunAtMs < SHARED_MS;
    const text = isNew ? newest : this.#begin(nowMs);
    if (text === undefined) return undefined;
    text.takers++;
    const release = (): void => {
      if (--text.takers === 0) this.#shared.delete(text);
    };
    try {
      return { pieces: await text.pieces, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #begin(nowMs: number): SharedText | undefined {
    if (this.#shared.size >= TEXTS_MAX) return undefined;
    const text = { pieces: queueMetricsText(this.#node), begunAtMs: nowMs, takers: 0 };
    this.#shared.add(text);
    return text;
  }
}

async function queueMetricsText({ server, slices }: HttpNode): Promise<Buffer[]> {
  const { queues } = server.broker;
  const most = server.config.settings["metrics-queues-max"];
  const written = queueMetrics.map(({ read, ...line }) => {
    return { read, lines: new SampleLines(line.name, "queue", metricHead(line)) };
  });
  let told = 0;
  let number = 0;
  while (number < queues.numberLimit && told < most) {
    await slices.next();
    const end = Math.min(queues.numberLimit, number + NUMBERS_PER_SLICE);
    const toldMax = Math.min(most, told + QUEUES_PER_SLICE);
    let nameBytes = 0;
    for (; number < end && told < toldMax && nameBytes < NAME_BYTES_PER_SLICE; number++) {
      const queue = queues.at(number);
      if (!queue?.isRegistered) continue;
      told++;
      const label = labelBytesOf(queue.name);
      nameBytes += label.length;
      for (const { read, lines } of written) {
        const value = read(queue, server);
        if (value !== undefined) lines.add(label, value);
      }
    }
  }
  const omitted = Math.max(0, queues.registeredCount - told);
  const last = Buffer.from(`${metricHead(OMITTED)}${OMITTED.name} ${omitted}\n`, "latin1");
  return [...written.flatMap(({ lines }) => lines.blocks), last];
}

/** What stands before the samples of a metric. */
function metricHead({ name, type, help }: MetricLine): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}
