#!/usr/bin/env node
/**
 * ringq-server: from the command line to a running node, and from a signal to a clean end.
 *
 * This is the only file that ends the process. Exit codes: 0 clean, 1 failure, 2 usage, 10 the data
 * directory is in use by another server.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { commandSpecs } from "./commands/table.ts";
import type { Config } from "./config/config.ts";
import { type CommandLine, parseFlags } from "./config/flags.ts";
import { loadConfig } from "./config/load.ts";
import { formatProblems } from "./config/problem.ts";
import { renderSettings } from "./config/render.ts";
import { fromByteString } from "./config/text.ts";
import { becomeDaemon, isDaemonChild, tellParentReady } from "./io/daemon.ts";
import { DataLockedError } from "./io/data-lock.ts";
import { tuneEngine } from "./io/engine.ts";
import { createLogger, type ServerLogger } from "./io/logger.ts";
import { packageVersion } from "./io/package-files.ts";
import { ServiceManager } from "./io/service-manager.ts";
import { installSignals } from "./io/signals.ts";
import { systemErrorText } from "./io/system-error.ts";
import { Node } from "./node.ts";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const STANDARD_INPUT = 0;

/** Content of the pid file. */
const pidText = `${process.pid}\n`;

/** What relative paths on the command line and in `include` mean, before `dir` applies. */
const startFolder = process.cwd();
/** A configuration read from standard input; it cannot be read twice. */
let standardInput: ReturnType<typeof readFile> | undefined;

/** Set by `npm start`: where data goes when nobody says, instead of the present folder. */
const DEFAULT_DIR_VARIABLE = "RINGQ_DEFAULT_DIR";

async function main(): Promise<void> {
  tuneEngine();
  const commandLine = parseFlags(process.argv.slice(2));
  if (commandLine.usageErrors.length > 0) {
    fail(`${commandLine.usageErrors.join("\n")}\nTry ringq-server --help`, EXIT_USAGE);
  }
  if (commandLine.special.has("help")) return print(await help());
  if (commandLine.special.has("version")) return print(`ringq-server ${packageVersion()}`);
  const configFile = configPath(commandLine);
  const config = readConfig(commandLine);
  if (commandLine.special.has("print-config")) {
    return print(fromByteString(renderSettings(config).trimEnd()));
  }
  if (commandLine.special.has("check-config")) {
    for (const warning of config.warnings) process.stderr.write(`${warning}\n`);
    return print("configuration is valid");
  }
  if (config.settings.daemonize && !isDaemonChild()) {
    process.exit(await becomeDaemon(process.argv.slice(1), standardInputText()));
  }
  enterFolder(config);
  await serve(config, commandLine, configFile);
}

/** The text of --help. What lays it out is loaded only then: it would be a sixth of a server's start. */
async function help(): Promise<string> {
  const { helpText } = await import("./io/server-help.ts");
  return helpText();
}

/** Runs the server until a signal, SHUTDOWN or a failure ends it. */
async function serve(config: Config, commandLine: CommandLine, configFile: string): Promise<void> {
  const log = openLog(config);
  const manager = new ServiceManager({
    supervised: config.settings.supervised,
    log,
    env: process.env,
    pid: process.pid,
    nowMicros: () => process.hrtime.bigint() / 1000n,
  });
  let isStopping = false;
  let pidFile = "";
  const stop = (reason: string): void => {
    if (isStopping) return;
    isStopping = true;
    manager.stopping(config.settings["shutdown-timeout"] * 1000);
    void stopNode(node, log, reason, () => pidFile).then(async () => {
      await manager.allSaid();
      // 0, or what a failure has made of it.
      process.exit();
    });
  };
  const node = new Node({
    config,
    log,
    version: packageVersion(),
    executable: fileURLToPath(import.meta.url),
    configFile,
    imports: commandLine.imports.map((path) => resolve(startFolder, path)),
    onShutdown: () => stop("SHUTDOWN"),
    onFailure: (reason) => {
      process.exitCode = EXIT_FAILURE;
      stop(reason);
    },
  });
  installSignals({
    onStop: stop,
    onReload: () => manager.reloading(() => reload(node, log, commandLine)),
    onFatal: (error, origin) => log.fatal("unexpected error, exiting", { origin, err: error }),
    exit: (code) => process.exit(code),
    nowMs: () => performance.now(),
  });
  manager.starting(() => node.progress);
  try {
    await node.start();
  } catch (error) {
    const reason = systemErrorText(error);
    log.fatal(reason);
    // The log may be where nobody looks who has just typed the command.
    if (config.settings.logfile !== "" || isDaemonChild()) process.stderr.write(`${reason}\n`);
    process.exit(error instanceof DataLockedError ? error.exitCode : EXIT_FAILURE);
  }
  if (!isStopping) manager.ready();
  pidFile = writePidFile(config, log);
  tellParentReady();
}

async function stopNode(
  node: Node,
  log: ServerLogger,
  reason: string,
  pidFile: () => string,
): Promise<void> {
  log.notice("stopping", { reason });
  await node.stop();
  removePidFile(pidFile(), log);
  log.notice("bye");
}

/** SIGHUP: the log file may have been moved, the configuration may have changed. */
function reload(node: Node, log: ServerLogger, commandLine: CommandLine): void {
  try {
    log.reopen();
  } catch (error) {
    log.warning("the log file was not opened again", { error: systemErrorText(error) });
  }
  const loaded = load(commandLine);
  if (!("config" in loaded)) log.warning("the configuration was not applied", { ...loaded });
  node.reload("config" in loaded ? loaded.config : undefined);
}

function readConfig(commandLine: CommandLine): Config {
  const loaded = load(commandLine);
  if ("error" in loaded) fail(loaded.error, EXIT_FAILURE);
  if ("problems" in loaded) fail(formatProblems(loaded.problems).trimEnd(), EXIT_FAILURE);
  return loaded.config;
}

function load(commandLine: CommandLine): ReturnType<typeof loadConfig> | { error: string } {
  const defaultDir = process.env[DEFAULT_DIR_VARIABLE];
  const file = readMainFile(commandLine);
  if (file !== undefined && "error" in file) return file;
  return loadConfig({
    ...(file !== undefined && { file }),
    ...(defaultDir !== undefined && { defaultDir }),
    readFile,
    env: process.env,
    flags: commandLine.statements,
    commandNames: commandSpecs.map((spec) => spec.name),
  });
}

/** The file named on the command line, or why it cannot be read. */
function readMainFile(
  commandLine: CommandLine,
): { path: string; text: string } | { error: string } | undefined {
  const { configFile } = commandLine;
  if (configFile === undefined) return undefined;
  const path = configFile === "-" ? "standard input" : configPath(commandLine);
  const read = configFile === "-" ? readStandardInput() : readFile(path);
  if ("text" in read) return { path, text: read.text };
  return { error: `cannot read configuration file ${path}: ${read.error}` };
}

function readStandardInput(): ReturnType<typeof readFile> {
  standardInput ??= readFile(STANDARD_INPUT);
  return standardInput;
}

/** What was read as `-`; empty when nothing was. */
function standardInputText(): string {
  return standardInput !== undefined && "text" in standardInput ? standardInput.text : "";
}

/** Absolute path of the configuration file; empty without one. */
function configPath(commandLine: CommandLine): string {
  const { configFile } = commandLine;
  return configFile === undefined || configFile === "-" ? "" : resolve(startFolder, configFile);
}

function readFile(path: string | number): { readonly text: string } | { readonly error: string } {
  try {
    const file = typeof path === "string" ? resolve(startFolder, path) : path;
    return { text: readFileSync(file, "latin1") };
  } catch (error) {
    return { error: systemErrorText(error) };
  }
}

/** The default folder of `npm start` is made when it is missing; any other must exist. */
function enterFolder(config: Config): void {
  const { dir } = config.settings;
  try {
    if (dir === process.env[DEFAULT_DIR_VARIABLE]) mkdirSync(dir, { recursive: true });
    process.chdir(dir);
  } catch (error) {
    fail(`cannot use dir ${dir}: ${systemErrorText(error)}`, EXIT_FAILURE);
  }
  config.settle("dir", process.cwd());
}

function openLog(config: Config): ServerLogger {
  const { loglevel, logfile } = config.settings;
  // Absolute, because CONFIG SET dir changes what a relative path means before a reopen.
  const file = logfile === "" ? "" : resolve(logfile);
  try {
    return createLogger({ level: loglevel, format: config.settings["log-format"], file });
  } catch (error) {
    return fail(systemErrorText(error), EXIT_FAILURE);
  }
}

/** Returns the absolute path of what was written, or "". */
function writePidFile(config: Config, log: ServerLogger): string {
  const { daemonize, pidfile } = config.settings;
  if (!daemonize || pidfile === "") return "";
  try {
    writeFileSync(pidfile, pidText);
    return resolve(pidfile);
  } catch (error) {
    log.warning("the pid file was not written", { pidfile, error: systemErrorText(error) });
    return "";
  }
}

function removePidFile(path: string, log: ServerLogger): void {
  if (path === "") return;
  try {
    // A server that took our place may have written its own.
    if (existsSync(path) && readFileSync(path, "utf8") === pidText) rmSync(path);
  } catch (error) {
    log.warning("the pid file was not removed", { pidfile: path, error: systemErrorText(error) });
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fail(message: string, code: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

await main();
