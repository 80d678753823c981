/**
 * Figures about jobs among nodes: copies, acknowledgements, loans, jobs on their way elsewhere.
 *
 * Part of the section Cluster. CLUSTER INFO shows those that tell how far a drain or a repair has come.
 */
import { JobState } from "../core/job.ts";
import { rowsOf } from "./field.ts";
import type { InfoSource } from "./source.ts";

const cluster = rowsOf("Cluster");

/** A number that is there now. */
function now(name: string, help: string, read: (source: InfoSource) => number) {
  return cluster.gauge(`cluster_${name}`, { metric: `ringq_cluster_${name}`, help, read });
}

/** A number since the start. */
function total(name: string, help: string, read: (source: InfoSource) => number) {
  return cluster.counter(`cluster_${name}`, { metric: `ringq_cluster_${name}_total`, help, read });
}

/** Rows of the section Cluster that are about jobs. */
export const copyFields = [
  now("jobs_kept", "Jobs in this node's charge.", ({ cluster: { jobs } }) => jobs.sweep.ownJobs),
  now(
    "jobs_underreplicated",
    "Jobs in this node's charge with fewer copies than asked for, as the last look at all jobs has found; some may be over.",
    ({ cluster: { jobs } }) => jobs.sweep.underReplicated,
  ),
  now(
    "jobs_replicating",
    "ADDJOBs that wait for their copies.",
    ({ cluster: { jobs } }) => jobs.newCopies.waiting,
  ),
  now(
    "jobs_handed_over",
    "Jobs on their way to another node that is to be in charge of them.",
    ({ cluster: { jobs } }) => jobs.handover.underWay,
  ),
  now(
    "jobs_copied",
    "Copies this node holds of jobs in the charge of others.",
    ({ broker }) => broker.stats.copies,
  ),
  now(
    "jobs_lent",
    "Jobs of this node that are with nodes whose clients wait for them.",
    ({ broker }) => broker.stats.lentJobs,
  ),
  now(
    "jobs_borrowed",
    "Jobs of other nodes that are here for clients of this one.",
    ({ broker }) => broker.stats.borrowedJobs,
  ),
  total(
    "jobs_pushed",
    "Jobs sent to nodes whose clients waited for them.",
    ({ cluster: { jobs } }) => jobs.lending.jobsPushed,
  ),
  total(
    "jobs_imported",
    "Jobs that came from other nodes for clients of this one.",
    ({ cluster: { jobs } }) => jobs.lending.jobsImported,
  ),
  total(
    "jobs_returned",
    "Imported jobs that went back because no client was there any more.",
    ({ cluster: { jobs } }) => jobs.lending.jobsReturned,
  ),
  now(
    "queues_owned",
    "Queues whose consumers and jobs this node brings together.",
    ({ cluster: { jobs } }) => jobs.lending.markets,
  ),
  now(
    "tombstones",
    "Acknowledged jobs that some node with a copy may not know of yet.",
    ({ broker: { stats } }) => (stats.jobsByState[JobState.acked] as number) - stats.dummies,
  ),
  now(
    "dummies",
    "Acknowledged ids that this node has never had and that are being looked for.",
    ({ broker }) => broker.stats.dummies,
  ),
  total(
    "tombstones_evicted",
    "Tombstones given up for lack of memory: a node that was away may deliver these again.",
    ({ cluster: { jobs } }) => jobs.collector.tombstonesEvicted,
  ),
  total(
    "dummies_evicted",
    "Acknowledged unknown ids given up, too many or for lack of memory.",
    ({ cluster: { jobs } }) => jobs.collector.dummiesEvicted,
  ),
  total(
    "connections_refused",
    "Connections with nodes refused, here or there, because of versions, secrets, TLS, or an id used twice; the log says which.",
    ({ cluster }) => cluster.bytes.connectionsRefused,
  ),
  total(
    "clock_refusals",
    "Connections with nodes refused because clocks differ by more than ten minutes.",
    (source) => source.cluster.membership.clockRefusals,
  ),
];
