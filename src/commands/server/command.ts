/**
 * COMMAND: the table of commands, for clients that want to know it.
 *
 * Everything comes from the specs; what was renamed is shown under its new name only. QUIT is missing
 * as in the reference, where it is not a command but a word the server understands. redis-cli asks for
 * DOCS when it starts, and makes its hints from it.
 */

import type { ReplyWriter } from "../../protocol/reply-writer.ts";
import type { Request } from "../../protocol/request.ts";
import { COMMAND_FLAGS, type CommandSpec, fitsArity } from "../command.ts";
import { writeCommandDocs } from "../command-docs.ts";
import type { Command } from "../command-table.ts";
import { concernsOf } from "../concerns.ts";
import { errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";
import { shortText } from "../short-text.ts";
import { argumentsOf, runSubcommands, type Subcommand, subcommand } from "../subcommands.ts";

const FIRST_NAME = 2;
const UNLISTED = "quit";
const NO_COMMAND = 1;
/** More names than there are commands make no sense, and every one may be answered with a page. */
const ARGUMENTS_MAX = 1024;

/** Name, arity, flags, and three zeros where Redis has the places of keys. */
function writeEntry(reply: ReplyWriter, spec: CommandSpec): void {
  const flags = COMMAND_FLAGS.filter((flag) => spec.flags.includes(flag));
  reply.array(6);
  reply.bulkText(spec.name);
  reply.integer(spec.arity);
  reply.array(flags.length);
  for (const flag of flags) reply.simple(flag);
  for (let zeros = 0; zeros < 3; zeros++) reply.integer(0);
}

/** As clients are to see it: under the name it has here. */
function shown({ spec, name }: Command): CommandSpec {
  return name === spec.name ? spec : { ...spec, name };
}

function listed(server: ServerState): CommandSpec[] {
  return [...server.commands.all].filter(({ spec }) => spec.name !== UNLISTED).map(shown);
}

/** The commands named by arguments from FIRST_NAME on; undefined for an unknown name. */
function named(server: ServerState, request: Request): (CommandSpec | undefined)[] {
  const specs: (CommandSpec | undefined)[] = [];
  for (let i = FIRST_NAME; i < request.count; i++) {
    const command = server.commands.get(shortText(request, i).toLowerCase());
    const isListed = command !== undefined && command.spec.name !== UNLISTED;
    specs.push(isListed ? shown(command) : undefined);
  }
  return specs;
}

const count: CommandSpec["run"] = (server, session) => {
  session.reply.integer(listed(server).length);
};

const info: CommandSpec["run"] = (server, session, request) => {
  const specs = named(server, request);
  session.reply.array(specs.length);
  for (const spec of specs) {
    if (spec === undefined) session.reply.nullBulk();
    else writeEntry(session.reply, spec);
  }
};

const list: CommandSpec["run"] = (server, session) => {
  const specs = listed(server);
  session.reply.array(specs.length);
  for (const spec of specs) session.reply.bulkText(spec.name);
};

/** All commands when none is named; unknown names are left out, as in Redis. */
const docs: CommandSpec["run"] = (server, session, request) => {
  const specs = request.count === FIRST_NAME ? listed(server) : named(server, request);
  writeCommandDocs(
    session.reply,
    specs.filter((spec) => spec !== undefined),
  );
};

/** The queues that a request would name: what proxies know as its keys. */
const getKeys: CommandSpec["run"] = (server, session, request) => {
  const { reply } = session;
  const spec = server.commands.get(shortText(request, FIRST_NAME).toLowerCase())?.spec;
  const queues = spec === undefined ? [] : concernsOf(spec, "queue", request, FIRST_NAME);
  if (spec === undefined) {
    reply.error(errors.getkeysUnknown);
  } else if (!fitsArity(spec, request.count - FIRST_NAME)) {
    reply.error(errors.getkeysArity);
  } else if (queues.length === 0) {
    reply.error(errors.getkeysNone);
  } else {
    reply.array(queues.length);
    for (const i of queues) reply.bulk(request.buffer, request.start(i), request.end(i));
  }
};

const all: CommandSpec["run"] = (server, session) => {
  const specs = listed(server);
  session.reply.array(specs.length);
  for (const spec of specs) writeEntry(session.reply, spec);
};

const names = [
  { name: "command-name", type: "string", isOptional: true, isMultiple: true },
] as const;

const words = [
  { name: "command", type: "string" },
  { name: "arg", type: "string", isOptional: true, isMultiple: true },
] as const;

const forms: readonly Subcommand[] = [
  subcommand("COUNT", 2, [], count),
  subcommand("INFO", [2, ARGUMENTS_MAX], names, info),
  subcommand("LIST", 2, [], list),
  subcommand("DOCS", [2, ARGUMENTS_MAX], names, docs),
  subcommand("GETKEYS", [3, Number.POSITIVE_INFINITY], words, getKeys),
];

const runForm = runSubcommands(forms, () => errors.commandUsage);

/** `COMMAND [COUNT|INFO|LIST|DOCS|GETKEYS]`. */
export const command: CommandSpec = {
  name: "command",
  arity: 0,
  flags: ["readonly", "loading"],
  group: "server",
  summary: "Describes the commands.",
  since: "0.1.0",
  arguments: argumentsOf(forms).map((argument) => ({ ...argument, isOptional: true })),
  errors: [],
  reply:
    "A list of [name, arity, flags, 0, 0, 0]; with DOCS a map; with GETKEYS the queues it names.",
  run: (server, session, request) => {
    if (request.count === NO_COMMAND) all(server, session, request);
    else runForm(server, session, request);
  },
};
