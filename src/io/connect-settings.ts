/**
 * What each setting does: connects the table of directives to the parts that obey it.
 *
 * A hook runs once at start with the value from the file and again at every CONFIG SET. A hook that
 * answers a text refuses the change, and the text is what the client is told.
 */
import type { ServerState } from "../commands/server-state.ts";
import { fullLimits, unauthenticatedLimits } from "../protocol/request.ts";
import type { MachineFacts } from "./banner.ts";
import type { Clients } from "./clients.ts";
import type { ClusterBus } from "./cluster-bus.ts";
import type { NodeLog } from "./log/node-log.ts";
import type { ServerLogger } from "./logger.ts";
import { systemErrorText } from "./system-error.ts";

/** File descriptors kept for the log, listeners and files. */
const RESERVED_FILES = 32;

/** What other nodes, or membership, must know at once. */
const toldToTheCluster = [
  "announce-ip",
  "announce-port",
  "announce-cluster-port",
  "cluster-zone",
  "cluster-seeds",
  "cluster-node-timeout",
] as const;

/** What settings act on, beside the server's own state. */
export interface SettingTargets {
  readonly log: ServerLogger;
  readonly clients: Clients;
  readonly bus: ClusterBus;
  readonly nodeLog: Pick<NodeLog, "turn">;
  readonly machine: MachineFacts;
}

/** Applies the present settings and registers for changes. */
export function connectSettings(server: ServerState, targets: SettingTargets): void {
  const { config, broker, slowlog, latency } = server;
  const { settings } = config;
  config.onSet("maxmemory", (bytes) => {
    broker.memory.maxBytes = bytes;
    if (settings["maxmemory-policy"] === "acks") server.cluster.jobs.makeRoom();
    if (bytes > 0 && broker.usedBytes > bytes) {
      targets.log.warning("maxmemory is below what is used now", { used: broker.usedBytes });
    }
    return undefined;
  });
  config.onSet("slowlog-log-slower-than", (micros) => {
    slowlog.thresholdMicros = micros;
    watchSlowCommands(server);
    return undefined;
  });
  config.onSet("slowlog-max-len", (entries) => {
    slowlog.lengthMax = entries;
    return undefined;
  });
  config.onSet("latency-monitor-threshold", (ms) => {
    latency.thresholdMs = ms;
    watchSlowCommands(server);
    return undefined;
  });
  config.onSet("loglevel", (level) => {
    targets.log.setLevel(level);
    return undefined;
  });
  config.onSet("timeout", (seconds) => {
    targets.clients.watchIdle(seconds);
    return undefined;
  });
  config.onSet("client-output-buffer-limit", () => {
    targets.clients.watchOutput();
    return undefined;
  });
  config.onSet("requirepass", (password) => {
    limitStrangers(server, password !== "");
    return undefined;
  });
  config.onSet("appendonly", (isOn) => targets.nodeLog.turn(isOn));
  config.onSet("dir", (path) => changeFolder(server, path));
  for (const name of toldToTheCluster) {
    config.onSet(name, () => {
      targets.bus.followSettings();
      return undefined;
    });
  }
  connectMaxClients(server, targets.machine);
  watchSlowCommands(server);
  targets.clients.watchIdle(settings.timeout);
}

/** Most commands are faster than any threshold and need only one comparison. */
function watchSlowCommands(server: ServerState): void {
  const { slowlog, latency } = server;
  const slow = slowlog.thresholdMicros < 0 ? Number.POSITIVE_INFINITY : slowlog.thresholdMicros;
  const late = latency.isOn ? latency.thresholdMs * 1000 : Number.POSITIVE_INFINITY;
  server.slowestMicrosIgnored = Math.min(slow, late);
}

/** Clients that have not logged in may send little while there is a password, all without one. */
function limitStrangers(server: ServerState, hasPassword: boolean): void {
  for (const session of server.clients.all()) {
    if (session.isAuthenticated) continue;
    Object.assign(session.limits, hasPassword ? unauthenticatedLimits() : fullLimits());
  }
}

function changeFolder(server: ServerState, path: string): string | undefined {
  try {
    process.chdir(path);
  } catch (error) {
    return `Changing directory: ${systemErrorText(error)}`;
  }
  server.config.settle("dir", process.cwd());
  return undefined;
}

/** More clients than files cannot be served: lowered at start, refused later (reference 7.2). */
function connectMaxClients(server: ServerState, machine: MachineFacts): void {
  const { config } = server;
  const filesMax = machine.openFilesMax ?? Number.POSITIVE_INFINITY;
  const clientsMax = Math.max(1, filesMax - RESERVED_FILES);
  if (config.settings.maxclients > clientsMax) config.settle("maxclients", clientsMax);
  config.onSet("maxclients", (clients) => {
    if (clients <= clientsMax) return undefined;
    const text = "The operating system is not able to handle the specified number of clients, ";
    return `${text}try with ${clientsMax}`;
  });
}
