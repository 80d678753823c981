/**
 * MONITOR: the client sees every command that runs from now on.
 *
 * Showing them is the business of dispatch, hiding passwords that of observe/redact.ts.
 */
import type { CommandSpec } from "../command.ts";

/** `MONITOR`. */
export const monitor: CommandSpec = {
  name: "monitor",
  arity: 1,
  flags: ["readonly", "admin"],
  group: "server",
  summary: "Shows every command of every client, until RESET or QUIT.",
  since: "0.1.0",
  arguments: [],
  errors: [],
  reply: "OK, then one line for each command.",
  run: (server, session) => {
    session.isMonitor = true;
    server.clients.monitors.add(session);
    session.reply.simple("OK");
  },
};
