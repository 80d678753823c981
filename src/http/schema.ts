/**
 * Shapes of JSON: written once for each route, served in the OpenAPI description, and checked.
 *
 * The part of JSON Schema that the routes need and no more. Bodies of requests are checked with it, and
 * tests check replies, so a description cannot say anything else than what happens.
 */

/** A shape. */
export type Schema =
  | ObjectSchema
  | StringSchema
  | NumberSchema
  | { readonly type: "array"; readonly items: Schema; readonly description?: string }
  | { readonly type: "boolean"; readonly description?: string }
  | { readonly type: "null" }
  | { readonly anyOf: readonly Schema[]; readonly description?: string };

/** Text. */
export interface StringSchema {
  readonly type: "string";
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly description?: string;
}

/** A number. */
export interface NumberSchema {
  readonly type: "integer" | "number";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
}

/** An object: these fields, or any fields of one shape. */
export interface ObjectSchema {
  readonly type: "object";
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties: Schema | false;
  readonly description?: string;
}

/** An object with all of these fields and no others. */
export function object(properties: Readonly<Record<string, Schema>>): ObjectSchema {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

/** An object with some of these fields and no others. */
export function optionalFields(properties: Readonly<Record<string, Schema>>): ObjectSchema {
  return { type: "object", properties, additionalProperties: false };
}

/** An object whose fields are not known beforehand. */
export function anyFields(values: Schema): ObjectSchema {
  return { type: "object", additionalProperties: values };
}

/** A list. */
export function list(items: Schema): Schema {
  return { type: "array", items };
}

/** The shape, or null. */
export function orNull(schema: Schema, description?: string): Schema {
  const anyOf = [schema, { type: "null" } as const];
  return description === undefined ? { anyOf } : { anyOf, description };
}

/** A whole number from 0 on. */
export function count(description?: string): Schema {
  return { type: "integer", minimum: 0, ...(description === undefined ? {} : { description }) };
}

/** Any number. */
export function number(description?: string): Schema {
  return { type: "number", ...(description === undefined ? {} : { description }) };
}

/** Any text. */
export function string(description?: string): Schema {
  return { type: "string", ...(description === undefined ? {} : { description }) };
}

/** Yes or no. */
export function boolean(description?: string): Schema {
  return { type: "boolean", ...(description === undefined ? {} : { description }) };
}

/** One of some words. */
export function words(...choices: string[]): Schema {
  return { type: "string", enum: choices };
}

/** What is wrong with a value, or undefined. `name`: how it is called in the sentence. */
export function schemaProblem(schema: Schema, value: unknown, name: string): string | undefined {
  if ("anyOf" in schema) {
    const problems = schema.anyOf.map((option) => schemaProblem(option, value, name));
    return problems.includes(undefined) ? undefined : problems[0];
  }
  switch (schema.type) {
    case "null":
      return value === null ? undefined : `${name} must be null`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `${name} must be true or false`;
    case "string":
      return stringProblem(schema, value, name);
    case "array":
      if (!Array.isArray(value)) return `${name} must be a list`;
      return firstProblem(
        value.map((item, at) => schemaProblem(schema.items, item, `${name}[${at}]`)),
      );
    case "object":
      return objectProblem(schema, value, name);
    default:
      return numberProblem(schema, value, name);
  }
}

function stringProblem(schema: StringSchema, value: unknown, name: string): string | undefined {
  if (typeof value !== "string") return `${name} must be text`;
  // Half of a pair has no bytes in UTF-8; something else would be stored in its place.
  if (!value.isWellFormed()) return `${name} has half of a surrogate pair`;
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return `${name} must be one of ${schema.enum.join(", ")}`;
  }
  if (value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) return `${name} is too long`;
  return undefined;
}

function numberProblem(schema: NumberSchema, value: unknown, name: string): string | undefined {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  const isRight = schema.type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isRight) return `${name} must be a ${schema.type === "integer" ? "whole " : ""}number`;
  if ((value as number) < minimum) return `${name} must be at least ${minimum}`;
  return (value as number) > maximum ? `${name} must be at most ${maximum}` : undefined;
}

function objectProblem(schema: ObjectSchema, value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `${name} must be an object`;
  }
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) return `${name} lacks ${missing}`;
  return firstProblem(
    Object.entries(value).map(([key, field]) => {
      const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
      if (known === false || known === undefined) return `${name} has an unknown field ${key}`;
      return schemaProblem(known, field, `${name}.${key}`);
    }),
  );
}

function firstProblem(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}
