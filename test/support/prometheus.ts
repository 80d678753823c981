/**
 * A strict reader of the text that Prometheus scrapes, for tests.
 *
 * Written from the description of the format (version 0.0.4) and without the code that writes it: it
 * knows names, escapes, types and what a histogram must be, and refuses everything else, also what a
 * scraper would let pass.
 */
import assert from "node:assert/strict";

/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All samples under one name. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface OpenFamily extends Family {
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/;
const VALUE = /^(?:[+-]?Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i;
const TYPES = ["counter", "gauge", "histogram", "summary", "untyped"];
const PARTS = /_(?:bucket|sum|count)$/;

/** The families of a text by name; fails with the line that is wrong. */
export function parsePrometheus(text: string): Map<string, Family> {
  assert.ok(text === "" || text.endsWith("\n"), "the last line ends");
  const families = new Map<string, OpenFamily>();
  const seen = new Set<string>();
  let current: OpenFamily | undefined;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    if (line.startsWith("#")) {
      current = head(line, current, families);
      continue;
    }
    const sample = readSample(line);
    assert.ok(current !== undefined, `no type before: ${line}`);
    assert.ok(belongs(sample.name, current), `under ${current.name}: ${line}`);
    const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    assert.ok(!seen.has(key), `twice: ${line}`);
    seen.add(key);
    current.samples.push(sample);
  }
  for (const family of families.values()) check(family);
  return families;
}

/** `# HELP name text` begins a family, `# TYPE name type` follows at once. */
function head(
  line: string,
  current: OpenFamily | undefined,
  families: Map<string, OpenFamily>,
): OpenFamily {
  const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
  assert.ok(kind !== undefined && NAME.exec(name)?.[0] === name, `no comment of ours: ${line}`);
  if (kind === "HELP") {
    assert.ok(!families.has(name), `${name} comes twice`);
    assert.doesNotMatch(rest, /\\(?![\\n])/, line);
    const family = { name, type: "", help: rest, samples: [] };
    families.set(name, family);
    return family;
  }
  assert.ok(current?.name === name && current.type === "", `type without help: ${line}`);
  assert.ok(TYPES.includes(rest), line);
  const typed = { ...current, type: rest };
  families.set(name, typed);
  return typed;
}

function readSample(line: string): Sample {
  const name = NAME.exec(line)?.[0];
  assert.ok(name !== undefined, `no name: ${line}`);
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    while (!rest.startsWith("}")) {
      const [all, label, value] = LABEL.exec(rest) ?? [];
      assert.ok(all !== undefined && label !== undefined && value !== undefined, `label: ${line}`);
      assert.ok(!Object.hasOwn(labels, label), `label twice: ${line}`);
      labels[label] = value.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
      rest = rest.slice(all.length);
      if (rest.startsWith(",")) rest = rest.slice(1);
      else assert.ok(rest.startsWith("}"), `label: ${line}`);
    }
    rest = rest.slice(1);
  }
  const value = rest.slice(1);
  assert.ok(rest.startsWith(" ") && VALUE.test(value), `value: ${line}`);
  return { name, labels, value: Number(value.replace(/Inf$/i, "Infinity")) };
}

function belongs(name: string, { name: family, type }: Family): boolean {
  if (type !== "histogram" && type !== "summary") return name === family;
  return name.replace(PARTS, "") === family || (type === "summary" && name === family);
}

function check({ name, type, samples }: Family): void {
  assert.notEqual(type, "", `${name} has a type`);
  if (type === "counter") for (const { value } of samples) assert.ok(value >= 0, name);
  if (type === "histogram") checkHistogram(name, samples);
}

/** Buckets grow, the last one is +Inf and equals the count. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(Object.entries(labels).sort());
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const group of series.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const count = group.find((sample) => sample.name === `${name}_count`);
    const sum = group.find((sample) => sample.name === `${name}_sum`);
    assert.ok(count !== undefined && sum !== undefined, `${name} has a count and a sum`);
    let bound = Number.NEGATIVE_INFINITY;
    let below = 0;
    for (const { labels, value } of buckets) {
      const le = labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le);
      assert.ok(le > bound && value >= below, `${name} le=${labels.le} comes in order`);
      bound = le;
      below = value;
    }
    assert.equal(bound, Number.POSITIVE_INFINITY, `${name} ends with +Inf`);
    assert.equal(below, count.value, `${name}: all are in the last bucket`);
  }
}
