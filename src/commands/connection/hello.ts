/**
 * HELLO: two commands under one name.
 *
 * Without arguments it is Disque's: who are you, and which nodes are there? With a protocol version it
 * is how today's Redis clients open a connection: they log in, give themselves a name and choose between
 * RESP2 and RESP3, and read the answer as a map. Nothing of a HELLO that fails takes effect, except that
 * a wrong password ends an earlier login.
 */

import { helloRows } from "../../cluster/members/node-lines.ts";
import type { Request } from "../../protocol/request.ts";
import { nameError } from "../client-name.ts";
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import { isPasswordSet, logIn } from "../login.ts";
import { ownAddress } from "../own-address.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { shortText } from "../short-text.ts";

const VERSION = 1;
const AUTH = Buffer.from("AUTH", "latin1");
const SETNAME = Buffer.from("SETNAME", "latin1");
/** Version of the format of Disque's answer. */
const FORMAT = 1;
/** Clients choose features by it, for example CLIENT SETINFO. */
const REDIS_VERSION = "7.2.0";

/** `HELLO [protover [AUTH username password] [SETNAME clientname]]`. */
export const hello: CommandSpec = {
  name: "hello",
  arity: -1,
  flags: ["readonly", "fast"],
  group: "connection",
  summary: "Lists the nodes; with a version, chooses RESP2 or RESP3 as in Redis.",
  since: "0.1.0",
  arguments: [
    {
      name: "arguments",
      type: "block",
      isOptional: true,
      parts: [
        { name: "protover", type: "integer" },
        {
          name: "auth",
          type: "block",
          token: "AUTH",
          isOptional: true,
          parts: [
            { name: "username", type: "string" },
            { name: "password", type: "string" },
          ],
        },
        { name: "clientname", type: "string", token: "SETNAME", isOptional: true },
      ],
    },
  ],
  errors: ["NOPROTO", "WRONGPASS", "NOAUTH"],
  reply: "1, the own node id, and [id, ip, port, priority] of every node; with a version a map.",
  run: (server, session, request) => {
    if (request.count === 1) listNodes(server, session);
    else greet(server, session, request);
  },
};

/** Everything but the 1 is a bulk string, numbers too: clients of the reference insist on it. */
function listNodes(server: ServerState, session: Session): void {
  const { reply } = session;
  const rows = helloRows(server.cluster.membership, ownAddress(server, session));
  reply.array(2 + rows.length);
  reply.integer(FORMAT);
  reply.bulkText(server.broker.nodeId);
  for (const { nodeId, ip, port, priority } of rows) {
    reply.array(4);
    reply.bulkText(nodeId);
    reply.bulkText(ip);
    reply.bulkText(String(port));
    reply.bulkText(String(priority));
  }
}

/** Positions of what HELLO brings with it; 0 when absent. */
interface Options {
  user: number;
  name: number;
}

function greet(server: ServerState, session: Session, request: Request): void {
  const version = request.integer(VERSION);
  const options: Options = { user: 0, name: 0 };
  const error = versionError(version) ?? readOptions(request, options);
  if (error !== undefined) {
    session.reply.error(error);
    return;
  }
  if (options.user > 0) {
    const at = { user: options.user, password: options.user + 1 };
    const outcome = logIn(server, session, request, at);
    if (outcome === "refused") session.reply.error(errors.wrongLogin);
    if (outcome === "refused" || outcome === "put off") return;
  } else if (!session.isAuthenticated && isPasswordSet(server)) {
    session.reply.error(errors.noAuth);
    return;
  }
  if (options.name > 0) session.name = shortText(request, options.name);
  session.reply.version = version === 3 ? 3 : 2;
  introduce(session);
}

function versionError(version: number): string | undefined {
  if (Number.isNaN(version)) return errors.protocolNotAnInteger;
  return version === 2 || version === 3 ? undefined : errors.protocolUnsupported;
}

function readOptions(request: Request, options: Options): string | undefined {
  let at = VERSION + 1;
  while (at < request.count) {
    const follow = request.count - at - 1;
    if (request.is(at, AUTH) && follow >= 2) {
      options.user = at + 1;
      at += 3;
    } else if (request.is(at, SETNAME) && follow >= 1) {
      options.name = at + 1;
      at += 2;
    } else {
      return errorAbout.helloOption(shortText(request, at));
    }
  }
  return options.name === 0 ? undefined : nameError(request, options.name);
}

/** A map in RESP3 and a flat list in RESP2, as Redis; clients look fields up by name. */
function introduce(session: Session): void {
  const { reply } = session;
  reply.map(7);
  reply.bulkText("server");
  reply.bulkText("redis");
  reply.bulkText("version");
  reply.bulkText(REDIS_VERSION);
  reply.bulkText("proto");
  reply.integer(reply.version);
  reply.bulkText("id");
  reply.integer(session.id);
  reply.bulkText("mode");
  reply.bulkText("standalone");
  reply.bulkText("role");
  reply.bulkText("master");
  reply.bulkText("modules");
  reply.array(0);
}
