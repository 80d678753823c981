/**
 * CLIENT: the connections, and what each of them says about itself.
 *
 * One row per form; what the larger ones do stands in files of their own.
 */

import { isPrintableWord, nameError } from "../client-name.ts";
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import { shortText } from "../short-text.ts";
import { argumentsOf, runSubcommands, type Subcommand, subcommand } from "../subcommands.ts";
import { timeoutError } from "../timeout.ts";
import { clientKill, killArguments } from "./client-kill.ts";
import { clientInfo, clientList } from "./client-list.ts";
import { clientReply } from "./client-reply.ts";

const VALUE = 2;
const ON = Buffer.from("ON", "latin1");
const OFF = Buffer.from("OFF", "latin1");
const LIB_NAME = Buffer.from("LIB-NAME", "latin1");
const LIB_VER = Buffer.from("LIB-VER", "latin1");

const getName: CommandSpec["run"] = (_server, session) => {
  if (session.name === "") session.reply.nullBulk();
  else session.reply.bulkText(session.name);
};

const setName: CommandSpec["run"] = (_server, session, request) => {
  const error = nameError(request, VALUE);
  if (error !== undefined) {
    session.reply.error(error);
    return;
  }
  session.name = shortText(request, VALUE);
  session.reply.simple("OK");
};

/** What library the client uses; every current Redis client says so when it connects. */
const setInfo: CommandSpec["run"] = (_server, session, request) => {
  const isName = request.is(VALUE, LIB_NAME);
  if (!isName && !request.is(VALUE, LIB_VER)) {
    session.reply.error(errorAbout.clientInfoOption(shortText(request, VALUE)));
  } else if (nameError(request, VALUE + 1) === errors.clientNameTooLong) {
    session.reply.error(errors.clientNameTooLong);
  } else if (!isPrintableWord(request, VALUE + 1)) {
    session.reply.error(errorAbout.clientInfoValue(isName ? "lib-name" : "lib-ver"));
  } else {
    if (isName) session.libraryName = shortText(request, VALUE + 1);
    else session.libraryVersion = shortText(request, VALUE + 1);
    session.reply.simple("OK");
  }
};

/** Nothing is evicted because of a client here, so both positions of the switch mean the same. */
const acceptSwitch: CommandSpec["run"] = (_server, session, request) => {
  const isSwitch = request.is(VALUE, ON) || request.is(VALUE, OFF);
  if (isSwitch) session.reply.simple("OK");
  else session.reply.error(errors.syntax);
};

/** A pause can be extended and not shortened: nobody is left who could send the request. */
const pauseAll: CommandSpec["run"] = (server, session, request) => {
  const error = timeoutError(request, VALUE);
  if (error !== undefined) {
    session.reply.error(error);
    return;
  }
  const { clients, host } = server;
  clients.pausedUntilMs = Math.max(clients.pausedUntilMs, host.nowMs + request.integer(VALUE));
  session.reply.simple("OK");
};

const onOff = ["ON", "OFF"].map((token) => ({ name: token, type: "token", token }) as const);
const flag = { name: "enabled", type: "oneof", parts: onOff } as const;

const forms: readonly Subcommand[] = [
  subcommand("LIST", 2, [], clientList),
  subcommand("INFO", 2, [], clientInfo),
  subcommand("ID", 2, [], (_server, session) => session.reply.integer(session.id)),
  subcommand("GETNAME", 2, [], getName),
  subcommand("SETNAME", 3, [{ name: "connection-name", type: "string" }], setName),
  subcommand(
    "SETINFO",
    4,
    [
      {
        name: "attr",
        type: "oneof",
        parts: [
          { name: "libname", type: "string", token: "LIB-NAME" },
          { name: "libver", type: "string", token: "LIB-VER" },
        ],
      },
    ],
    setInfo,
  ),
  subcommand("KILL", [2, Number.POSITIVE_INFINITY], killArguments, clientKill),
  subcommand("PAUSE", 3, [{ name: "timeout", type: "integer" }], pauseAll),
  subcommand(
    "REPLY",
    3,
    [
      {
        name: "action",
        type: "oneof",
        parts: [...onOff, { name: "skip", type: "token", token: "SKIP" }],
      },
    ],
    clientReply,
  ),
  subcommand("NO-EVICT", 3, [flag], acceptSwitch),
  subcommand("NO-TOUCH", 3, [flag], acceptSwitch),
];

/** `CLIENT LIST` and the other forms. */
export const client: CommandSpec = {
  name: "client",
  arity: -2,
  flags: ["readonly", "admin"],
  group: "connection",
  summary: "Lists, names, pauses and closes connections.",
  since: "0.1.0",
  arguments: argumentsOf(forms),
  errors: [],
  reply: "Depends on the form.",
  run: runSubcommands(forms, () => errors.clientUsage),
};
