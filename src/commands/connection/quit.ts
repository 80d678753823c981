/**
 * QUIT: a polite end.
 *
 * Works without a login and with any arguments; what was asked for before is still answered.
 */
import type { CommandSpec } from "../command.ts";

/** `QUIT`. */
export const quit: CommandSpec = {
  name: "quit",
  arity: -1,
  flags: ["readonly", "loading", "fast"],
  group: "connection",
  summary: "Closes the connection once all replies were sent.",
  since: "0.1.0",
  arguments: [],
  errors: [],
  reply: "OK.",
  run: (_server, session) => {
    session.reply.simple("OK");
    session.carrier.closeAfterReply();
  },
};
