/**
 * What INFO is made from: the state of a node, gathered for one reading.
 *
 * Declared here and filled by whoever shows it (the INFO command, metrics), so that this folder knows
 * neither commands nor sockets. Text is ordinary text, not bytes.
 */
import type { Cluster } from "../cluster/cluster.ts";
import type { Settings } from "../config/directives.ts";
import type { Broker } from "../core/broker.ts";
import type { LogFigures } from "./log-figures.ts";
import type { ProcessFacts, ProcessReadings } from "./process-facts.ts";

/** Who is connected. */
export interface InfoClients {
  readonly connected: number;
  readonly blocked: number;
  readonly monitors: number;
  /** The largest amounts held for one client: requests not yet run, replies not yet taken. */
  readonly biggestInputBytes: number;
  readonly biggestOutputBytes: number;
}

/** A counter's growth. */
interface Speed {
  readonly perSecond: number;
}

/** What has passed through the server since its start or CONFIG RESETSTAT. */
export interface InfoTraffic {
  readonly connectionsReceived: number;
  readonly connectionsRejected: number;
  readonly commandsProcessed: number;
  readonly errorReplies: number;
  readonly netInputBytes: number;
  readonly netOutputBytes: number;
  readonly protocolErrors: number;
  readonly failedLogins: number;
  readonly tlsHandshakesFailed: number;
  readonly inputLimitDisconnections: number;
  readonly outputLimitDisconnections: number;
  readonly memoryPeakBytes: number;
  readonly commandRate: Speed;
  readonly inputRate: Speed;
  readonly outputRate: Speed;
}

/** Everything at one moment. */
export interface InfoSource {
  readonly wallMs: number;
  readonly facts: ProcessFacts;
  readonly readings: ProcessReadings;
  readonly settings: Settings;
  readonly broker: Broker;
  readonly cluster: Cluster;
  readonly clients: InfoClients;
  readonly traffic: InfoTraffic;
  readonly log: LogFigures;
  /** One line for each command that ran, in the order of the command table. */
  readonly commandLines: readonly string[];
}
