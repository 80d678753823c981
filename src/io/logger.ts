/**
 * The log: one JSON line for each change of state, or readable lines on a terminal.
 *
 * The four levels are the reference's. A message is constant text and the data beside it vary, so
 * that lines can be found by machine. Writing is synchronous: a server that logs little loses no
 * line to a kill -9 that way. A log that cannot be written never stops the server. Nothing is
 * logged per job or per command.
 */
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { isatty } from "node:tty";
import { type DestinationStream, pino, stdTimeFunctions } from "pino";
import { directives } from "../config/directives.ts";
import { systemErrorText } from "./system-error.ts";

const require = createRequire(import.meta.url);

const STDOUT = 1;

/** Levels of the directive `loglevel`, most talkative first. */
export type LogLevel = "debug" | "verbose" | "notice" | "warning";

/** What goes beside the message. An error belongs under `err`. */
export type LogData = Readonly<Record<string, unknown>>;

/** What the rest of the server knows of the log. */
export interface Logger {
  debug(message: string, data?: LogData): void;
  verbose(message: string, data?: LogData): void;
  notice(message: string, data?: LogData): void;
  warning(message: string, data?: LogData): void;
  /** The last words of a process; written whatever the level. */
  fatal(message: string, data?: LogData): void;
}

/** The log as its owner sees it. */
export interface ServerLogger extends Logger {
  /** Changes what is written from now on, child logs included. */
  setLevel(level: LogLevel): void;
  /** A log that adds `area` to each line. */
  child(area: string): Logger;
  /**
   * Opens the log file again after a rotation (SIGHUP). Throws an Error when that fails; the old
   * file stays.
   */
  reopen(): void;
}

/** How to log. */
export interface LogOptions {
  readonly level: LogLevel;
  /** `auto` is pretty on a terminal and JSON elsewhere. */
  readonly format: "auto" | "json" | "pretty";
  /** Path of the log file (absolute, so that it can be opened again), "" for standard output. */
  readonly file: string;
}

/** Numbers as pino has them for levels of the same meaning; verbose and notice lie between. */
const LEVELS = { debug: 20, verbose: 25, notice: 35, warning: 40, fatal: 60 } as const;

const COLORS = "debug:gray,verbose:gray,notice:green,warning:yellow,fatal:red";

/** Bytes that wait while the log cannot be written (a full disk); then lines are dropped. */
const PENDING_BYTES_MAX = 1024 * 1024;

/** Fields whose values are never written, down to the third level of the data. */
const SECRET_FIELDS = [
  "password",
  "pass",
  "secret",
  "clusterSecret",
  "httpPassword",
  "passphrase",
  "token",
  "authorization",
  ...directives.filter(({ secret }) => secret).map(({ name }) => name),
];

type PinoLog = ReturnType<typeof pino<keyof typeof LEVELS, true>>;
type Destination = ReturnType<typeof pino.destination>;

/**
 * Opens the log. Throws an Error that names the log file and the reason when it cannot be opened.
 */
export function createLogger(options: LogOptions): ServerLogger {
  const destination = openDestination(options.file);
  const isTerminal = options.file === "" && isatty(STDOUT);
  const isPretty = options.format === "pretty" || (options.format === "auto" && isTerminal);
  const log: PinoLog = pino(
    {
      level: options.level,
      customLevels: LEVELS,
      useOnlyCustomLevels: true,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: secretPaths(), censor: "(redacted)" },
      // The pretty form finds its colours by number.
      ...(!isPretty && { formatters: { level: (label: string) => ({ level: label }) } }),
    },
    isPretty ? prettyStream(destination, isTerminal && process.stdout.hasColors()) : destination,
  );
  return {
    ...methodsOf(log, {}),
    setLevel: (level) => {
      log.level = level;
    },
    child: (area) => methodsOf(log, { area }),
    reopen: () => {
      if (options.file === "") return;
      assertWritable(options.file);
      destination.reopen();
    },
  };
}

/**
 * The five methods; `always` goes into every line. Not pino's children: they keep the level they
 * began with.
 */
function methodsOf(log: PinoLog, always: LogData): Logger {
  return {
    debug: (message, data) => log.debug({ ...always, ...data }, message),
    verbose: (message, data) => log.verbose({ ...always, ...data }, message),
    notice: (message, data) => log.notice({ ...always, ...data }, message),
    warning: (message, data) => log.warning({ ...always, ...data }, message),
    fatal: (message, data) => log.fatal({ ...always, ...data }, message),
  };
}

/** Where lines go, synchronously. */
function openDestination(file: string): Destination {
  if (file !== "") assertWritable(file);
  const destination = pino.destination({
    dest: file === "" ? STDOUT : file,
    append: true,
    sync: true,
    maxLength: PENDING_BYTES_MAX,
    // A reader of our output that is stuck must not stop the server; the line waits for the next
    // one.
    retryEAGAIN: () => false,
  });
  // An "error" event without a listener ends the process; and where should this one be logged?
  destination.on("error", () => undefined);
  return destination;
}

/** Throws with a clear message now, instead of an event from inside the library later. */
function assertWritable(file: string): void {
  try {
    closeSync(openSync(file, "a"));
  } catch (error) {
    const reason = systemErrorText(error);
    throw new Error(`Can't open the log file ${file}: ${reason}`, { cause: error });
  }
}

/** Readable lines: the library's text without its stream, so that one destination serves both. */
function prettyStream(destination: Destination, hasColors: boolean): DestinationStream {
  // Loaded only when needed: it nearly doubles what the log costs at start-up.
  const { prettyFactory } = require("pino-pretty") as typeof import("pino-pretty");
  const pretty = prettyFactory({
    colorize: hasColors,
    customLevels: LEVELS,
    customColors: COLORS,
    useOnlyCustomProps: true,
    translateTime: "SYS:yyyy-mm-dd HH:MM:ss.l",
    singleLine: true,
  });
  return { write: (line) => destination.write(pretty(line)) };
}

/** Every secret field at the top and inside one or two objects. */
function secretPaths(): string[] {
  return SECRET_FIELDS.flatMap((field) => {
    const name = `["${field}"]`;
    return [name, `*${name}`, `*.*${name}`];
  });
}
