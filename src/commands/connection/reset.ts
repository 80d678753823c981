/**
 * RESET: the connection is as if it had just been made.
 *
 * For pools of connections, which hand them on from one user to the next.
 */
import type { CommandSpec } from "../command.ts";
import { logOut } from "../login.ts";

/** `RESET`. */
export const reset: CommandSpec = {
  name: "reset",
  arity: 1,
  flags: ["readonly", "fast"],
  group: "connection",
  summary: "Ends MONITOR and CLIENT REPLY, forgets name, login and RESP3.",
  since: "0.1.0",
  arguments: [],
  errors: [],
  reply: "RESET.",
  run: (server, session) => {
    session.isMonitor = false;
    server.clients.monitors.delete(session);
    session.name = "";
    session.replyMode = "on";
    session.reply.version = 2;
    logOut(server, session);
    session.reply.simple("RESET");
  },
};
