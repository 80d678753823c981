/**
 * /metrics: everything about the node as Prometheus reads it, collected at the moment of a scrape.
 *
 * prom-client formats, escapes and adds what it knows of the process; no counter is kept in it. All values are
 * read at one moment, but six hundred lines are not formatted in one turn: it would be one of several milliseconds, and of
 * twenty while the engine does not know the code yet. Series do not grow with jobs or queues. Per queue see
 * queue-metrics.ts.
 */
import { performance } from "node:perf_hooks";
import { collectDefaultMetrics, type Metric, Registry } from "prom-client";
import { infoSource } from "../commands/server/info.ts";
import { infoFields } from "../info/fields.ts";
import { LOG_BUCKETS, type LogHistogram } from "../util/log-histogram.ts";
import type { HttpNode } from "./http-node.ts";
import { LoopLag } from "./loop-lag.ts";
import { type HistogramRow, histogramRows, type MetricSource, metricRows } from "./metric-rows.ts";

/** How often the engine looks at the event loop, ms; an idle server should not wake up more often. */
const PRECISION_MS = 50;
/** Metrics are formatted in one slice until so much time is gone, ms. */
const SLICE_MS = 0.4;

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
  /** The metrics of the scrape under way by name, all of the same moment. */
  #values: ReadonlyMap<string, Collected> = new Map();
  #taking: Promise<string> | undefined;

  constructor(node: HttpNode) {
    this.#node = node;
    for (const { name, help, type } of metricLines()) {
      // The registry asks for no more than these of a metric, but its types say so.
      const nothing: Collected = { name, help, type, aggregator: "sum", values: [] };
      const metric = { name, get: async () => this.#values.get(name) ?? nothing };
      this.#registry.registerMetric(metric as unknown as Metric);
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

  /** The text; the same one for all who ask while it is made. */
  text(): Promise<string> {
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  async #take(): Promise<string> {
    const survey = await this.#node.survey.take();
    await this.#node.slices.next();
    const collected = collect({ node: this.#node, survey, lag: this.lag });
    this.#values = new Map(collected.map((metric) => [metric.name, metric]));
    const texts = [...(await this.#format(this.#registry)), ...(await this.#format(this.#process))];
    return `${texts.join("\n\n")}\n`;
  }

  async #format(registry: Registry): Promise<string[]> {
    const texts: string[] = [];
    let endMs = Number.NEGATIVE_INFINITY;
    for (const { name } of registry.getMetricsAsArray()) {
      if (performance.now() >= endMs) {
        await this.#node.slices.next();
        endMs = performance.now() + SLICE_MS;
      }
      texts.push(await registry.getSingleMetricAsString(name));
    }
    return texts;
  }
}

function collect(source: MetricSource): Collected[] {
  const info = infoSource(source.node.server);
  const fields = infoFields.flatMap(({ metric, kind, help, read }): Collected[] => {
    if (metric === undefined || kind === "text") return [];
    const values = [{ value: Number(read(info)), labels: {} }];
    return [{ name: metric, help, type: kind, aggregator: "sum", values }];
  });
  const rows = metricRows.map(({ name, help, type, read }): Collected => {
    return { name, help, type, aggregator: "sum", values: read(source) };
  });
  return [...fields, ...rows, ...histogramRows.map((row) => histogram(row, row.read(source)))];
}

/** Cumulative buckets in seconds, as Prometheus wants them. */
function histogram({ name, help, perSecond }: HistogramRow, found: LogHistogram): Collected {
  const values: Collected["values"][number][] = [];
  let count = 0;
  for (let bucket = 0; bucket < LOG_BUCKETS; bucket++) {
    count += found.at(bucket);
    const bound = found.upperBound(bucket);
    const le = bound === Number.POSITIVE_INFINITY ? "+Inf" : bound / perSecond;
    values.push({ value: count, labels: { le }, metricName: `${name}_bucket` });
  }
  const sum = found.sum / perSecond;
  values.push({ value: sum, labels: {}, metricName: `${name}_sum` });
  values.push({ value: count, labels: {}, metricName: `${name}_count` });
  return { name, help, type: "histogram", aggregator: "sum", values };
}
