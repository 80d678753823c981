/**
 * What an expression for Prometheus talks about, and what is wrong with it, without Prometheus.
 *
 * No parser of the language: it sees words, brackets, selectors and ranges. That finds what happens when
 * dashboards are edited by hand: brackets, metrics and labels that do not exist, rate() of a gauge, a
 * counter that is shown as it is. `$name` of Grafana is a word like others.
 */

/** A metric as it is exported. */
export interface ExportedMetric {
  readonly type: string;
  readonly labels: ReadonlySet<string>;
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|\$?[A-Za-z_:][\w:]*|\d[\w.]*|=~|!~|[=!<>]=|.)/gsy;
const WORD = /^[A-Za-z_]/;
const FUNCTIONS = new Set(
  "sum max min avg count topk rate increase changes histogram_quantile".split(" "),
);
const LABEL_LISTS = new Set(["by", "without", "on", "ignoring"]);
const OPERATORS = new Set(["and", "or", "unless"]);
/** These want something that only grows. */
const OF_COUNTERS = new Set(["rate", "increase"]);
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]" };
const SELECTOR = /^\{(?:\w+(?:=~|!~|!=|=)"[^"]*"(?:,|(?=\})))*\}$/;

/** Sentences; none when the expression can be asked. `metrics` has histograms under their parts. */
export function promqlProblems(
  expression: string,
  metrics: ReadonlyMap<string, ExportedMetric>,
): string[] {
  const tokens = [...expression.matchAll(TOKEN)].map(([, token]) => token ?? "");
  const problems = bracketProblems(tokens);
  if (problems.length > 0) return problems;
  const { uses, functions, grouped } = wordsOf(tokens);
  const labels = new Set<string>();
  for (const name of functions) if (!FUNCTIONS.has(name)) problems.push(`${name} is no function`);
  for (const { at, call } of uses) {
    const name = tokens[at] ?? "";
    const metric = metrics.get(name);
    for (const label of metric?.labels ?? []) labels.add(label);
    problems.push(...useProblems(name, metric, tokens.slice(at + 1), call));
  }
  if (uses.length === 0) problems.push("no metric is asked for");
  for (const label of grouped) if (!labels.has(label)) problems.push(`no metric has ${label}`);
  if (functions.includes("histogram_quantile") && !grouped.includes("le")) {
    problems.push("histogram_quantile needs le");
  }
  return problems;
}

interface Words {
  /** Where metrics stand, and the functions they stand in. */
  readonly uses: { at: number; call: string }[];
  readonly functions: string[];
  /** Labels that are grouped or joined by. */
  readonly grouped: string[];
}

function wordsOf(tokens: readonly string[]): Words {
  const words: Words = { uses: [], functions: [], grouped: [] };
  /** The function each open parenthesis belongs to. */
  const calls: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? "";
    const next = tokens[at + 1] ?? "";
    if (token === ")") calls.pop();
    else if (token === "(") calls.push(tokens[at - 1] ?? "");
    else if (token === "{" || token === "[") at = tokens.indexOf(CLOSING[token] ?? "", at);
    else if (LABEL_LISTS.has(token)) {
      const end = tokens.indexOf(")", at);
      words.grouped.push(...tokens.slice(at + 2, end).filter((word) => WORD.test(word)));
      at = end;
    } else if (WORD.test(token) && !OPERATORS.has(token)) {
      if (next === "(" || LABEL_LISTS.has(next)) words.functions.push(token);
      else words.uses.push({ at, call: calls.at(-1) ?? "" });
    }
  }
  return words;
}

function bracketProblems(tokens: readonly string[]): string[] {
  const open: string[] = [];
  for (const token of tokens) {
    const closing = CLOSING[token];
    if (closing !== undefined) open.push(closing);
    else if (Object.values(CLOSING).includes(token) && open.pop() !== token) {
      return [`${token} closes nothing`];
    } else if (token === '"') return ["a text does not end"];
  }
  return open.map((closing) => `${closing} is missing`);
}

/** What is wrong with one use of a metric. `rest` is what follows it, `call` the function it is in. */
function useProblems(
  name: string,
  metric: ExportedMetric | undefined,
  rest: readonly string[],
  call: string,
): string[] {
  if (metric === undefined) return [`${name} is not exported`];
  const problems: string[] = [];
  let after = 0;
  if (rest[0] === "{") {
    after = rest.indexOf("}") + 1;
    const selector = rest.slice(0, after);
    if (!SELECTOR.test(selector.join(""))) problems.push(`${selector.join("")} is no selector`);
    for (const label of selector.filter((word) => WORD.test(word))) {
      if (!metric.labels.has(label)) problems.push(`${name} has no label ${label}`);
    }
  }
  const isRange = rest[after] === "[";
  if (
    isRange &&
    !/^\[(?:\d+[smhd]|\$__rate_interval)\]$/.test(rest.slice(after, after + 3).join(""))
  )
    problems.push(`${name} has a bad range`);
  const isCounter = metric.type === "counter";
  if (isCounter && !isRange) problems.push(`${name} is a counter: ask for its rate`);
  if (!isCounter && OF_COUNTERS.has(call)) problems.push(`${call} of ${name}, which is a gauge`);
  if (isRange && !OF_COUNTERS.has(call) && call !== "changes")
    problems.push(`${name} is a range, which ${call || "nothing"} does not take`);
  return problems;
}
