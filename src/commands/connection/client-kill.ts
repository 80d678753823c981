/**
 * CLIENT KILL: closes connections, one by its address or all that fit some filters.
 *
 * `CLIENT KILL ip:port` is the old form and may close the caller. Filters come in pairs, all of them
 * must fit, and the caller is spared unless SKIPME says no. A filter's name alone is an error and
 * not an address, and id 0 is nobody's (F38 of the reference's defects). Who closes itself still gets the
 * answer.
 */

import { toByteString } from "../../config/text.ts";
import type { Request } from "../../protocol/request.ts";
import type { ArgumentSpec, CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { shortText } from "../short-text.ts";

const FIRST = 2;
const ID = Buffer.from("ID", "latin1");
const TYPE = Buffer.from("TYPE", "latin1");
const ADDR = Buffer.from("ADDR", "latin1");
const SKIPME = Buffer.from("SKIPME", "latin1");
const NORMAL = Buffer.from("normal", "latin1");
const YES = Buffer.from("yes", "latin1");
const NO = Buffer.from("no", "latin1");

/** What CLIENT KILL takes, for documentation. */
export const killArguments: readonly ArgumentSpec[] = [
  { name: "ip:port", type: "string", isOptional: true },
  { name: "client-id", type: "integer", token: "ID", isOptional: true },
  { name: "normal", type: "string", token: "TYPE", isOptional: true },
  { name: "ip:port", type: "string", token: "ADDR", isOptional: true },
  {
    name: "skipme",
    type: "oneof",
    token: "SKIPME",
    isOptional: true,
    parts: [
      { name: "yes", type: "token", token: "YES" },
      { name: "no", type: "token", token: "NO" },
    ],
  },
];

/** Which connections are meant; undefined: any. */
interface Filters {
  id: number | undefined;
  address: string | undefined;
  sparesCaller: boolean;
}

/** Both forms. */
export const clientKill: CommandSpec["run"] = (server, session, request) => {
  if (request.count === FIRST + 1 && !isFilterName(request, FIRST)) {
    const address = shortText(request, FIRST);
    const killed = kill(server, session, { id: undefined, address, sparesCaller: false });
    if (killed > 0) session.reply.simple("OK");
    else session.reply.error(errors.noSuchClient);
    return;
  }
  const filters: Filters = { id: undefined, address: undefined, sparesCaller: true };
  const error = readFilters(request, filters);
  if (error !== undefined) session.reply.error(error);
  else session.reply.integer(kill(server, session, filters));
};

function isFilterName(request: Request, i: number): boolean {
  return [ID, TYPE, ADDR, SKIPME].some((word) => request.is(i, word));
}

function readFilters(request: Request, filters: Filters): string | undefined {
  if (request.count === FIRST) return errors.syntax;
  for (let name = FIRST; name < request.count; name += 2) {
    if (name + 1 === request.count) return errors.syntax;
    const error = readFilter(request, name, filters);
    if (error !== undefined) return error;
  }
  return undefined;
}

function readFilter(request: Request, name: number, filters: Filters): string | undefined {
  const value = name + 1;
  if (request.is(name, ID)) {
    filters.id = request.integer(value);
    return Number.isNaN(filters.id) ? errors.notAnInteger : undefined;
  }
  if (request.is(name, TYPE)) {
    // Clients are of one type here; the others of Redis are errors, as in the reference.
    return request.is(value, NORMAL) ? undefined : errorAbout.clientType(shortText(request, value));
  }
  if (request.is(name, ADDR)) {
    filters.address = shortText(request, value);
    return undefined;
  }
  if (!request.is(name, SKIPME)) return errors.syntax;
  filters.sparesCaller = request.is(value, YES);
  return filters.sparesCaller || request.is(value, NO) ? undefined : errors.syntax;
}

/** Closes the connections that are meant. Returns how many. */
function kill(server: ServerState, caller: Session, filters: Filters): number {
  const victims = [...server.clients.all()].filter(
    (session) =>
      (filters.id === undefined || session.id === filters.id) &&
      (filters.address === undefined ||
        toByteString(session.carrier.remoteAddress) === filters.address) &&
      !(filters.sparesCaller && session === caller),
  );
  for (const victim of victims) {
    if (victim === caller) victim.carrier.closeAfterReply();
    else victim.carrier.destroy();
  }
  return victims.length;
}
