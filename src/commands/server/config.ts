/**
 * CONFIG: reads and changes settings of the running server.
 *
 * What a setting may be is known in config/; this is its language.
 */

import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { shortText } from "../short-text.ts";
import {
  argumentsOf,
  findSubcommand,
  fitsSubcommand,
  type Subcommand,
  subcommand,
} from "../subcommands.ts";

const SUBCOMMAND = 1;
const FIRST = 2;

const get: CommandSpec["run"] = (server, session, request) => {
  const pairs = server.config.get(shortText(request, FIRST));
  session.reply.map(pairs.length);
  for (const [name, value] of pairs) {
    session.reply.bulkText(name);
    session.reply.bulkText(value);
  }
};

/** All pairs or none. */
const set: CommandSpec["run"] = (server, session, request) => {
  if (request.count % 2 !== 0) {
    session.reply.error(errorAbout.configArity(shortText(request, SUBCOMMAND)));
    return;
  }
  const pairs: [name: string, value: string][] = [];
  for (let i = FIRST; i < request.count; i += 2)
    pairs.push([shortText(request, i), shortText(request, i + 1)]);
  const reason = server.config.set(pairs);
  if (reason === undefined) session.reply.simple("OK");
  else session.reply.error(errorAbout.configSet(reason));
};

/** Totals of jobs go on: they are about jobs, and monitoring subtracts one reading from the next. */
const resetStat: CommandSpec["run"] = (server, session) => {
  server.stats.reset();
  server.commands.stats.reset();
  session.reply.simple("OK");
};

const rewrite: CommandSpec["run"] = (server, session) => {
  // Also when the configuration came from standard input.
  if (server.host.facts.configFile === "") {
    session.reply.error(errors.noConfigFile);
    return;
  }
  const found = server.host.readConfigFile();
  const reason =
    "error" in found ? found.error : server.host.writeConfigFile(server.config.rewrite(found.text));
  if (reason === undefined) session.reply.simple("OK");
  else session.reply.error(errorAbout.configRewrite(reason));
};

const pair = {
  name: "pair",
  type: "block",
  isMultiple: true,
  parts: [
    { name: "parameter", type: "string" },
    { name: "value", type: "string" },
  ],
} as const;

const forms: readonly Subcommand[] = [
  subcommand("GET", 3, [{ name: "pattern", type: "string" }], get),
  subcommand("SET", [4, Number.POSITIVE_INFINITY], [pair], set),
  subcommand("RESETSTAT", 2, [], resetStat),
  subcommand("REWRITE", 2, [], rewrite),
];

/** `CONFIG GET`, `SET`, `RESETSTAT`, `REWRITE`. */
export const config: CommandSpec = {
  name: "config",
  arity: -2,
  flags: ["readonly", "admin"],
  group: "server",
  summary: "Shows, changes and saves settings.",
  since: "0.1.0",
  arguments: argumentsOf(forms),
  errors: [],
  reply: "GET: pairs of name and value, a map in RESP3; OK otherwise.",
  run: configure,
};

function configure(server: ServerState, session: Session, request: Request): void {
  const form = findSubcommand(forms, request);
  if (form === undefined) {
    session.reply.error(errors.configUsage);
  } else if (!fitsSubcommand(form, request)) {
    session.reply.error(errorAbout.configArity(shortText(request, SUBCOMMAND)));
  } else {
    form.run(server, session, request);
  }
}
