/**
 * PING: answers, and nothing else.
 *
 * It works whatever state the node is in: what probes a server must not be refused because the memory
 * is full (F45 of the reference's defects).
 */
import type { CommandSpec } from "../command.ts";

/** `PING [message]`. */
export const ping: CommandSpec = {
  name: "ping",
  arity: -1,
  wordsMax: 2,
  flags: ["readonly", "fast"],
  group: "connection",
  summary: "Tells whether the server is there.",
  since: "0.1.0",
  arguments: [{ name: "message", type: "string", isOptional: true }],
  errors: [],
  reply: "PONG, or the message.",
  run: (_server, session, request) => {
    if (request.count === 1) session.reply.simple("PONG");
    else session.reply.bulk(request.buffer, request.start(1), request.end(1));
  },
};
