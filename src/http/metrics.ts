/**
 * /metrics: everything about the node as Prometheus reads it, collected at the moment of a scrape.
 *
 * prom-client formats, escapes and adds what it knows of the process; no counter is kept in it. Series do
 * not grow with jobs or queues. Per queue see queue-metrics.ts.
 */
import { collectDefaultMetrics, type Metric, Registry } from "prom-client";
import { infoSource } from "../commands/server/info.ts";
import type { InfoField } from "../info/field.ts";
import { infoFields } from "../info/fields.ts";
import type { InfoSource } from "../info/source.ts";
import { LOG_BUCKETS, type LogHistogram } from "../util/log-histogram.ts";
import type { HttpNode } from "./http-node.ts";
import { LoopLag } from "./loop-lag.ts";
import { type HistogramRow, histogramRows, type MetricSource, metricRows } from "./metric-rows.ts";

/** How often the engine looks at the event loop, ms; an idle server should not wake up more often. */
const PRECISION_MS = 50;

/** A metric as prom-client takes it from a registry. */
interface Collected {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly aggregator: "sum";
  readonly values: readonly {
    readonly value: number;
    readonly labels: Readonly<Record<string, string | number>>;
    readonly metricName?: string;
  }[];
}

/** One line of the table of metrics. */
export interface MetricLine {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
}

/** All metrics of a node but those per queue and those of prom-client itself. */
export function metricLines(): MetricLine[] {
  const fields = infoFields.flatMap(({ metric, kind, help }): MetricLine[] =>
    metric === undefined || kind === "text" ? [] : [{ name: metric, type: kind, help }],
  );
  const rows = metricRows.map(({ name, type, help }) => ({ name, type, help }));
  const histograms = histogramRows.map(({ name, help }): MetricLine => {
    return { name, type: "histogram", help };
  });
  return [...fields, ...rows, ...histograms];
}

/** The metrics of one node. */
export class Metrics {
  readonly #registry = new Registry();
  /** What prom-client knows of the process; collecting it asks the system, which takes a turn of its own. */
  readonly #process = new Registry();
  readonly #node: HttpNode;
  readonly lag = new LoopLag();
  /** What the scrape under way reads from; collecting is synchronous. */
  #source: MetricSource | undefined;
  #info: InfoSource | undefined;

  constructor(node: HttpNode) {
    this.#node = node;
    for (const field of infoFields) if (field.metric !== undefined) this.#addField(field);
    for (const row of metricRows) {
      const { name, help, type } = row;
      this.#add(name, () => {
        const values = this.#source === undefined ? [] : row.read(this.#source);
        return { name, help, type, aggregator: "sum", values };
      });
    }
    for (const row of histogramRows) {
      this.#add(row.name, () => histogram(row, this.#source && row.read(this.#source)));
    }
  }

  /** The type of the text, with its version. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Starts what is observed all the time: the event loop and garbage collection. */
  start(): void {
    const eventLoopMonitoringPrecision = PRECISION_MS;
    collectDefaultMetrics({ register: this.#process, eventLoopMonitoringPrecision });
    this.lag.start();
  }

  stop(): void {
    this.lag.stop();
    this.#registry.clear();
    this.#process.clear();
  }

  /** The text. */
  async text(): Promise<string> {
    const survey = await this.#node.survey.take();
    this.#source = { node: this.#node, survey, lag: this.lag };
    this.#info = infoSource(this.#node.server);
    const own = await this.#registry.metrics();
    await this.#node.slices.next();
    return `${own.trimEnd()}\n\n${await this.#process.metrics()}`;
  }

  #addField({ metric: name = "", help, kind, read }: InfoField): void {
    const type = kind === "counter" ? "counter" : "gauge";
    this.#add(name, () => {
      const value = this.#info === undefined ? 0 : Number(read(this.#info));
      return { name, help, type, aggregator: "sum", values: [{ value, labels: {} }] };
    });
  }

  /** The registry asks for no more than these of a metric, but its types say so. */
  #add(name: string, collect: () => Collected): void {
    const metric = { name, get: async () => collect() };
    this.#registry.registerMetric(metric as unknown as Metric);
  }
}

/** Cumulative buckets in seconds, as Prometheus wants them. */
function histogram({ name, help, perSecond }: HistogramRow, found?: LogHistogram): Collected {
  const values: Collected["values"][number][] = [];
  let count = 0;
  for (let bucket = 0; bucket < LOG_BUCKETS; bucket++) {
    count += found?.at(bucket) ?? 0;
    const bound = found?.upperBound(bucket) ?? 0;
    const le = bound === Number.POSITIVE_INFINITY ? "+Inf" : bound / perSecond;
    values.push({ value: count, labels: { le }, metricName: `${name}_bucket` });
  }
  const sum = (found?.sum ?? 0) / perSecond;
  values.push({ value: sum, labels: {}, metricName: `${name}_sum` });
  values.push({ value: count, labels: {}, metricName: `${name}_count` });
  return { name, help, type: "histogram", aggregator: "sum", values };
}
