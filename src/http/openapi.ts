/**
 * The OpenAPI description, made from the table of routes.
 *
 * Served as it is made: whoever generates a client from it gets what this version does.
 */
import { ACTION_HEADER } from "./access.ts";
import type { QueryParameter, Route } from "./route.ts";
import { object, string } from "./schema.ts";

/** Content types that are no JSON. */
function isSchema(reply: Route["reply"]): boolean {
  return !("contentType" in reply);
}

/** The description of these routes. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const item = paths[route.path] ?? {};
    item[route.method.toLowerCase()] = operation(route);
    paths[route.path] = item;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "ringq",
      version,
      description:
        "Health, metrics and the JSON API of one node. Errors are one line of JSON with a code and a " +
        `sentence. Actions need the header ${ACTION_HEADER}, or a bearer token.`,
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      securitySchemes: {
        basic: { type: "http", scheme: "basic" },
        bearer: { type: "http", scheme: "bearer" },
      },
      schemas: { Error: object({ error: string(), message: string() }) },
    },
  };
}

function operation(route: Route): object {
  const { method, summary, tag, body, reply, otherStatus, isOpen, shows = [] } = route;
  const answer = {
    description: summary,
    content: isSchema(reply)
      ? { "application/json": { schema: reply } }
      : { [(reply as { contentType: string }).contentType]: {} },
  };
  const statuses = otherStatus === 201 ? [201] : [200, ...(otherStatus ? [otherStatus] : [])];
  const responses = Object.fromEntries(statuses.map((status) => [String(status), answer]));
  const parameters = [...segmentsOf(route), ...(route.query ?? []).map(queryParameter)];
  return {
    summary,
    ...(shows.length === 0 ? {} : { description: permissionText(shows) }),
    tags: [tag],
    operationId: operationId(route),
    ...(isOpen === true ? { security: [] } : { security: [{ basic: [] }, { bearer: [] }, {}] }),
    parameters: method === "GET" ? parameters : [...parameters, actionHeader],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: body } } } }),
    responses: {
      ...responses,
      default: {
        description: "Refused.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function permissionText(shows: readonly string[]): string {
  const names = shows.map((name) => name.toUpperCase());
  return `Shows what ${names.join(" and ")} would; 403 where that was taken away (rename-command).`;
}

const actionHeader = {
  name: ACTION_HEADER,
  in: "header",
  required: false,
  description: "Any value. Needed without a bearer token.",
  schema: { type: "string" },
};

function segmentsOf({ path, segments = {} }: Route): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: segments[name] ?? "",
    schema: { type: "string" },
  }));
}

function queryParameter(parameter: QueryParameter): object {
  const { name, help, kind, min = 0, max, choices = [], absent } = parameter;
  const most = max === undefined ? {} : { maximum: max };
  const schemas = {
    bytes: { type: "string" },
    integer: { type: "integer", minimum: min, ...most, default: absent },
    choice: { type: "string", enum: choices, default: choices[0] },
  };
  return { name, in: "query", required: false, description: help, schema: schemas[kind] };
}

/** `get-api-queues-queue`. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method.toLowerCase(), ...words].join("-");
}
