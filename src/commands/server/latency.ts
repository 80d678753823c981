/**
 * LATENCY: what has held the server up, as rows, as a drawing and in words.
 *
 * Measuring and drawing are done in observe/; here they get the form of replies.
 */

import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import { latencyDoctor } from "../observe/latency-doctor.ts";
import { latencyGraph } from "../observe/latency-graph.ts";
import type { ServerState } from "../server-state.ts";
import { shortText } from "../short-text.ts";
import { argumentsOf, runSubcommands, type Subcommand, subcommand } from "../subcommands.ts";

const EVENT = 2;

const latest: CommandSpec["run"] = (server, session) => {
  const rows = server.latency.latest();
  session.reply.array(rows.length);
  for (const row of rows) {
    session.reply.array(4);
    session.reply.bulkText(row.event);
    session.reply.integer(row.unixSeconds);
    session.reply.integer(row.lastMs);
    session.reply.integer(row.maxMs);
  }
};

const history: CommandSpec["run"] = (server, session, request) => {
  const samples = server.latency.history(shortText(request, EVENT));
  session.reply.array(samples.length);
  for (const sample of samples) {
    session.reply.array(2);
    session.reply.integer(sample.unixSeconds);
    session.reply.integer(sample.latencyMs);
  }
};

const graph: CommandSpec["run"] = (server, session, request) => {
  const event = shortText(request, EVENT);
  const samples = server.latency.history(event);
  if (samples.length === 0) {
    session.reply.error(errorAbout.noSamples(event));
    return;
  }
  const maxMs = server.latency.maxMs(event);
  const nowUnixSeconds = unixSeconds(server);
  session.reply.bulkText(latencyGraph({ event, samples, maxMs, nowUnixSeconds }));
};

const doctor: CommandSpec["run"] = (server, session) => {
  const text = latencyDoctor({
    monitor: server.latency,
    nowUnixSeconds: unixSeconds(server),
    slowlogThresholdMicros: server.slowlog.thresholdMicros,
  });
  session.reply.bulkText(text);
};

const reset: CommandSpec["run"] = (server, session, request) => {
  session.reply.integer(server.latency.reset(textsFrom(request, EVENT)));
};

function unixSeconds(server: ServerState): number {
  return Math.floor(server.host.wallMs / 1000);
}

function textsFrom(request: Request, first: number): string[] {
  const texts: string[] = [];
  for (let i = first; i < request.count; i++) texts.push(shortText(request, i));
  return texts;
}

const event = { name: "event", type: "string" } as const;
const events = { ...event, isOptional: true, isMultiple: true } as const;

const forms: readonly Subcommand[] = [
  subcommand("LATEST", 2, [], latest),
  subcommand("HISTORY", 3, [event], history),
  subcommand("GRAPH", 3, [event], graph),
  subcommand("DOCTOR", 2, [], doctor),
  subcommand("RESET", [2, Number.POSITIVE_INFINITY], [events], reset),
];

/** `LATENCY LATEST` and the other forms. */
export const latency: CommandSpec = {
  name: "latency",
  arity: -2,
  flags: ["readonly", "admin", "loading"],
  group: "server",
  summary: "Shows what has held the server up; needs latency-monitor-threshold.",
  since: "0.1.0",
  arguments: argumentsOf(forms),
  errors: [],
  reply: "Depends on the form.",
  run: runSubcommands(forms, () => errors.syntax),
};
