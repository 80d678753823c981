/**
 * GETJOB: takes jobs from queues, or waits for some.
 *
 * Options stand before FROM, everything behind it is a queue name. A client that does not want to see
 * replies gets no jobs: they would be lost to it and leased for nothing. Nor does one that has closed
 * its half: it may be dead.
 */
import type { Job } from "../../core/job.ts";
import type { Queue } from "../../core/queue.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import { integerOption, OptionReader, switchOption } from "../options.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { BlockedGetjob } from "./blocked-getjob.ts";
import { writeJobs } from "./job-reply.ts";

const FROM = Buffer.from("FROM", "latin1");
/** Everybody who waits has a seat in each of its queues: what one client may take up is limited. */
const QUEUES_MAX = 4096;
/** Queues that come into being because somebody asks for them: so many when memory is full. */
const NEW_QUEUES_WHEN_FULL = 16;

const nohang = switchOption("NOHANG");
const timeout = integerOption("TIMEOUT", {
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  absent: 0,
  error: errors.timeoutNotAnInteger,
  errorBelow: errors.timeoutNegative,
});
const count = integerOption("COUNT", {
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
  absent: 1,
  error: errors.countNotPositive,
});
const withCounters = switchOption("WITHCOUNTERS");
const options = new OptionReader([nohang, timeout, count, withCounters]);

export const getjob: CommandSpec = {
  name: "getjob",
  arity: -2,
  flags: ["write", "fast"],
  group: "job",
  summary: "Takes jobs from queues; waits when there are none.",
  since: "0.1.0",
  arguments: [
    { name: "nohang", type: "token", token: "NOHANG", isOptional: true },
    { name: "ms-timeout", type: "integer", token: "TIMEOUT", isOptional: true },
    { name: "count", type: "integer", token: "COUNT", isOptional: true },
    { name: "withcounters", type: "token", token: "WITHCOUNTERS", isOptional: true },
    { name: "queue", type: "queue", token: "FROM", isMultiple: true },
  ],
  errors: ["LEAVING"],
  reply: "A list of [queue, id, body]; nothing when the time is up or with NOHANG.",
  run: getJobs,
};

function getJobs(server: ServerState, session: Session, request: Request): void {
  const error = readOptions(request) ?? nameError(server, request);
  if (error !== undefined) {
    session.reply.error(error);
    return;
  }
  if (session.isMuted) return;
  if (session.isHalfClosed) {
    session.reply.nullArray();
    return;
  }
  const broker = server.broker;
  const queues = queuesFrom(server, request);
  const jobs: Job[] = [];
  broker.serving.visit(queues);
  broker.serving.take(queues, count.value, jobs);
  if (jobs.length > 0) {
    writeJobs(server, session, jobs, withCounters.value === 1);
  } else if (broker.serving.mayHaveMore(queues)) {
    wait(server, session, queues);
  } else if (nohang.value === 1) {
    server.cluster.jobs.polled(queues, count.value);
    session.reply.nullArray();
  } else if (broker.isLeaving) {
    session.reply.error(errors.leaving);
  } else {
    wait(server, session, queues);
  }
}

function wait(server: ServerState, session: Session, queues: readonly Queue[]): void {
  const { broker, host } = server;
  let deadlineMs = Number.POSITIVE_INFINITY;
  // Its time is up at once, but not before it is known whether there are jobs.
  if (nohang.value === 1 || broker.isLeaving) deadlineMs = host.nowMs;
  else if (timeout.value > 0) deadlineMs = host.nowMs + timeout.value;
  const receiver = new BlockedGetjob(server, session, withCounters.value === 1);
  session.waiter = broker.serving.wait(queues, count.value, deadlineMs, receiver);
}

/** Position of the first queue name of the request at hand. */
let firstQueue = 0;

function readOptions(request: Request): string | undefined {
  options.reset();
  const from = options.read(request, 1);
  if (from === -1) return options.error;
  if (from >= request.count - 1 || !request.is(from, FROM)) return errors.syntax;
  firstQueue = from + 1;
  return undefined;
}

/** GETJOB is never refused for a lack of memory, because taking jobs is what makes room; but see above. */
function nameError(server: ServerState, request: Request): string | undefined {
  const { config, broker } = server;
  if (request.count - firstQueue > QUEUES_MAX) return errors.tooManyQueues;
  const bytesMax = config.settings["max-queue-name"];
  const isFull = broker.memory.level === 3;
  let unknown = 0;
  for (let i = firstQueue; i < request.count; i++) {
    if (request.size(i) > bytesMax) return errors.queueNameTooLong;
    if (isFull && !broker.queues.find(request.buffer, request.start(i), request.end(i))) unknown++;
  }
  return unknown > NEW_QUEUES_WHEN_FULL ? errors.outOfMemory : undefined;
}

function queuesFrom(server: ServerState, request: Request): Queue[] {
  const queues: Queue[] = [];
  for (let i = firstQueue; i < request.count; i++) {
    queues.push(server.broker.queues.entry(request.buffer, request.start(i), request.end(i)));
  }
  return queues;
}
