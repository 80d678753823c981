/**
 * QSCAN: lists queues, step by step.
 *
 * A cursor is the number of a queue, which it keeps for life; what that guarantees stands in scan.ts.
 */
import type { Queue } from "../../core/queue.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import { type CommandOption, integerOption, OptionReader } from "../options.ts";
import { readScan, scan, scanOptions } from "../scan.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

/** Names in one reply stop here; the cursor leads on. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;
/** What a name takes in a reply beside its bytes. */
const NAME_HEADER_BYTES = 16;
/** A filter that is not there. */
const OFF = -1;
const { count, busyloop } = scanOptions();
const minlen = filterOption("MINLEN");
const maxlen = filterOption("MAXLEN");
const importrate = filterOption("IMPORTRATE");
const options = new OptionReader([count, busyloop, minlen, maxlen, importrate]);

export const qscan: CommandSpec = {
  name: "qscan",
  arity: -1,
  flags: ["readonly"],
  group: "queue",
  summary: "Lists queues step by step, optionally by length or import rate.",
  since: "0.1.0",
  arguments: [
    { name: "cursor", type: "integer", isOptional: true },
    { name: "count", type: "integer", token: "COUNT", isOptional: true },
    { name: "busyloop", type: "token", token: "BUSYLOOP", isOptional: true },
    { name: "length", type: "integer", token: "MINLEN", isOptional: true },
    { name: "length", type: "integer", token: "MAXLEN", isOptional: true },
    { name: "rate", type: "integer", token: "IMPORTRATE", isOptional: true },
  ],
  errors: [],
  reply: "The next cursor, 0 at the end, and a list of queue names.",
  run: scanQueues,
};

function scanQueues(server: ServerState, session: Session, request: Request): void {
  const cursor = readScan(options, request);
  if (typeof cursor === "string") {
    session.reply.error(cursor);
    return;
  }
  const { queues } = server.broker;
  const found: Queue[] = [];
  let bytes = 0;
  const limits = {
    count: count.value,
    isBusyloop: busyloop.value === 1,
    isFull: () => bytes > REPLY_BYTES_MAX,
  };
  const next = scan(cursor, queues.numberLimit, limits, (number) => {
    const queue = queues.at(number);
    if (!queue?.isRegistered || !isWanted(server, queue)) return false;
    found.push(queue);
    bytes += queue.name.length + NAME_HEADER_BYTES;
    return true;
  });
  session.reply.array(2);
  session.reply.bulkText(String(next));
  session.reply.array(found.length);
  for (const queue of found) session.reply.bulk(queue.name, 0, queue.name.length);
}

function isWanted(server: ServerState, queue: Queue): boolean {
  if (minlen.value !== OFF && queue.length < minlen.value) return false;
  if (maxlen.value !== OFF && queue.length > maxlen.value) return false;
  if (importrate.value === OFF) return true;
  return server.cluster.jobs.lending.importRate(queue) >= importrate.value;
}

function filterOption(word: string): CommandOption {
  return integerOption(word, {
    min: Number.MIN_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
    absent: OFF,
    error: errors.notAnInteger,
  });
}
