/** The checker of expressions for Prometheus finds what it is meant to find. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ExportedMetric, promqlProblems } from "./promql.ts";

const metrics = new Map<string, ExportedMetric>([
  ["jobs", { type: "gauge", labels: new Set(["job", "queue"]) }],
  ["added_total", { type: "counter", labels: new Set(["job", "instance"]) }],
  ["wait_bucket", { type: "counter", labels: new Set(["job", "le"]) }],
]);

for (const expression of [
  "jobs",
  'jobs{queue=~"$queue", job="a"} > 0.8',
  "sum by (instance) (rate(added_total[5m])) / (max(jobs > 0) + 1)",
  "topk(10, sum(rate(added_total[$__rate_interval])) by (job))",
  "histogram_quantile(0.99, sum by (le) (rate(wait_bucket[5m])))",
  "changes(jobs[30m]) > 3 and jobs == 0",
]) {
  test(`it takes ${expression}`, () => assert.deepEqual(promqlProblems(expression, metrics), []));
}

for (const [expression, problem] of [
  ["sum(jobs", ") is missing"],
  ["sum(jobs))", ") closes nothing"],
  ['jobs{queue="a}', "a text does not end"],
  ["job", "job is not exported"],
  ["sums(jobs)", "sums is no function"],
  ["1 + 1", "no metric is asked for"],
  ['jobs{queu="a"}', "jobs has no label queu"],
  ["jobs{queue=a}", "{queue=a} is no selector"],
  ['jobs{queue="a" job="b"}', '{queue="a"job="b"} is no selector'],
  ["sum by (command) (jobs)", "no metric has command"],
  ["added_total", "added_total is a counter: ask for its rate"],
  ["rate(jobs[5m])", "rate of jobs, which is a gauge"],
  ["sum(added_total[5m])", "added_total is a range, which sum does not take"],
  ["rate(added_total[5])", "added_total has a bad range"],
  ["histogram_quantile(0.9, sum(rate(wait_bucket[5m])))", "histogram_quantile needs le"],
] as const) {
  test(`it refuses ${expression}`, () => {
    const problems = promqlProblems(expression, metrics);
    assert.ok(problems.includes(problem), problems.join(", "));
  });
}
