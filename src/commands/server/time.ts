/**
 * TIME: the wall clock of this node.
 *
 * In whole milliseconds, although the format knows microseconds: the clock is read once a turn.
 */
import type { CommandSpec } from "../command.ts";

/** `TIME`. */
export const time: CommandSpec = {
  name: "time",
  arity: 1,
  flags: ["readonly", "fast"],
  group: "server",
  summary: "Answers the time of the server.",
  since: "0.1.0",
  arguments: [],
  errors: [],
  reply: "Seconds since 1970, and microseconds within the second.",
  run: (server, session) => {
    const { wallMs } = server.host;
    const seconds = Math.floor(wallMs / 1000);
    session.reply.array(2);
    session.reply.bulkText(String(seconds));
    session.reply.bulkText(String((wallMs - seconds * 1000) * 1000));
  },
};
