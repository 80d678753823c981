/**
 * BGREWRITEAOF: rewriting the log in the background.
 *
 * Scripts run it at night, so it answers as the reference does. A log that is switched off is written once,
 * and stays off. Rewriting begins at the end of the turn; the server goes on with everything meanwhile.
 */
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";

/** `BGREWRITEAOF`. */
export const bgrewriteaof: CommandSpec = {
  name: "bgrewriteaof",
  arity: 1,
  flags: ["readonly", "admin"],
  group: "server",
  summary: "Rewrites the log, so that it holds nothing but the jobs there are.",
  since: "0.1.0",
  arguments: [],
  errors: [],
  reply: "A line that says that rewriting has begun.",
  run: (server, session) => {
    if (server.log.rewrite()) {
      session.reply.simple("Background append only file rewriting started");
    } else {
      session.reply.error(errors.rewriteUnderWay);
    }
  },
};
