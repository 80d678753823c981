/**
 * How long commands take, without asking the clock after each.
 *
 * Reading the clock costs a tenth of an ADDJOB. Requests that arrive together are run back to back,
 * so the end of one is the beginning of the next; and a run of the same small command is measured as
 * one, up to RUN_MAX of them, its time shared among them. A slow one still shows: the clock is read
 * as soon as a command has done much, and what is measured then is at most a few quick ones too long.
 * When somebody looks for commands faster than FINE_MICROS, each is measured by itself.
 */
import type { Command } from "./command-table.ts";
import type { ServerState } from "./server-state.ts";

/** Quick commands of one kind measured together. */
const RUN_MAX = 16;
/** Below this threshold every command is measured by itself. */
const FINE_MICROS = 1000;
/** A command with more words, or with a reply longer than this, may have done much. */
const QUICK_WORDS_MAX = 16;
const QUICK_REPLY_BYTES_MAX = 1024;

/** When what is being measured began. */
let beganMicros = 0;
/** The run so far; its commands are counted, their time is not. */
let runOf: Command | undefined;
let runLength = 0;

/** Reads the clock for all requests that arrived together. */
export function beginBatch(server: ServerState): void {
  runOf = undefined;
  runLength = 0;
  beganMicros = server.host.elapsedMicros();
}

/** The last of them has run. */
export function endBatch(server: ServerState): void {
  if (runLength > 0) endRun(server);
}

/** A command is about to run. */
export function beginCommand(server: ServerState, command: Command): void {
  if (runLength > 0 && runOf !== command) endRun(server);
}

/**
 * A command has run. Returns the microseconds to be looked at for slowness: its own, with at most a
 * few quick ones of its kind before it, or 0 when it was quick itself.
 */
export function endCommand(
  server: ServerState,
  command: Command,
  words: number,
  replyBytes: number,
): number {
  runOf = command;
  runLength++;
  const isQuick = command.isFast && words <= QUICK_WORDS_MAX && replyBytes <= QUICK_REPLY_BYTES_MAX;
  if (isQuick && runLength < RUN_MAX && server.slowestMicrosIgnored >= FINE_MICROS) return 0;
  return endRun(server);
}

function endRun(server: ServerState): number {
  const endedMicros = server.host.elapsedMicros();
  const micros = endedMicros - beganMicros;
  beganMicros = endedMicros;
  if (runOf !== undefined) runOf.counter.micros += micros;
  runLength = 0;
  return micros;
}
