/**
 * Counters of connections, commands and bytes; plain numbers, reset by CONFIG RESETSTAT.
 *
 * The rates are sampled by whoever ends a turn; everything else is added to where it happens.
 */
import { LogHistogram } from "../util/log-histogram.ts";
import { Rate } from "../util/rate.ts";

/** What has passed through this server. */
export class ServerStats {
  connectionsReceived = 0;
  connectionsRejected = 0;
  commandsProcessed = 0;
  /** Requests answered with an error, whatever stage refused them. */
  errorReplies = 0;
  netInputBytes = 0;
  netOutputBytes = 0;
  protocolErrors = 0;
  failedLogins = 0;
  /** TLS handshakes of clients, of HTTP and of nodes that ended in anything but a connection. */
  tlsHandshakesFailed = 0;
  /** Connections closed because they sent too much that could not run yet. */
  inputLimitDisconnections = 0;
  /** Connections closed because they did not read their replies. */
  outputLimitDisconnections = 0;
  /** Most bytes ever accounted for; kept by CONFIG RESETSTAT. */
  memoryPeakBytes = 0;
  /** How long forcing the log to the disk took, microseconds; kept by CONFIG RESETSTAT. */
  readonly fsyncMicros = new LogHistogram();
  readonly commandRate = new Rate();
  readonly inputRate = new Rate();
  readonly outputRate = new Rate();

  /** Starts all counters and rates again (CONFIG RESETSTAT). */
  reset(): void {
    this.connectionsReceived = 0;
    this.connectionsRejected = 0;
    this.commandsProcessed = 0;
    this.errorReplies = 0;
    this.netInputBytes = 0;
    this.netOutputBytes = 0;
    this.protocolErrors = 0;
    this.failedLogins = 0;
    this.tlsHandshakesFailed = 0;
    this.inputLimitDisconnections = 0;
    this.outputLimitDisconnections = 0;
    this.commandRate.reset();
    this.inputRate.reset();
    this.outputRate.reset();
  }

  /** Takes note of how much memory is accounted for; often enough not to miss a peak. */
  noteMemory(usedBytes: number): void {
    if (usedBytes > this.memoryPeakBytes) this.memoryPeakBytes = usedBytes;
  }

  /** Takes one sample of every rate. */
  sample(nowMs: number): void {
    this.commandRate.sample(this.commandsProcessed, nowMs);
    this.inputRate.sample(this.netInputBytes, nowMs);
    this.outputRate.sample(this.netOutputBytes, nowMs);
  }
}
