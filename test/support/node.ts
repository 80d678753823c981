/**
 * A real server process for a test: started on a free port in its own folder, gone when the test ends.
 *
 * It says through `ports-file` when and where it listens; that it can be started again at its port is what ports.ts is for.
 * Nothing here knows the server's code; it is used as its users use it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { atEnd, type Scope } from "./cleanup.ts";
import { testEnvironment } from "./environment.ts";
import { eventually, within } from "./eventually.ts";
import { reservePort } from "./ports.ts";
import { serverPath } from "./programs.ts";
import { RespClient } from "./resp-client.ts";
import { tempDir } from "./temp-dir.ts";

const START_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 20_000;

/** Settings for a server. A value is split at blanks; a list is passed as it is. */
export type Directives = Record<string, string | string[]>;

/** What a test can say about the process besides its directives. */
export interface NodeOptions {
  /** Data folder to use; a fresh temporary one unless told. */
  dir?: string;
  /** Arguments before the directives, such as a configuration file. */
  args?: string[];
  /** Environment variables to add. */
  env?: Record<string, string>;
  /** Arguments for node itself, such as a heap limit. */
  nodeArgs?: string[];
}

/** Where a server listens, as it says itself in its ports file. */
export interface Ports {
  port: number;
  /** For clients that speak TLS; 0: none. */
  tlsPort: number;
  /** Where other nodes connect; 0: nowhere. */
  busPort: number;
  unixsocket?: string;
  [other: string]: unknown;
}

/** A running server. */
export interface TestNode {
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  readonly ports: Ports;
  /** Everything it has written to stdout and stderr. */
  log(): string;
  /** Sends the signal (SIGTERM unless told) and resolves with the exit code (null: killed). */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Kills it without a chance to tidy up, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Starts it again after its end: same port, folder and settings, plus those given here. */
  restart(changed?: Directives): Promise<TestNode>;
  /** A connection that is closed when the test ends. */
  client(): Promise<RespClient>;
  /** Resolves with the exit code when the process ends, whoever ended it. */
  readonly exited: Promise<number | null>;
}

/**
 * Starts a server and waits until it listens. Fails with the server's output when it exits instead,
 * or does not listen in time.
 */
export async function startNode(
  t: Scope,
  directives: Directives = {},
  options: NodeOptions = {},
): Promise<TestNode> {
  const dir = options.dir ?? (await tempDir(t));
  const portsFile = join(await tempDir(t), "ports.json");
  const settings = {
    port: String(await reservePort()),
    "ports-file": [portsFile],
    dir: [dir],
    bind: "127.0.0.1",
    "warm-up-ms": "0",
    ...directives,
  };
  const server = spawnServer([...(options.args ?? []), ...directiveArgs(settings)], options);
  atEnd(t, async () => {
    server.child.kill("SIGKILL");
    await server.exited;
  });
  const ports = await portsOf(portsFile, server);
  const { port } = ports;
  const stop = (signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> => {
    server.child.kill(signal);
    return within(server.exited, STOP_DEADLINE_MS, `the server ends after ${signal}`).catch(
      (error: unknown) => {
        throw new Error(`it goes on:\n${server.log()}`, { cause: error });
      },
    );
  };
  return {
    port,
    ports,
    dir,
    pid: server.child.pid ?? 0,
    log: server.log,
    exited: server.exited,
    stop,
    kill9: async () => {
      await stop("SIGKILL");
    },
    restart: async (changed = {}) => {
      await within(server.exited, STOP_DEADLINE_MS, "the server has ended");
      const samePorts = { port: String(port), "cluster-port": String(ports.busPort) };
      return startNode(t, { ...directives, ...samePorts, ...changed }, { ...options, dir });
    },
    client: async () => {
      const client = await RespClient.connect({ port });
      atEnd(t, () => client.close());
      return client;
    },
  };
}

/** Directives as command line arguments: `--name value ...`. */
export function directiveArgs(directives: Directives): string[] {
  return Object.entries(directives).flatMap(([name, value]) => [
    `--${name}`,
    ...(typeof value === "string" ? value.split(" ") : value),
  ]);
}

interface ServerProcess {
  child: ChildProcess;
  log: () => string;
  exited: Promise<number | null>;
}

/** Servers that run. They must not outlive the test file, not even one that crashed. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Without source maps: for hundreds of servers, reading them takes half a minute. */
function spawnServer(args: string[], options: NodeOptions): ServerProcess {
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), serverPath, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: testEnvironment(options.env),
  });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return { child, log: () => output, exited };
}

/** Waits until the server has written where it listens. */
async function portsOf(file: string, { child, log, exited }: ServerProcess): Promise<Ports> {
  const read = async (): Promise<Ports> => JSON.parse(await readFile(file, "utf8")) as Ports;
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const ports = await eventually(async () => (isOver() ? "over" : await read()), {
    what: "the server listens",
    deadlineMs: START_DEADLINE_MS,
  }).catch((error: unknown) => {
    throw new Error(`the server does not listen:\n${log()}`, { cause: error });
  });
  if (ports === "over") throw new Error(`the server exited with ${await exited}:\n${log()}`);
  await rm(file);
  return ports;
}
