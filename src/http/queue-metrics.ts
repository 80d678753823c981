/**
 * /metrics/per-queue: some figures of each queue, as text for Prometheus.
 *
 * Queues are many and a scrape must not keep clients waiting, so they are read and written some hundred
 * a turn, and no more of them than metrics-queues-max. The format wants all samples of a metric together:
 * one piece of text is made for each metric and step, and sorted in the end. prom-client would build
 * everything at once, hence text by hand.
 */
import { oldestAgeMs } from "../cluster/totals-figures.ts";
import type { ServerState } from "../commands/server-state.ts";
import type { Queue } from "../core/queue.ts";
import { labelOf } from "./bytes-text.ts";
import type { HttpNode } from "./http-node.ts";
import type { MetricLine } from "./metrics.ts";
import { nextTurn } from "./queue-survey.ts";

/** Queues written in one turn: about a millisecond. */
const QUEUES_PER_TURN = 200;
/** Numbers looked at in one turn, also where most are not in use. */
const NUMBERS_PER_TURN = 4000;

interface QueueMetric extends MetricLine {
  readonly read: (queue: Queue, server: ServerState) => number;
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
    help: "1 while the queue takes no jobs.",
    read: (queue) => (queue.isPausedIn ? 1 : 0),
  },
  {
    name: "ringq_queue_paused_out",
    type: "gauge",
    help: "1 while the queue gives no jobs.",
    read: (queue) => (queue.isPausedOut ? 1 : 0),
  },
];

/** How many queues the text does not tell of. */
export const OMITTED: MetricLine = {
  name: "ringq_queues_omitted",
  type: "gauge",
  help: "Queues beyond metrics-queues-max, of which nothing is told.",
};

/** The text, in pieces; a piece is made of what was read in one turn. */
export async function queueMetricsText({ server, clients }: HttpNode): Promise<string[]> {
  const { queues } = server.broker;
  const most = server.config.settings["metrics-queues-max"];
  const pieces: string[][] = queueMetrics.map((metric) => [headOf(metric)]);
  let told = 0;
  let number = 0;
  while (number < queues.numberLimit && told < most) {
    const step: Queue[] = [];
    const end = Math.min(queues.numberLimit, number + NUMBERS_PER_TURN);
    while (number < end && step.length < QUEUES_PER_TURN && told < most) {
      const queue = queues.at(number++);
      if (!queue?.isRegistered) continue;
      step.push(queue);
      told++;
    }
    const labels = step.map(({ name }) => `{queue="${escaped(labelOf(name))}"} `);
    queueMetrics.forEach(({ name, read }, at) => {
      const lines = step.map((queue, i) => `${name}${labels[i]}${read(queue, server)}\n`);
      pieces[at]?.push(lines.join(""));
    });
    await nextTurn();
    clients.touch();
  }
  const omitted = Math.max(0, queues.registeredCount - told);
  return [...pieces.flat(), `${headOf(OMITTED)}${OMITTED.name} ${omitted}\n`];
}

function headOf({ name, type, help }: MetricLine): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** As labels want it. */
function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
}
