/**
 * BGREWRITEAOF: rewriting the log in the background.
 *
 * Scripts run it at night, so it answers as the reference does without a log: it has begun. There is
 * nothing to rewrite in this version, and it is over at once.
 */
import type { CommandSpec } from "../command.ts";

/** `BGREWRITEAOF`. */
export const bgrewriteaof: CommandSpec = {
  name: "bgrewriteaof",
  arity: 1,
  flags: ["readonly", "admin"],
  group: "server",
  summary: "Rewrites the log; without one it does nothing.",
  since: "0.1.0",
  arguments: [],
  errors: [],
  reply: "A line that says that rewriting has begun.",
  run: (_server, session) => {
    session.reply.simple("Background append only file rewriting started");
  },
};
