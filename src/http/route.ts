/**
 * What a route is: one object with everything that is known about it.
 *
 * Routing, checks of parameters and bodies, the OpenAPI description and the tests are made from the
 * table of routes (routes.ts), so none of them can know something that the others do not.
 */
import type { CommandArgument, CommandReply } from "./command-session.ts";
import type { HttpNode } from "./http-node.ts";
import type { ObjectSchema, Schema } from "./schema.ts";

/** A parameter of the query. */
export interface QueryParameter {
  readonly name: string;
  readonly help: string;
  /** bytes: any, percent-encoded. */
  readonly kind: "bytes" | "integer" | "choice";
  /** Bounds of an integer. */
  readonly min?: number;
  readonly max?: number;
  /** Of a choice; the first one is the default. */
  readonly choices?: readonly string[];
  /** Of an integer that is not given; undefined: none. */
  readonly absent?: number;
}

/** What a handler gets. */
export interface Call {
  readonly node: HttpNode;
  /** Segments in the place of `{name}`, decoded. */
  readonly path: Readonly<Record<string, Buffer>>;
  readonly query: Query;
  /** Fits the schema. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Runs a command on behalf of the client, named as in the table of commands. */
  command(name: string, ...args: readonly CommandArgument[]): Promise<CommandReply>;
}

/** Parameters that were given, checked. */
export interface Query {
  bytes(name: string): Buffer | undefined;
  integer(name: string): number | undefined;
  /** The default when it is not given. */
  choice(name: string): string;
}

/** Bytes that are no JSON. */
export interface RawAnswer {
  readonly contentType: string;
  readonly body: Buffer | string | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

/** A route. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** With `{name}` for a segment that is a parameter. */
  readonly path: string;
  readonly tag: "health" | "metrics" | "node" | "queues" | "jobs" | "clients" | "description";
  readonly summary: string;
  /** Needs no password and no known Host. */
  readonly isOpen?: boolean;
  /**
   * Commands whose answers it shows, named as in the table of commands: where one of them was taken away
   * from all clients, the route is refused as well. What runs commands is asked for each of them instead.
   */
  readonly shows?: readonly string[];
  /** What the segments in the path are. */
  readonly segments?: Readonly<Record<string, string>>;
  readonly query?: readonly QueryParameter[];
  readonly body?: ObjectSchema;
  /** Status beside 200 that is no error, with the same shape. */
  readonly otherStatus?: number;
  /** Of the JSON; or the type of what is no JSON. */
  readonly reply: Schema | { readonly contentType: string };
  /** Answers JSON, or a RawAnswer where `reply` says so. */
  readonly run: (call: Call) => unknown;
}

/** JSON with another status than 200. */
export class WithStatus {
  readonly status: number;
  readonly json: unknown;

  constructor(status: number, json: unknown) {
    this.status = status;
    this.json = json;
  }
}
