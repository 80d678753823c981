/**
 * Directives about the server itself: memory, logging and measuring, the process.
 *
 * Paths other than `dir` are relative to `dir`, so a server can be moved with its data.
 */

import { rowsOf } from "./directive.ts";
import { COUNT_MAX, integer, oneOf, path, size, yesNo } from "./kinds.ts";

/** Nobody waits longer for a server to start. */
const WARM_UP_MS_MAX = 10_000;

const memory = rowsOf("Memory");
const logging = rowsOf("Logging");
const server = rowsOf("Process");

/** The limit on memory and what happens near it. */
export const memoryDirectives = [
  memory("maxmemory", size(), {
    default: 1024 * 1024 * 1024,
    position: 5,
    mutable: true,
    invalid: "You need to specify a memory limit greater than zero",
    help:
      "Memory for jobs, queues and buffers; above it new jobs are refused with an OOM error, " +
      "queued ones are kept. The process itself needs some more. 0 means no limit.",
  }),
  memory("maxmemory-policy", oneOf(["acks", "noeviction"]), {
    default: "acks",
    position: 27,
    mutable: true,
    invalid: "Invalid maxmemory policy",
    help:
      "What to drop above 95 % of maxmemory. acks: jobs already acknowledged and delivered " +
      "at-most-once jobs, never one that waits for a consumer; noeviction: nothing.",
  }),
] as const;

/** The log, SLOWLOG and LATENCY. */
export const loggingDirectives = [
  logging("loglevel", oneOf(["debug", "verbose", "notice", "warning"]), {
    default: "notice",
    position: 28,
    mutable: true,
    invalid: "Invalid log level. Must be one of debug, verbose, notice, warning",
    help: "How much to log, from everything (debug) to problems only (warning).",
  }),
  logging("logfile", path({ mayBeEmpty: true }), {
    default: "",
    position: 3,
    help:
      "Log to this file, relative to dir, instead of standard output. SIGHUP opens it anew, for " +
      "log rotation.",
  }),
  logging("log-format", oneOf(["auto", "json", "pretty"]), {
    default: "auto",
    help:
      "json: one JSON object a line; pretty: lines for people; auto: pretty on a terminal, json " +
      "elsewhere.",
  }),
  logging("slowlog-log-slower-than", integer({ unit: "microseconds" }), {
    default: 10_000,
    position: 10,
    mutable: true,
    help:
      "Commands that run at least this long are kept for SLOWLOG. 0 keeps all of them, a " +
      "negative number none.",
  }),
  logging("slowlog-max-len", integer({ min: 0, max: COUNT_MAX }), {
    default: 128,
    position: 12,
    mutable: true,
    help: "How many commands SLOWLOG remembers; the oldest go first.",
  }),
  logging("latency-monitor-threshold", integer({ min: 0, unit: "milliseconds" }), {
    default: 0,
    position: 11,
    mutable: true,
    invalid: "The latency threshold can't be negative",
    help:
      "Events that block the server at least this long are recorded for LATENCY. 0 records " +
      "nothing.",
  }),
] as const;

/** How the process lives on its machine. */
export const processDirectives = [
  server("dir", path({ mayBeEmpty: false }), {
    default: "./",
    position: 32,
    mutable: true,
    rewrite: "always",
    help:
      "Working directory: the other paths in this file are relative to it, except include and " +
      "the path of this file. It must exist.",
  }),
  server("daemonize", yesNo(), {
    default: false,
    position: 22,
    help: "Run in the background. Leave it at no under systemd, Docker and the like.",
  }),
  server("supervised", oneOf(["no", "systemd", "auto", "upstart"]), {
    default: "auto",
    help:
      "Tell systemd when the server serves, reads its configuration again, and stops, with " +
      "systemd-notify. auto: where systemd wants to hear it (Type=notify). systemd: warn where it " +
      "does not. upstart: as no, for old files.",
  }),
  server("pidfile", path({ mayBeEmpty: true }), {
    default: "/var/run/ringq.pid",
    position: 4,
    help: "With daemonize, write the process id to this file and remove it at exit.",
  }),
  server("warm-up-ms", integer({ min: 0, max: WARM_UP_MS_MAX, unit: "milliseconds" }), {
    default: 250,
    help:
      "Processor time spent on jobs in memory before the first client is served, so that it does " +
      "not meet code that is not compiled yet. 0: none.",
  }),
  server("shutdown-timeout", integer({ min: 0, max: COUNT_MAX, unit: "seconds" }), {
    default: 10,
    mutable: true,
    help:
      "How long a shutdown may take to answer clients and put everything in order before the " +
      "process ends anyway.",
  }),
] as const;
