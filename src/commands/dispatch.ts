/**
 * From a request to a handler: the gates every command passes, in order.
 *
 *   paused? -> its turn? -> permitted? -> known? -> arity? -> memory? -> disk? -> loaded?
 *     -> shown to monitors -> run -> measured -> its reply in line
 *
 * A request that is stopped at a gate gets its error and changes nothing. Refused requests are not
 * counted as calls (reference 8.2). Permission comes first: a stranger must not learn which commands
 * exist (F43 of the reference's defects).
 */
import { isSecretName } from "../config/problem.ts";
import type { Request } from "../protocol/request.ts";
import { latin1Text } from "../util/byte-text.ts";
import type { CommandSpec } from "./command.ts";
import { fitsArity } from "./command.ts";
import type { Command } from "./command-table.ts";
import { errorAbout, errors } from "./errors.ts";
import { monitorLine } from "./observe/monitor-line.ts";
import { secretPositions } from "./observe/redact.ts";
import { denial } from "./permissions.ts";
import type { ServerState } from "./server-state.ts";
import type { Session } from "./session.ts";
import { beginCommand, endCommand } from "./stopwatch.ts";

/** A client with more unsent bytes than this is not read any further until it takes some. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** A monitor that is further behind is closed. */
const MONITOR_UNSENT_BYTES_MAX = 32 * 1024 * 1024;
/** An unknown command's name is echoed up to here, as Redis does: it may be half a gigabyte. */
const NAME_CHARS_MAX = 128;
const MINUS = 0x2d;

/**
 * Runs one request. Returns whether the next one of this client may follow at once; false when the
 * client is blocked, held, closing, does not take its replies, or must wait for earlier ones.
 */
export function dispatch(server: ServerState, session: Session, request: Request): boolean {
  if (server.clients.pausedUntilMs > server.host.nowMs) {
    request.defer();
    session.carrier.holdUntil(server.clients.pausedUntilMs);
    return false;
  }
  session.usedAtMs = server.host.nowMs;
  const command = server.commands.find(request);
  const { pending } = session;
  if (pending !== undefined && !pending.admits(command?.spec)) {
    request.defer();
    return false;
  }
  const start = session.reply.length;
  const refusal = refusalOf(server, session, command, request);
  // Behind what the client saw of itself as a monitor.
  let mark = start;
  if (refusal !== undefined) refuse(server, session, command, refusal);
  else if (command !== undefined) mark = admit(server, session, command, request);
  if (request.isDeferred) return false;
  const isError = session.reply.length > mark && session.reply.buffer[mark] === MINUS;
  if (session.replyMode !== "on") mute(session, mark);
  if (pending !== undefined) pending.lineUp(mark);
  // Nobody must wait for the disk to hear this. What stands before it was counted when it was shown.
  if (isError || command === undefined || !isWrite(command, request)) {
    session.harmlessBytes += session.reply.length - mark;
  }
  if (session.isBlocked || session.isClosing) return false;
  return unreadBytes(session) < UNSENT_BYTES_MAX;
}

/** What this client has not taken; replies that are held back are among the unsent ones. */
function unreadBytes({ reply, heldReplyBytes, carrier }: Session): number {
  return reply.length - heldReplyBytes + carrier.unsentBytes;
}

/** It changes jobs, and its reply promises that. */
function isWrite(command: Command, request: Request): boolean {
  return command.isWrite || command.spec.writes?.(request) === true;
}

/** The gates: why the request is refused, if it is. */
function refusalOf(
  server: ServerState,
  session: Session,
  command: Command | undefined,
  request: Request,
): string | undefined {
  const denied = denial(server, session, command?.spec, request);
  if (denied !== undefined) return denied;
  if (command === undefined) return errorAbout.unknownCommand(nameOf(request));
  const { spec } = command;
  if (!fitsArity(spec, request.count)) return errorAbout.arity(spec.name);
  if (isOutOfMemory(server, spec)) return errors.outOfMemory;
  const { log } = server;
  if (log.refusal !== "" && isWrite(command, request)) return errorAbout.logBroken(log.refusal);
  if (log.isLoading && !command.runsWhileLoading) return errors.loading;
  return undefined;
}

/** Shows and runs it. Returns where the reply begins. */
function admit(server: ServerState, session: Session, command: Command, request: Request): number {
  if (server.clients.monitors.size > 0) show(server, session, command.spec, request);
  const mark = session.reply.length;
  run(server, session, command, request);
  return mark;
}

function run(server: ServerState, session: Session, command: Command, request: Request): void {
  const mark = session.reply.length;
  beginCommand(server, command);
  session.lastCommand = command.spec;
  command.spec.run(server, session, request);
  if (request.isDeferred) return;
  server.stats.commandsProcessed++;
  const replyBytes = session.reply.length - mark;
  const hasFailed = replyBytes > 0 && session.reply.buffer[mark] === MINUS;
  if (hasFailed) server.stats.errorReplies++;
  command.counter.ran(hasFailed);
  const micros = endCommand(server, command, request.count, replyBytes);
  if (micros >= server.slowestMicrosIgnored) {
    noteSlow(server, session, command.spec, request, micros);
  }
}

/** Slow enough for the slow log or the latency monitor, or for both. */
function noteSlow(
  server: ServerState,
  session: Session,
  spec: CommandSpec,
  request: Request,
  micros: number,
): void {
  const seconds = Math.floor(server.host.wallMs / 1000);
  if (server.slowlog.wants(micros)) {
    server.slowlog.add({
      startedAtUnixSeconds: seconds,
      durationMicros: Math.round(micros),
      args: request,
      secretPositions: secretsOf(spec, request),
      clientAddress: session.carrier.remoteAddress,
      clientName: session.name,
    });
  }
  const event = spec.flags.includes("fast") ? "fast-command" : "command";
  server.latency.record(event, micros / 1000, seconds);
}

function refuse(
  server: ServerState,
  session: Session,
  command: Command | undefined,
  error: string,
): void {
  if (command !== undefined) command.counter.rejected++;
  server.stats.errorReplies++;
  session.reply.error(error);
}

function isOutOfMemory(server: ServerState, spec: CommandSpec): boolean {
  const memory = server.broker.memory;
  if (memory.maxBytes === 0 || memory.level < 2) return false;
  if (server.config.settings["maxmemory-policy"] === "acks") server.cluster.jobs.makeRoom();
  return memory.level === 3 && spec.flags.includes("denyoom");
}

/** Shows the request to the monitors before it runs. */
function show(server: ServerState, session: Session, spec: CommandSpec, request: Request): void {
  if (spec.name === "quit") return;
  const carrier = session.carrier;
  const line = monitorLine({
    unixMicros: server.host.wallMs * 1000,
    clientAddress: carrier.isUnixSocket
      ? `unix:${carrier.remoteAddress.replace(/:0$/, "")}`
      : carrier.remoteAddress,
    args: request,
    secretPositions: secretsOf(spec, request),
  });
  for (const monitor of server.clients.monitors) feed(server, monitor, line);
}

/** One that would be too far behind is closed, and what it did not take is let go of at once. */
function feed(server: ServerState, monitor: Session, line: string): void {
  const { carrier, reply } = monitor;
  if (unreadBytes(monitor) + line.length <= MONITOR_UNSENT_BYTES_MAX) {
    const before = reply.length;
    reply.simple(line);
    monitor.harmlessBytes += reply.length - before;
    carrier.replyReady();
    return;
  }
  server.stats.outputLimitDisconnections++;
  carrier.destroy();
  reply.truncate(0);
}

function secretsOf(spec: CommandSpec, request: Request): ReadonlySet<number> {
  return secretPositions(spec.name, request, isSecretName);
}

/** Takes back what was written when the client does not want to see it (CLIENT REPLY). */
function mute(session: Session, mark: number): void {
  if (session.replyMode === "skip next") {
    session.replyMode = "skip this";
    return;
  }
  session.reply.truncate(mark);
  if (session.replyMode === "skip this") session.replyMode = "on";
}

/** Control bytes of what a client sent are shown as escapes; the writer blanks line ends. */
function nameOf(request: Request): string {
  const start = request.start(0);
  const text = latin1Text(request.buffer, start, Math.min(request.end(0), start + NAME_CHARS_MAX));
  return text.replace(/\p{Cc}/gu, (character) => {
    if (character === "\r" || character === "\n") return character;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
