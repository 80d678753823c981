/**
 * Directives about what outlives the process and about other nodes: persistence and cluster.
 *
 * Names and values of the log's directives are the reference's; what they do is written in their help.
 */

import { rowsOf } from "./directive.ts";
import { fileName, integer, oneOf, path, size, yesNo } from "./kinds.ts";
import { nodeAddresses, secrets, zone } from "./kinds-cluster.ts";

const persistence = rowsOf("Persistence");
const cluster = rowsOf("Cluster");

const PORT_MAX = 65_535;

/** The log on disk. */
export const persistenceDirectives = [
  persistence("appendonly", yesNo(), {
    default: false,
    position: 31,
    mutable: true,
    help:
      "Keep jobs in a log on disk, in the folder log of dir, so that a node that is killed or restarted " +
      "comes back with the jobs it had. CONFIG SET appendonly yes writes everything there is first. no: " +
      "jobs live only in the memory of the nodes that hold them.",
  }),
  persistence("appendfilename", fileName(), {
    default: "disque.aof",
    invalid: "appendfilename can't be a path, just a filename",
    help:
      "Name of a log of Disque inside dir, without a folder, that is imported. ringq writes its own log " +
      "in the folder log.",
  }),
  persistence("appendfsync", oneOf(["everysec", "always", "no"]), {
    default: "everysec",
    position: 29,
    mutable: true,
    invalid: "argument must be 'no', 'always' or 'everysec'",
    help:
      "When the log is forced to the disk: once a second, before every reply, or when the " +
      "system likes. It is written before every reply in any case, so that kill -9 loses nothing; " +
      "this is about machines that stop.",
  }),
  persistence("no-appendfsync-on-rewrite", yesNo(), {
    default: false,
    position: 21,
    mutable: true,
    help:
      "With appendfsync everysec, do not force the log to the disk while it is being rewritten. always is " +
      "kept all the same.",
  }),
  persistence("auto-aof-rewrite-percentage", integer({ min: 0 }), {
    default: 100,
    position: 8,
    mutable: true,
    invalid: "Invalid negative percentage for AOF auto rewrite",
    help:
      "Rewrite the log when it has grown by this many percent since last time, or when its files would " +
      "become larger than three times the jobs in it and 128 MB. 0: never.",
  }),
  persistence("auto-aof-rewrite-min-size", size(), {
    default: 64 * 1024 * 1024,
    position: 9,
    mutable: true,
    help: "Do not rewrite a log smaller than this, however much it has grown.",
  }),
  persistence("aof-rewrite-incremental-fsync", yesNo(), {
    default: true,
    position: 24,
    mutable: true,
    help: "Force a rewritten log to the disk in pieces, which avoids one long wait at the end.",
  }),
  persistence("aof-load-truncated", yesNo(), {
    default: true,
    position: 25,
    mutable: true,
    help:
      "Start although the end of the log is cut off, as after a power failure; no refuses to start. " +
      "A log that is damaged elsewhere is always refused.",
  }),
  persistence("aof-enqueue-jobs-once", yesNo(), {
    default: false,
    position: 26,
    mutable: true,
    help:
      "Load the log at the next start even if appendonly is no, then switch this off again. For planned " +
      "restarts of a server that keeps no log: CONFIG SET it yes, CONFIG REWRITE, SHUTDOWN REWRITE-AOF. " +
      "With appendonly yes it changes nothing: jobs that were queued are queued again at every start.",
  }),
] as const;

/** Other nodes. */
export const clusterDirectives = [
  cluster("cluster-node-timeout", integer({ min: 1, unit: "milliseconds" }), {
    default: 15_000,
    position: 19,
    mutable: true,
    invalid: "cluster node timeout must be 1 or greater",
    help: "A node that does not answer for this long counts as failed.",
  }),
  cluster("cluster-config-file", path({ mayBeEmpty: false }), {
    default: "nodes.conf",
    help:
      "File in dir where the node keeps its own id and the nodes it knows. Written by the " +
      "server, not by you.",
  }),
  cluster("cluster-port", integer({ min: 0, max: PORT_MAX }), {
    default: 0,
    help: "TCP port for the other nodes. 0 means the client port plus 10000.",
  }),
  cluster("announce-cluster-port", integer({ min: 0, max: PORT_MAX }), {
    default: 0,
    mutable: true,
    help:
      "Port for other nodes that this node tells them, when it differs from the one it listens " +
      "on. 0: the same.",
  }),
  cluster("cluster-seeds", nodeAddresses(), {
    default: [],
    mutable: true,
    help:
      "Nodes to ask for the others, as host:port or host:port@bus-port. Tried until they answer, " +
      "so that a cluster forms without CLUSTER MEET. All nodes may have the same list.",
  }),
  cluster("cluster-secret", secrets(), {
    default: [],
    secret: true,
    help:
      "Nodes prove to one another that they know this secret before anything else is said. To " +
      "change it, list two: both are accepted, the first is used.",
  }),
  cluster("cluster-protected-mode", yesNo(), {
    default: true,
    help:
      "While there is no cluster-secret, accept nodes of this machine only. Switch it off only " +
      "where nobody else can reach the bus port: whoever can, can read and delete all jobs.",
  }),
  cluster("cluster-repair-delay", integer({ min: 0, unit: "milliseconds" }), {
    default: 0,
    mutable: true,
    help:
      "A node that is merely absent is given this long to come back before its copies are made " +
      "again elsewhere. 0: a minute, or four times cluster-node-timeout if that is longer. One " +
      "that came back empty or left is replaced at once.",
  }),
  cluster("default-replicate-degrade", yesNo(), {
    default: false,
    mutable: true,
    help:
      "What ADDJOB without REPLICATE means while nodes are down. no: as many copies as ever, and " +
      "NOREPL when there are too few nodes. yes: as many as there are nodes, at most three.",
  }),
  cluster("cluster-zone", zone(), {
    default: "",
    mutable: true,
    help:
      "Where this node stands: a rack, a room, a provider's zone. Copies of a job go to different " +
      "zones while there are enough.",
  }),
] as const;
