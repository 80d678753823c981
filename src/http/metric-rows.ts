/**
 * The metrics that are no rows of INFO: those with labels, and histograms.
 *
 * Like the rows of info/fields.ts they are read when somebody scrapes; what happens in between is counted
 * in plain numbers where it happens. Names follow Prometheus: a prefix, a base unit, `_total` for what only
 * grows. A total is a counter of its own and never a sum over queues, which would fall when a queue goes
 * away.
 */
import { MESSAGE_TYPES } from "../cluster/traffic.ts";
import type { ServerState } from "../commands/server-state.ts";
import type { LogHistogram } from "../util/log-histogram.ts";
import type { HttpNode } from "./http-node.ts";
import type { LoopLag } from "./loop-lag.ts";
import type { Survey } from "./queue-survey.ts";
import { unreadyReasons } from "./readiness.ts";

/** Where metrics are read. */
export interface MetricSource {
  readonly node: HttpNode;
  readonly survey: Survey;
  readonly lag: LoopLag;
}

/** One value with its labels. */
export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** A metric with samples. */
export interface MetricRow {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly read: (source: MetricSource) => readonly Sample[];
}

/** A histogram. */
export interface HistogramRow {
  readonly name: string;
  readonly help: string;
  /** Units of the histogram in a second. */
  readonly perSecond: number;
  readonly read: (source: MetricSource) => LogHistogram;
}

const MS = 1000;
const MICROS = 1_000_000;

function one(value: number): Sample[] {
  return [{ value, labels: {} }];
}

/** One sample for each command that ran or was refused. */
function perCommand(
  name: string,
  help: string,
  read: (counter: { calls: number; micros: number; failed: number; rejected: number }) => number,
): MetricRow {
  const samples = ({ commands }: ServerState): Sample[] =>
    [...commands.stats.all()]
      .filter(({ calls, rejected }) => calls + rejected > 0)
      .map((counter) => ({ value: read(counter), labels: { command: counter.name } }));
  return { name, type: "counter", help, read: ({ node }) => samples(node.server) };
}

/** One sample for each type of message that there was, and direction. */
function perMessage(
  name: string,
  help: string,
  read: (server: ServerState, type: (typeof MESSAGE_TYPES)[number]) => [number, number],
): MetricRow {
  const samples = (server: ServerState): Sample[] =>
    MESSAGE_TYPES.flatMap((type) => {
      const [sent, received] = read(server, type);
      if (sent + received === 0) return [];
      return [
        { value: sent, labels: { type, direction: "sent" } },
        { value: received, labels: { type, direction: "received" } },
      ];
    });
  return { name, type: "counter", help, read: ({ node }) => samples(node.server) };
}

function peerStates({ node: { server } }: MetricSource): Sample[] {
  const states = { connected: 0, disconnected: 0, suspected: 0, failed: 0, leaving: 0 };
  for (const member of server.cluster.membership.members()) {
    if (member.isLeaving) states.leaving++;
    else if (member.isFailed) states.failed++;
    else if (member.isSuspected) states.suspected++;
    else if (member.link === undefined) states.disconnected++;
    else states.connected++;
  }
  return Object.entries(states).map(([state, value]) => ({ value, labels: { state } }));
}

/** Metrics with labels, and those that only HTTP has. */
export const metricRows: readonly MetricRow[] = [
  {
    name: "ringq_build_info",
    type: "gauge",
    help: "Always 1; versions are in the labels.",
    read: ({ node: { server } }) => {
      const { version, nodeVersion } = server.host.facts;
      const labels = { version, node_version: nodeVersion, node_id: server.broker.nodeId };
      return [{ value: 1, labels }];
    },
  },
  {
    name: "ringq_ready",
    type: "gauge",
    help: "1 when /readyz says that clients may be sent here.",
    read: ({ node }) => one(unreadyReasons(node).length === 0 ? 1 : 0),
  },
  {
    name: "ringq_oldest_job_age_seconds",
    type: "gauge",
    help: "How long the oldest job in any queue could have been handed out; 0 when none waits.",
    read: ({ survey }) => one((survey.oldestAgeMs ?? 0) / MS),
  },
  {
    name: "ringq_cluster_peers",
    type: "gauge",
    help: "Other members by what this node sees of them.",
    read: peerStates,
  },
  perCommand("ringq_command_calls_total", "Times a command ran.", ({ calls }) => calls),
  perCommand(
    "ringq_command_seconds_total",
    "Time a command ran, without waiting.",
    ({ micros }) => micros / MICROS,
  ),
  perCommand(
    "ringq_command_failures_total",
    "Times a command answered an error.",
    ({ failed }) => failed,
  ),
  perCommand(
    "ringq_command_rejections_total",
    "Times a command was refused before it ran.",
    ({ rejected }) => rejected,
  ),
  perMessage("ringq_bus_messages_total", "Messages between nodes.", ({ cluster }, type) => [
    cluster.messagesSent.of(type),
    cluster.messagesReceived.of(type),
  ]),
  perMessage("ringq_bus_bytes_total", "Bytes of messages between nodes.", ({ cluster }, type) => {
    const bytes = cluster.bytes.ofType(type);
    return [bytes?.sentBytes ?? 0, bytes?.receivedBytes ?? 0];
  }),
];

/** Histograms, with buckets that double. */
export const histogramRows: readonly HistogramRow[] = [
  {
    name: "ringq_job_first_delivery_seconds",
    help: "From ADDJOB, or the end of the job's delay, to its first hand-out on this node.",
    perSecond: MS,
    read: ({ node }) => node.server.broker.stats.firstDeliveryMs,
  },
  {
    name: "ringq_job_acknowledgement_seconds",
    help: "From a hand-out, or the last WORKING, to ACKJOB; jobs with RETRY 0 are not measured.",
    perSecond: MS,
    read: ({ node }) => node.server.broker.stats.acknowledgementMs,
  },
  {
    name: "ringq_log_fsync_duration_seconds",
    help: "How long forcing the log to the disk took.",
    perSecond: MICROS,
    read: ({ node }) => node.server.stats.fsyncMicros,
  },
  {
    name: "ringq_event_loop_lag_seconds",
    help: "How much later than it should a timer ran, looked at ten times a second.",
    perSecond: MICROS,
    read: ({ lag }) => lag.micros,
  },
];
