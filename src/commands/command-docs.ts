/**
 * COMMAND DOCS: the documentation of commands as Redis answers it.
 *
 * A map of maps in RESP3, nested pairs in RESP2. redis-cli makes its help and its hints from it, so the
 * words for types and flags are those of Redis.
 */
import type { ReplyWriter } from "../protocol/reply-writer.ts";
import type { ArgumentSpec, CommandSpec } from "./command.ts";

const REDIS_TYPES: Readonly<Record<ArgumentSpec["type"], string>> = {
  string: "string",
  // Not keys: redis-cli would draw conclusions from these.
  queue: "string",
  job: "string",
  integer: "integer",
  token: "pure-token",
  block: "block",
  oneof: "oneof",
};

/** Writes one entry for each command. */
export function writeCommandDocs(reply: ReplyWriter, specs: readonly CommandSpec[]): void {
  reply.map(specs.length);
  for (const spec of specs) {
    reply.bulkText(spec.name);
    reply.map(spec.arguments.length > 0 ? 4 : 3);
    writePair(reply, "summary", spec.summary);
    writePair(reply, "since", spec.since);
    writePair(reply, "group", spec.group);
    if (spec.arguments.length > 0) writeArguments(reply, spec.arguments);
  }
}

function writeArguments(reply: ReplyWriter, args: readonly ArgumentSpec[]): void {
  reply.bulkText("arguments");
  reply.array(args.length);
  for (const argument of args) writeArgument(reply, argument);
}

function writeArgument(reply: ReplyWriter, argument: ArgumentSpec): void {
  const { token, parts = [] } = argument;
  const flags = flagsOf(argument);
  const optional = [token !== undefined, flags.length > 0, parts.length > 0];
  reply.map(3 + optional.filter(Boolean).length);
  writePair(reply, "name", argument.name);
  writePair(reply, "type", REDIS_TYPES[argument.type]);
  writePair(reply, "display_text", argument.name);
  if (token !== undefined) writePair(reply, "token", token);
  if (flags.length > 0) {
    reply.bulkText("flags");
    reply.array(flags.length);
    for (const flag of flags) reply.simple(flag);
  }
  if (parts.length > 0) writeArguments(reply, parts);
}

function flagsOf(argument: ArgumentSpec): string[] {
  const flags: string[] = [];
  if (argument.isOptional === true) flags.push("optional");
  if (argument.isMultiple === true) flags.push("multiple");
  return flags;
}

function writePair(reply: ReplyWriter, name: string, value: string): void {
  reply.bulkText(name);
  reply.bulkText(value);
}
