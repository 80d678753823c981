/**
 * SELECT: there are queues and no numbered databases.
 *
 * But Redis clients select a database when they connect, and number 0 is always there.
 */
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";

/** `SELECT index`. */
export const select: CommandSpec = {
  name: "select",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "connection",
  summary: "Accepts database 0, for clients that ask for it.",
  since: "0.1.0",
  arguments: [{ name: "index", type: "integer" }],
  errors: [],
  reply: "OK.",
  run: (_server, session, request) => {
    const index = request.integer(1);
    if (Number.isNaN(index)) session.reply.error(errors.notAnInteger);
    else if (index !== 0) session.reply.error(errors.databaseRange);
    else session.reply.simple("OK");
  },
};
