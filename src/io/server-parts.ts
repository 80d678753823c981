/**
 * Everything a command can reach, put together for a server that starts.
 *
 * What needs the world is made in node.ts and handed in; the rest is made here from the settings.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { ClientRegistry } from "../commands/client-registry.ts";
import { CommandTable } from "../commands/command-table.ts";
import type { JobLog } from "../commands/job-log.ts";
import { LoginGuard } from "../commands/login-guard.ts";
import { LatencyMonitor } from "../commands/observe/latency-monitor.ts";
import { Slowlog } from "../commands/observe/slowlog.ts";
import type { ServerState } from "../commands/server-state.ts";
import { ServerStats } from "../commands/server-stats.ts";
import { commandSpecs } from "../commands/table.ts";
import type { Config } from "../config/config.ts";
import type { Broker } from "../core/broker.ts";
import type { World } from "./world.ts";

/** What is made elsewhere. */
export interface ServerParts {
  readonly broker: Broker;
  readonly cluster: Cluster;
  readonly config: Config;
  readonly host: World;
  readonly log: JobLog;
}

/** Makes the rest. */
export function makeServerState(parts: ServerParts): ServerState {
  const { config, host } = parts;
  const { settings } = config;
  return {
    ...parts,
    clients: new ClientRegistry(),
    commands: new CommandTable(commandSpecs, config.renames),
    stats: new ServerStats(),
    slowlog: new Slowlog(settings["slowlog-log-slower-than"], settings["slowlog-max-len"]),
    latency: new LatencyMonitor(settings["latency-monitor-threshold"]),
    logins: new LoginGuard(host.randomWord()),
    slowestMicrosIgnored: Number.POSITIVE_INFINITY,
  };
}
