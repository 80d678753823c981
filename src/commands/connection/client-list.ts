/**
 * CLIENT LIST and CLIENT INFO: one line of text per connection.
 *
 * The fields up to `cmd` are the reference's, in its order (reference 7.3); tools read them by position
 * or by name. What we have to add stands behind.
 */
import { toByteString } from "../../config/text.ts";
import type { CommandSpec } from "../command.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

/** All connections, longest connected first. */
export const clientList: CommandSpec["run"] = (server, session) => {
  let text = "";
  for (const other of server.clients.all()) text += clientLine(server, other);
  session.reply.bulkText(text);
};

/** The connection that asks. */
export const clientInfo: CommandSpec["run"] = (server, session) => {
  session.reply.bulkText(clientLine(server, session));
};

/** The line of one connection, a byte string that ends with LF. */
function clientLine(server: ServerState, session: Session): string {
  const { carrier } = session;
  const { unsentBytes } = carrier;
  const fields: readonly (readonly [name: string, value: string | number])[] = [
    ["id", session.id],
    ["addr", toByteString(carrier.remoteAddress)],
    ["fd", carrier.fd],
    ["name", session.name],
    ["age", secondsSince(session.connectedAtMs, server)],
    ["idle", secondsSince(session.usedAtMs, server)],
    ["flags", flagsOf(session)],
    ["qbuf", carrier.bufferedBytes],
    ["qbuf-free", Math.max(carrier.bufferCapacity - carrier.bufferedBytes, 0)],
    ["obl", session.reply.length],
    ["oll", unsentBytes > 0 ? 1 : 0],
    ["omem", unsentBytes],
    ["events", unsentBytes > 0 ? "rw" : "r"],
    ["cmd", session.lastCommand?.name ?? "NULL"],
    ["resp", session.reply.version],
    ["lib-name", session.libraryName],
    ["lib-ver", session.libraryVersion],
  ];
  return `${fields.map(([name, value]) => `${name}=${value}`).join(" ")}\n`;
}

function secondsSince(ms: number, server: ServerState): number {
  return Math.floor((server.host.nowMs - ms) / 1000);
}

/** One letter per fact, N when there is none to tell. */
function flagsOf(session: Session): string {
  let flags = "";
  if (session.isMonitor) flags += "O";
  if (session.isBlocked || session.isAwaitingReplies) flags += "b";
  if (session.isClosing) flags += "c";
  if (session.carrier.isUnixSocket) flags += "U";
  return flags === "" ? "N" : flags;
}
