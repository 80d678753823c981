/**
 * /metrics: everything about the node as Prometheus reads it, collected at the moment of a scrape.
 *
 * No counter is kept for it. The text of the node's own rows is written here; prom-client, which makes some promises for each
 * metric, adds what it knows of the process. Series do not grow with jobs or queues. Per queue see queue-metrics.ts.
 */
import { collectDefaultMetrics, Registry } from "prom-client";
import { infoSource } from "../commands/server/info.ts";
import { infoFields } from "../info/fields.ts";
import { LOG_BUCKETS, type LogHistogram } from "../util/log-histogram.ts";
import type { HttpNode } from "./http-node.ts";
import { LoopLag } from "./loop-lag.ts";
import {
  type HistogramRow,
  histogramRows,
  type MetricSource,
  metricRows,
  type Sample,
} from "./metric-rows.ts";

/** How often the engine looks at the event loop, ms; an idle server should not wake up more often. */
const PRECISION_MS = 50;

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

/** What stands before the samples of a metric. */
export function metricHead({ name, type, help }: MetricLine): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** Text as it stands between the quotes of a label. */
export function labelText(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
}

/** The metrics of one node. */
export class Metrics {
  /** What prom-client knows of the process; collecting it asks the system, which takes a turn of its own. */
  readonly #process = new Registry();
  readonly #node: HttpNode;
  readonly lag = new LoopLag();

  constructor(node: HttpNode) {
    this.#node = node;
  }

  /** The type of the text, with its version. */
  get contentType(): string {
    return this.#process.contentType;
  }

  /** Starts what is observed all the time: the event loop and garbage collection. */
  start(): void {
    const eventLoopMonitoringPrecision = PRECISION_MS;
    collectDefaultMetrics({ register: this.#process, eventLoopMonitoringPrecision });
    this.lag.start();
  }

  stop(): void {
    this.lag.stop();
    this.#process.clear();
  }

  /** The text. */
  async text(): Promise<string> {
    const survey = await this.#node.survey.take();
    await this.#node.slices.next();
    const own = ownText({ node: this.#node, survey, lag: this.lag });
    await this.#node.slices.next();
    return own + (await this.#process.metrics());
  }
}

function ownText(source: MetricSource): string {
  const info = infoSource(source.node.server);
  const fields = infoFields.map(({ metric: name, kind, help, read }) => {
    if (name === undefined || kind === "text") return "";
    return `${metricHead({ name, type: kind, help })}${name} ${valueText(Number(read(info)))}\n`;
  });
  const rows = metricRows.map((row) => {
    const lines = row.read(source).map((sample) => sampleLine(row.name, sample));
    return metricHead(row) + lines.join("");
  });
  const histograms = histogramRows.map((row) => histogramText(row, row.read(source)));
  return [...fields, ...rows, ...histograms].join("");
}

function sampleLine(name: string, { value, labels }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${labelText(text)}"`);
  const shown = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return `${name}${shown} ${valueText(value)}\n`;
}

/** Cumulative buckets in seconds, as Prometheus wants them. */
function histogramText({ name, help, perSecond }: HistogramRow, found: LogHistogram): string {
  let text = metricHead({ name, type: "histogram", help });
  let count = 0;
  for (let bucket = 0; bucket < LOG_BUCKETS; bucket++) {
    count += found.at(bucket);
    text += `${name}_bucket{le="${valueText(found.upperBound(bucket) / perSecond)}"} ${count}\n`;
  }
  return `${text}${name}_sum ${valueText(found.sum / perSecond)}\n${name}_count ${count}\n`;
}

function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}
