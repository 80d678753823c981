/** The reader of metrics: takes what is right, and refuses each kind of mistake. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePrometheus } from "./prometheus.ts";

const HEAD = "# HELP a_total What.\n# TYPE a_total counter\n";
const HISTOGRAM = "# HELP h What.\n# TYPE h histogram\n";

test("names, labels, escapes and values are read", () => {
  const text = `${HEAD}a_total{q="x\\"\\\\\\n}",r=""} 1.5e3\na_total 2\n# HELP g G\n# TYPE g gauge\ng -Inf\n`;
  const families = parsePrometheus(text);
  assert.deepEqual(families.get("a_total")?.samples, [
    { name: "a_total", labels: { q: 'x"\\\n}', r: "" }, value: 1500 },
    { name: "a_total", labels: {}, value: 2 },
  ]);
  assert.equal(families.get("g")?.samples[0]?.value, Number.NEGATIVE_INFINITY);
});

const wrong: readonly [what: string, text: string][] = [
  ["no line end", `${HEAD}a_total 1`],
  ["no type", "# HELP a What.\na 1\n"],
  ["a sample before its type", "a 1\n"],
  ["another name", `${HEAD}b_total 1\n`],
  ["a series twice", `${HEAD}a_total{q="x"} 1\na_total{q="x"} 2\n`],
  ["a family twice", `${HEAD}a_total 1\n${HEAD}`],
  ["a bare quote", `${HEAD}a_total{q="x"y"} 1\n`],
  ["an unknown escape", `${HEAD}a_total{q="\\t"} 1\n`],
  ["a value that is none", `${HEAD}a_total one\n`],
  ["no value", `${HEAD}a_total\n`],
  ["a negative counter", `${HEAD}a_total -1\n`],
  ["an unknown type", "# HELP a What.\n# TYPE a number\n"],
  ["a histogram without +Inf", `${HISTOGRAM}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`],
  [
    "falling buckets",
    `${HISTOGRAM}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
  ],
  ["another count", `${HISTOGRAM}h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n`],
];

for (const [what, text] of wrong) {
  test(`${what} is refused`, () => {
    assert.throws(() => parsePrometheus(text));
  });
}
