/**
 * DEBUG: for tests and experiments, never for production.
 *
 * `enable-debug-command` says who may use it: nobody, clients on this machine (the default), or
 * everybody. Only when everybody may, the forms that crash the process do so; nothing crashes it by
 * accident (F25 of the reference's defects).
 */

import { checkBroker } from "../../core/broker-check.ts";
import { RECORD_BYTES } from "../../core/job-record.ts";
import { QUEUE_BYTES, QUEUED_JOB_BYTES } from "../../core/queue.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { shortText } from "../short-text.ts";
import {
  argumentsOf,
  runSubcommands,
  type Subcommand,
  subcommand,
  writesOf,
  writing,
} from "../subcommands.ts";

const SUBCOMMAND = 1;
const VALUE = 2;
/** Longer sleeps make no sense even in a test (24 days). */
const SLEEP_MS_MAX = 2 ** 31 - 1;

/** Pauses go as well, so the node file changes. */
const flushAll: CommandSpec["run"] = (server, session) => {
  server.cluster.flush();
  server.host.identityChanged();
  session.reply.simple("OK");
};

/** Seconds with fractions; what is no number counts as 0, as in the reference. */
const sleep: CommandSpec["run"] = (server, session, request) => {
  const seconds = Number.parseFloat(shortText(request, VALUE));
  const ms = Math.min(Math.max(seconds * 1000, 0), SLEEP_MS_MAX);
  if (ms > 0) server.host.sleep(ms);
  session.reply.simple("OK");
};

const error: CommandSpec["run"] = (_server, session, request) => {
  session.reply.error(shortText(request, VALUE));
};

const loadaof: CommandSpec["run"] = (_server, session) => {
  session.reply.error(errors.debugLoadaof);
};

/** Recounts everything; takes time in proportion to the number of jobs. */
const check: CommandSpec["run"] = (server, session) => {
  try {
    checkBroker(server.broker);
    session.reply.simple("OK");
  } catch (failure) {
    // The check only looks, so nothing is worse than before: tell who asked, and the log.
    const reason = failure instanceof Error ? failure.message : String(failure);
    server.host.log("warning", "DEBUG CHECK found something wrong", { reason });
    session.reply.error(errorAbout.debugCheck(reason));
  }
};

/** A process of this kind cannot replace itself by another: service managers restart it. */
const restart: CommandSpec["run"] = (server, session, request) => {
  if (request.count > VALUE && Number.isNaN(request.integer(VALUE))) {
    session.reply.error(errors.notAnInteger);
    return;
  }
  const form = shortText(request, SUBCOMMAND).toUpperCase();
  server.host.log("warning", `DEBUG ${form} is not possible here: restart the process instead`);
  session.reply.error(errors.debugRestart);
};

const structSize: CommandSpec["run"] = (_server, session) => {
  const sizes = { job: RECORD_BYTES, queue: QUEUE_BYTES, "queued-job": QUEUED_JOB_BYTES };
  const text = Object.entries(sizes).map(([name, bytes]) => `${name}:${bytes}`);
  session.reply.bulkText(`bits:64 ${text.join(" ")}`);
};

function crash(how: "segfault" | "assert" | "oom"): CommandSpec["run"] {
  return (server, session) => {
    if (server.config.settings["enable-debug-command"] === "yes") server.host.crash(how);
    else session.reply.error(errors.debugDenied);
  };
}

const delay = [{ name: "milliseconds", type: "integer", isOptional: true }] as const;

const forms: readonly Subcommand[] = [
  writing(subcommand("FLUSHALL", [2, Number.POSITIVE_INFINITY], [], flushAll)),
  subcommand("SLEEP", 3, [{ name: "seconds", type: "string" }], sleep),
  subcommand("ERROR", 3, [{ name: "text", type: "string" }], error),
  subcommand("LOADAOF", 2, [], loadaof),
  subcommand("RESTART", [2, 3], delay, restart),
  subcommand("CRASH-AND-RECOVER", [2, 3], delay, restart),
  subcommand("CHECK", 2, [], check),
  subcommand("STRUCTSIZE", 2, [], structSize),
  subcommand("SEGFAULT", 2, [], crash("segfault")),
  subcommand("ASSERT", 2, [], crash("assert")),
  subcommand("OOM", 2, [], crash("oom")),
];

const runForm = runSubcommands(forms, (request) =>
  errorAbout.debug(shortText(request, SUBCOMMAND)),
);

/** `DEBUG FLUSHALL` and the other forms. */
export const debug: CommandSpec = {
  name: "debug",
  arity: -2,
  flags: ["admin"],
  writes: writesOf(forms),
  group: "server",
  summary: "Forgets all jobs, checks itself, sleeps: for tests.",
  since: "0.1.0",
  arguments: argumentsOf(forms),
  errors: [],
  reply: "Depends on the form.",
  run: (server: ServerState, session: Session, request: Request) => {
    if (isAllowed(server, session)) runForm(server, session, request);
    else session.reply.error(errors.debugDenied);
  },
};

function isAllowed(server: ServerState, session: Session): boolean {
  const allowed = server.config.settings["enable-debug-command"];
  if (allowed !== "local") return allowed === "yes";
  return session.carrier.isLoopback || session.carrier.isUnixSocket;
}
