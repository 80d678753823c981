/**
 * Figures about jobs, queues and traffic: the sections Jobs, Queues and Stats.
 *
 * The reference counted neither deliveries nor acknowledgements (F51 of its defects); these fields
 * stand behind its own.
 */
import { JobState } from "../core/job.ts";
import type { BrokerStats } from "../core/stats.ts";
import { type InfoField, type RowMaker, rowsOf } from "./field.ts";
import type { InfoTraffic } from "./source.ts";

const jobs = rowsOf("Jobs");
const queues = rowsOf("Queues");
const stats = rowsOf("Stats");

const BYTES_PER_KB = 1024;

type JobTotal = Exclude<
  keyof BrokerStats,
  | "jobsByState"
  | "firstDeliveryMs"
  | "acknowledgementMs"
  | "entered"
  | "left"
  | "countRoles"
  | "allGone"
>;

/** A counter of the broker. */
function total(rows: RowMaker, name: string, key: JobTotal, metric: string, help: string) {
  return rows.counter(name, { metric, help, read: ({ broker }) => broker.stats[key] });
}

function inState(name: string, state: JobState, metric: string, help: string): InfoField {
  return jobs.gauge(name, {
    metric,
    help,
    read: ({ broker }) => broker.stats.jobsByState[state] ?? 0,
  });
}

/** The section Jobs. */
export const jobFields: readonly InfoField[] = [
  jobs.gauge("registered_jobs", {
    metric: "ringq_jobs",
    help: "Jobs known here, whatever their state.",
    read: ({ broker }) => broker.jobs.count,
  }),
  inState("jobs_queued", JobState.queued, "ringq_jobs_queued", "Jobs in their queues."),
  inState(
    "jobs_active",
    JobState.active,
    "ringq_jobs_active",
    "Jobs delayed, held back, or handed out and not acknowledged.",
  ),
  inState(
    "jobs_wait_repl",
    JobState.replicating,
    "ringq_jobs_replicating",
    "Jobs awaiting copies.",
  ),
  inState(
    "jobs_acked",
    JobState.acked,
    "ringq_jobs_acked",
    "Jobs acknowledged and kept until nobody else remembers them.",
  ),
  total(jobs, "total_jobs_added", "jobsAdded", "ringq_jobs_added_total", "Jobs added by clients."),
  total(
    jobs,
    "total_jobs_delivered",
    "jobsDelivered",
    "ringq_jobs_delivered_total",
    "Hand-outs of jobs to clients, repeated ones included.",
  ),
  total(
    jobs,
    "total_jobs_redelivered",
    "jobsRedelivered",
    "ringq_jobs_redelivered_total",
    "Hand-outs of jobs that had been handed out before.",
  ),
  total(
    jobs,
    "total_jobs_acknowledged",
    "jobsAcked",
    "ringq_jobs_acknowledged_total",
    "Jobs acknowledged.",
  ),
  total(
    jobs,
    "total_jobs_nacked",
    "jobsNacked",
    "ringq_jobs_nacked_total",
    "Jobs given back by NACK.",
  ),
  total(
    jobs,
    "total_jobs_requeued",
    "jobsRequeued",
    "ringq_jobs_requeued_total",
    "Jobs queued again because nobody acknowledged them in time.",
  ),
  total(
    jobs,
    "total_jobs_returned",
    "jobsReturned",
    "ringq_jobs_returned_total",
    "Hand-outs taken back because the client was gone.",
  ),
  total(
    jobs,
    "total_jobs_expired",
    "jobsExpired",
    "ringq_jobs_expired_total",
    "Jobs deleted at the end of their TTL.",
  ),
  total(
    jobs,
    "total_jobs_deleted",
    "jobsDeleted",
    "ringq_jobs_deleted_total",
    "Jobs deleted by DELJOB.",
  ),
  total(
    jobs,
    "total_jobs_evicted",
    "jobsEvicted",
    "ringq_jobs_evicted_total",
    "Delivered jobs forgotten because memory was short.",
  ),
];

/** The section Queues. */
export const queueFields: readonly InfoField[] = [
  queues.gauge("registered_queues", {
    metric: "ringq_queues",
    help: "Queues known here, empty ones included.",
    read: ({ broker }) => broker.queues.registeredCount,
  }),
  total(
    queues,
    "total_queues_evicted",
    "queuesEvicted",
    "ringq_queues_evicted_total",
    "Queues forgotten because nobody used them.",
  ),
];

type TrafficTotal = Exclude<keyof InfoTraffic, "commandRate" | "inputRate" | "outputRate">;

/** A counter of the server. */
function traffic(name: string, key: TrafficTotal, metric: string, help: string): InfoField {
  return stats.counter(name, { metric, help, read: (source) => source.traffic[key] });
}

/** The section Stats. */
export const statsFields: readonly InfoField[] = [
  traffic(
    "total_connections_received",
    "connectionsReceived",
    "ringq_connections_received_total",
    "Connections accepted.",
  ),
  traffic(
    "total_commands_processed",
    "commandsProcessed",
    "ringq_commands_processed_total",
    "Commands run.",
  ),
  stats.text("instantaneous_ops_per_sec", {
    help: "Commands per second of late.",
    read: (source) => Math.round(source.traffic.commandRate.perSecond),
  }),
  traffic(
    "total_net_input_bytes",
    "netInputBytes",
    "ringq_net_input_bytes_total",
    "Bytes received from clients.",
  ),
  traffic(
    "total_net_output_bytes",
    "netOutputBytes",
    "ringq_net_output_bytes_total",
    "Bytes sent to clients.",
  ),
  stats.gauge("instantaneous_input_kbps", {
    help: "Kilobytes received per second of late.",
    decimals: 2,
    read: (source) => source.traffic.inputRate.perSecond / BYTES_PER_KB,
  }),
  stats.gauge("instantaneous_output_kbps", {
    help: "Kilobytes sent per second of late.",
    decimals: 2,
    read: (source) => source.traffic.outputRate.perSecond / BYTES_PER_KB,
  }),
  traffic(
    "rejected_connections",
    "connectionsRejected",
    "ringq_connections_rejected_total",
    "Connections refused because of maxclients.",
  ),
  stats.text("latest_fork_usec", { help: "Always 0: nothing forks.", read: () => 0 }),
  traffic(
    "total_error_replies",
    "errorReplies",
    "ringq_error_replies_total",
    "Requests answered with an error.",
  ),
  traffic(
    "total_protocol_errors",
    "protocolErrors",
    "ringq_protocol_errors_total",
    "Connections closed because of malformed requests.",
  ),
  traffic("total_failed_logins", "failedLogins", "ringq_failed_logins_total", "Wrong passwords."),
  traffic(
    "total_failed_tls_handshakes",
    "tlsHandshakesFailed",
    "ringq_failed_tls_handshakes_total",
    "TLS handshakes that were refused or went wrong.",
  ),
  traffic(
    "client_output_limit_disconnections",
    "outputLimitDisconnections",
    "ringq_output_limit_disconnections_total",
    "Connections closed because they did not take their replies.",
  ),
  traffic(
    "client_query_buffer_limit_disconnections",
    "inputLimitDisconnections",
    "ringq_input_limit_disconnections_total",
    "Connections closed because they sent too much that could not run yet.",
  ),
];
