/** conf/grafana and conf/prometheus ask for metrics, types and labels that a server really tells. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { HttpRig } from "../http/http-rig.ts";
import { parsePrometheus } from "../support/prometheus.ts";
import { confFiles, confText, yamlDocuments } from "./conf-files.ts";
import { type ExportedMetric, promqlProblems } from "./promql.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: unknown }[];
  };
}

const ALERTS = "prometheus/ringq-alerts.yaml";
const dashboard = JSON.parse(confText("grafana/ringq.json")) as Dashboard;
const rules = (yamlDocuments(ALERTS) as { groups: { rules: Rule[] }[] }[]).flatMap(({ groups }) =>
  groups.flatMap((group) => group.rules),
);

/** What a server that was used a little tells, with the labels that Prometheus adds. */
async function exported(t: TestContext): Promise<Map<string, ExportedMetric>> {
  const rig = new HttpRig(t);
  rig.metrics.start();
  t.after(() => rig.metrics.stop());
  await rig.client().send(["ADDJOB", "q", "x", "0"]);
  const texts = [await rig.get("/metrics"), await rig.get("/metrics/per-queue")];
  const added = ["job", "instance"];
  const metrics = new Map([["up", { type: "gauge", labels: new Set(added) }]]);
  for (const { text } of texts) {
    for (const { type, samples } of parsePrometheus(text).values()) {
      for (const { name, labels } of samples) {
        // The parts of a histogram only grow, as counters do.
        const kind = type === "histogram" ? "counter" : type;
        metrics.set(name, { type: kind, labels: new Set([...added, ...Object.keys(labels)]) });
      }
    }
  }
  return metrics;
}

test("every alert asks for what a server tells", async (t) => {
  const metrics = await exported(t);
  assert.ok(rules.length > 10);
  for (const { alert, expr } of rules) assert.deepEqual(promqlProblems(expr, metrics), [], alert);
});

test("every panel of the dashboard asks for what a server tells", async (t) => {
  const metrics = await exported(t);
  const asking = dashboard.panels.filter(({ type }) => type !== "row");
  assert.ok(asking.length > 20);
  for (const { title, targets = [] } of asking) {
    assert.ok(targets.length > 0, title);
    for (const { expr } of targets) assert.deepEqual(promqlProblems(expr, metrics), [], title);
  }
  for (const { expr } of dashboard.annotations.list) {
    assert.deepEqual(promqlProblems(expr, metrics), [], expr);
  }
});

test("legends, texts and variables name labels and metrics that exist", async (t) => {
  const metrics = await exported(t);
  const labels = new Set([...metrics.values()].flatMap((metric) => [...metric.labels]));
  const texts = [ALERTS, "grafana/ringq.json"].map(confText).join("\n");
  for (const [, label] of texts.matchAll(/\{\{\s*(?:\$labels\.)?([a-z_]+)\s*\}\}/g)) {
    assert.ok(labels.has(label ?? ""), label);
  }
  for (const [, metric] of texts.matchAll(/\b(ringq_\w+|process_\w+|nodejs_\w+)\b/g)) {
    assert.ok(metrics.has(metric ?? ""), metric);
  }
  const variables = new Set(dashboard.templating.list.map(({ name }) => name));
  for (const { expr } of dashboard.panels.flatMap(({ targets = [] }) => targets)) {
    const named = [...expr.matchAll(/\$([a-z]\w*)/g)].map(([, name]) => name ?? "");
    for (const name of named) assert.ok(variables.has(name), name);
  }
});

test("alerts have a name of their own, a severity, and tell what to do", () => {
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, labels, annotations, for: wait = "1m" } of rules) {
    assert.match(alert, /^Ringq[A-Za-z]+$/);
    assert.match(labels.severity, /^(?:critical|warning)$/, alert);
    assert.match(wait, /^\d+[smh]$/, alert);
    assert.ok(annotations.summary.length > 10 && annotations.description.length > 10, alert);
  }
});

test("panels have ids of their own and do not cover one another", () => {
  const { panels } = dashboard;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = new Map<string, string>();
  for (const { title, gridPos } of panels) {
    const { x, y, w, h } = gridPos;
    assert.ok(x + w <= 24, title);
    for (let cell = 0; cell < w * h; cell++) {
      const place = `${x + (cell % w)} ${y + Math.floor(cell / w)}`;
      assert.equal(cells.get(place), undefined, `${title} covers another panel`);
      cells.set(place, title);
    }
  }
});

test("all YAML and JSON in conf can be read", () => {
  for (const path of [...confFiles(".yaml"), ...confFiles(".yml")]) yamlDocuments(path);
  for (const path of confFiles(".json")) JSON.parse(confText(path));
});
