/**
 * The table of metrics for the README, made from the rows that are told to Prometheus.
 *
 * Metrics of the process (`process_*`, `nodejs_*`) are prom-client's and described there.
 */
import { type MetricLine, metricLines } from "./metrics.ts";
import { OMITTED, queueMetrics } from "./queue-metrics.ts";

/** Markdown: first the metrics of the node, then those with the label `queue`. */
export function metricTable(): string {
  return [
    "| Metric | Type | Meaning |",
    "| --- | --- | --- |",
    ...metricLines().map(row),
    ...[...queueMetrics, OMITTED].map(row),
  ].join("\n");
}

function row({ name, type, help }: MetricLine): string {
  return `| \`${name}\` | ${type} | ${help.replaceAll("|", "\\|")} |`;
}
