/**
 * ECHO: gives back what it is given.
 *
 * Some Redis clients send it when they connect, and hang up when it is missing.
 */
import type { CommandSpec } from "../command.ts";

/** `ECHO message`. */
export const echo: CommandSpec = {
  name: "echo",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "connection",
  summary: "Answers the message.",
  since: "0.1.0",
  arguments: [{ name: "message", type: "string" }],
  errors: [],
  reply: "The message.",
  run: (_server, session, request) => {
    session.reply.bulk(request.buffer, request.start(1), request.end(1));
  },
};
