/**
 * The one table of directives, joined from its chapters, and what follows from it: lookup by name,
 * the order of CONFIG GET, the type of the settings.
 *
 * A new directive is one new row in the chapter it belongs to.
 */

import type { AnyDirective, Directive } from "./directive.ts";
import { clusterDirectives, persistenceDirectives } from "./directives-cluster.ts";
import { httpDirectives } from "./directives-http.ts";
import { clientDirectives, networkDirectives, securityDirectives } from "./directives-network.ts";
import { loggingDirectives, memoryDirectives, processDirectives } from "./directives-server.ts";
import { tlsDirectives } from "./directives-tls.ts";
import { unusedDirectives } from "./directives-unused.ts";

const table = [
  ...networkDirectives,
  ...clientDirectives,
  ...securityDirectives,
  ...tlsDirectives,
  ...httpDirectives,
  ...memoryDirectives,
  ...loggingDirectives,
  ...processDirectives,
  ...persistenceDirectives,
  ...clusterDirectives,
  ...unusedDirectives,
] as const;

type Row = (typeof table)[number];

/** The name of a directive with a value. */
export type DirectiveName = Row["name"];

/**
 * Every value, under its directive's name: `settings["maxmemory-policy"]` is "acks" or
 * "noeviction".
 */
export type Settings = {
  readonly [R in Row as R["name"]]: R extends Directive<string, infer T> ? T : never;
};

/** All rows, chapter by chapter. */
export const directives: readonly AnyDirective[] = table;

const byName: ReadonlyMap<string, AnyDirective> = new Map(directives.map((row) => [row.name, row]));

/** The row called `name` (lower case), if there is one. */
export function findDirective(name: string): AnyDirective | undefined {
  return byName.get(name);
}

/** Rows in the order of CONFIG GET: the reference's, then ringq's own. */
export const inGetOrder: readonly AnyDirective[] = directives.toSorted(
  (a, b) =>
    (a.position ?? Number.POSITIVE_INFINITY) - (b.position ?? Number.POSITIVE_INFINITY) || 0,
);

/**
 * Lines of a file that are not values: they may stand several times and CONFIG GET does not show
 * them.
 */
export const statements = [
  {
    name: "include",
    args: 1,
    syntax: "the path of another file",
    example: 'include "/etc/ringq/local.conf"',
    help:
      "Read another file at this point; the path is relative to the directory the server is " +
      "started in. Later lines override earlier ones, so put it last to let the other file win, " +
      "first to let this one win.",
  },
  {
    name: "rename-command",
    args: 2,
    syntax: 'the name of a command and its new name, or "" to remove it',
    example: 'rename-command DEBUG ""',
    help:
      "Give a command another name, or take it away from all clients, those of HTTP included. Each " +
      "line counts as it stands behind the ones before it. The command-line tool and clients know " +
      "commands by their usual names: a renamed AUTH, HELLO or INFO is hidden from them as well.",
  },
] as const;
