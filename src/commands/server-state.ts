/**
 * Everything a command can reach: the broker, the cluster, the settings, the clients, what is observed.
 *
 * One object instead of globals, so that a test can have several servers and the simulation many.
 * It decides nothing; the handlers do.
 */
import type { Cluster } from "../cluster/cluster.ts";
import type { Config } from "../config/config.ts";
import type { Broker } from "../core/broker.ts";
import type { ClientRegistry } from "./client-registry.ts";
import type { CommandHost } from "./command-host.ts";
import type { CommandTable } from "./command-table.ts";
import type { JobLog } from "./job-log.ts";
import type { LoginGuard } from "./login-guard.ts";
import type { LatencyMonitor } from "./observe/latency-monitor.ts";
import type { Slowlog } from "./observe/slowlog.ts";
import type { ServerStats } from "./server-stats.ts";

/** A running server as its commands see it. */
export interface ServerState {
  readonly broker: Broker;
  readonly cluster: Cluster;
  readonly config: Config;
  readonly host: CommandHost;
  readonly clients: ClientRegistry;
  readonly commands: CommandTable;
  readonly stats: ServerStats;
  readonly slowlog: Slowlog;
  readonly latency: LatencyMonitor;
  readonly logins: LoginGuard;
  readonly log: JobLog;
  /** Commands faster than this concern neither the slow log nor the latency monitor, µs. */
  slowestMicrosIgnored: number;
}
