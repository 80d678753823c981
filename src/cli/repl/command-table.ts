/**
 * The server's own table of commands (COMMAND DOCS), for help, hints and completion.
 *
 * A server of another version has other commands; so nothing is known here that it does not say.
 */
import type { Connection } from "../../client/connection.ts";
import { ErrorReply, listOf, pairsOf, type Reply, textOf } from "../../client/reply.ts";
import type { ArgumentSpec } from "../../commands/command.ts";
import { usages } from "../../commands/documentation.ts";

/** What the server says about one command. */
export interface CommandHelp {
  /** Lower case. */
  readonly name: string;
  readonly summary: string;
  readonly group: string;
  readonly since: string;
  readonly arguments: readonly ArgumentSpec[];
}

/** Commands by their lower-case names. */
export type CommandTable = ReadonlyMap<string, CommandHelp>;

/** Asks for it; empty when the server does not tell. Rejects with ConnectionError. */
export async function readCommandTable(connection: Connection): Promise<CommandTable> {
  const reply = await connection.call("COMMAND", "DOCS");
  if (reply instanceof ErrorReply) return new Map();
  const table = new Map<string, CommandHelp>();
  for (const [name, docs] of pairsOf(reply)) table.set(name.toLowerCase(), helpOf(name, docs));
  return table;
}

/** Every way to write the command. */
export function usageLines(help: CommandHelp): string[] {
  return usages(help);
}

function helpOf(name: string, docs: Reply): CommandHelp {
  const pairs = pairsOf(docs);
  return {
    name: name.toLowerCase(),
    summary: textOf(pairs.get("summary")),
    group: textOf(pairs.get("group")),
    since: textOf(pairs.get("since")),
    arguments: listOf(pairs.get("arguments")).map(argumentOf),
  };
}

const TYPES: Readonly<Record<string, ArgumentSpec["type"]>> = {
  integer: "integer",
  double: "integer",
  "unix-time": "integer",
  "pure-token": "token",
  block: "block",
  oneof: "oneof",
};

function argumentOf(docs: Reply): ArgumentSpec {
  const pairs = pairsOf(docs);
  const flags = listOf(pairs.get("flags")).map(textOf);
  const token = textOf(pairs.get("token"));
  return {
    name: textOf(pairs.get("display_text")) || textOf(pairs.get("name")),
    type: TYPES[textOf(pairs.get("type"))] ?? "string",
    ...(token !== "" && { token }),
    isOptional: flags.includes("optional"),
    isMultiple: flags.includes("multiple"),
    parts: listOf(pairs.get("arguments")).map(argumentOf),
  };
}
