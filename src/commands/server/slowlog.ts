/**
 * SLOWLOG: reads and empties the log of slow commands.
 *
 * What is kept, and how it is shortened, is decided in observe/slowlog.ts.
 */
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import { argumentsOf, runSubcommands, type Subcommand, subcommand } from "../subcommands.ts";

const COUNT = 2;
const COUNT_DEFAULT = 10;
/** One reply is not larger than this; the newest entries fit in any case. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;
/** Entries kept may be many, but each of them is about this long at most (observe/slowlog.ts). */
const ENTRY_BYTES_MAX = 8192;

/** Newest first; each with its id, when it began, how long it took and its arguments. */
const get: CommandSpec["run"] = (server, session, request) => {
  const count = request.count > COUNT ? request.integer(COUNT) : COUNT_DEFAULT;
  if (Number.isNaN(count)) {
    session.reply.error(errors.notAnInteger);
    return;
  }
  const { reply } = session;
  const countMax = REPLY_BYTES_MAX / ENTRY_BYTES_MAX;
  const entries = server.slowlog.newest(count < 0 ? countMax : Math.min(count, countMax));
  reply.array(entries.length);
  for (const entry of entries) {
    reply.array(4);
    reply.integer(entry.id);
    reply.integer(entry.startedAtUnixSeconds);
    reply.integer(entry.durationMicros);
    reply.array(entry.args.length);
    for (const arg of entry.args) reply.bulkText(arg);
  }
};

const forms: readonly Subcommand[] = [
  subcommand("GET", [2, 3], [{ name: "count", type: "integer", isOptional: true }], get),
  subcommand("LEN", 2, [], (server, session) => session.reply.integer(server.slowlog.length)),
  subcommand("RESET", 2, [], (server, session) => {
    server.slowlog.reset();
    session.reply.simple("OK");
  }),
];

/** `SLOWLOG GET [count]`, `LEN`, `RESET`. */
export const slowlog: CommandSpec = {
  name: "slowlog",
  arity: -2,
  flags: ["readonly"],
  group: "server",
  summary: "Shows or empties the log of slow commands.",
  since: "0.1.0",
  arguments: argumentsOf(forms),
  errors: [],
  reply: "GET: a list of [id, unix time, microseconds, arguments], newest first.",
  run: runSubcommands(forms, () => errors.slowlogUsage),
};
