/**
 * The parameters behind the question mark, checked against a route's table.
 *
 * Unknown and repeated ones are errors: a filter with a typing error that is ignored would show
 * everything. Values are bytes, because names of queues are.
 */
import { badRequest } from "./api-error.ts";
import { fromUrlPart } from "./bytes-text.ts";
import type { Query, QueryParameter } from "./route.ts";

/** Reads `search` (what stands behind "?"); throws an ApiError that names the parameter. */
export function readQuery(search: string, parameters: readonly QueryParameter[]): Query {
  const given = new Map<string, Buffer>();
  for (const part of search.split("&")) {
    if (part === "") continue;
    const [rawName = "", rawValue = ""] = splitOnce(part);
    const name = fromUrlPart(rawName, true)?.toString("latin1") ?? "";
    const value = fromUrlPart(rawValue, true);
    const parameter = parameters.find((candidate) => candidate.name === name);
    if (parameter === undefined) throw badRequest(`There is no parameter ${JSON.stringify(name)}.`);
    if (value === undefined) throw badRequest(`${name} is not percent-encoded as it should be.`);
    if (given.has(name)) throw badRequest(`${name} is given twice.`);
    given.set(name, value);
  }
  const values = new Map<string, Buffer | number | string | undefined>();
  for (const parameter of parameters) {
    values.set(parameter.name, readValue(parameter, given.get(parameter.name)));
  }
  return {
    bytes: (name) => values.get(name) as Buffer | undefined,
    integer: (name) => values.get(name) as number | undefined,
    choice: (name) => values.get(name) as string,
  };
}

function splitOnce(part: string): [name: string, value: string] {
  const equals = part.indexOf("=");
  return equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
}

function readValue(
  parameter: QueryParameter,
  given: Buffer | undefined,
): Buffer | number | string | undefined {
  const { name, kind, choices = [], min = 0, max = Number.MAX_SAFE_INTEGER } = parameter;
  if (kind === "bytes") return given;
  if (kind === "choice") {
    const word = given?.toString("latin1") ?? choices[0] ?? "";
    if (choices.includes(word)) return word;
    throw badRequest(`${name} must be one of ${choices.join(", ")}.`);
  }
  if (given === undefined) return parameter.absent;
  const text = given.toString("latin1");
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badRequest(`${name} must be a whole number from ${min} to ${max}.`);
}
