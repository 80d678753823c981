/**
 * Every error a client can get, with its text.
 *
 * Clients decide by the first word and people read the rest, so words and texts are part of the
 * interface: they are the reference's to the letter (reference commands, sections 1, 2 and 6), and
 * our own where it has none. Texts with a place for something the client sent are functions.
 */

/** Errors with a fixed text. */
export const errors = {
  syntax: "ERR syntax error",
  notAnInteger: "ERR value is not an integer or out of range",
  timeoutNotAnInteger: "ERR timeout is not an integer or out of range",
  timeoutNegative: "ERR timeout is negative",
  badId: "BADID Invalid Job ID format.",
  noAuth: "NOAUTH Authentication required.",
  outOfMemory: "OOM command not allowed when used memory > 'maxmemory'.",
  loading: "LOADING Disque is loading the dataset in memory",
  rewriteUnderWay: "ERR Background append only file rewriting already in progress",
  shutdownFailed: "ERR Errors trying to SHUTDOWN. Check logs.",
  leaving: "LEAVING This node is leaving the cluster, please connect to a different one",
  invalidCursor: "ERR invalid cursor or option name",

  replicateRange: "ERR REPLICATE must be between 1 and 65535",
  ttlRange: "ERR TTL must be a number > 0",
  retryRange: "ERR RETRY time must be a non negative number",
  delayRange: "ERR DELAY time must be a non negative number",
  maxlenRange: "ERR MAXLEN must be a positive number",
  // Two blanks: clients compare the text as the reference spells it (F37).
  retryZeroReplicated:
    "ERR With RETRY set to 0 please explicitly set  REPLICATE to 1 (at-most-once delivery)",
  delayBeyondTtl:
    "ERR The specified DELAY is greater than TTL. Job refused since would never be delivered",
  noReplicas: "NOREPL Not enough reachable nodes for the requested replication level",
  noReplicasLeaving:
    "NOREPL Not enough reachable nodes for the requested replication level, since I'm unable to " +
    "hold a copy of the message for the following reason: I'm leaving the cluster",
  replicationTimeout: "NOREPL Timeout reached before replicating to the requested number of nodes",
  replicationGone:
    "NOREPL job removed (expired?) before the requested replication level was achieved",
  queueTooLong: "MAXLEN Queue is already longer than the specified MAXLEN count",
  queuePaused: "PAUSED Queue paused in input, try later",
  jobTooLarge: "ERR Job body is larger than max-job-size",
  queueNameTooLong: "ERR Queue name is longer than max-queue-name",

  tooManyQueues: "ERR too many queue names",
  notAnswered: "ERR the connection ends before the other nodes have answered",
  tooManyQuestions: "ERR too many questions to all nodes are open, try again later",
  tooManyPauses: "ERR too many queues are paused on all nodes",

  countNotPositive: "ERR COUNT must be a number greater than zero",

  noJob: "NOJOB Job not known in the context of this node.",
  tooLate:
    "TOOLATE Half of job TTL already elapsed, you are no longer allowed to postpone the next " +
    "delivery.",
  acked: "ACKED Job already acknowledged.",
  badJobState: "ERR Invalid job state name",
  badReplyType: "ERR Invalid REPLY type, try ID or ALL",

  noPasswordSet: "ERR Client sent AUTH, but no password is set",
  badPassword: "ERR invalid password",
  wrongLogin: "WRONGPASS invalid username-password pair or user is disabled.",
  protocolNotAnInteger: "ERR Protocol version is not an integer or out of range",
  protocolUnsupported: "NOPROTO unsupported protocol version",
  databaseRange: "ERR DB index is out of range",
  clientUsage:
    "ERR Syntax error, try CLIENT (LIST | KILL ip:port | GETNAME | SETNAME connection-name)",
  clientName: "ERR Client names cannot contain spaces, newlines or special characters.",
  clientNameTooLong: "ERR Client names cannot be longer than 1024 bytes",
  noSuchClient: "ERR No such client",

  commandUsage: "ERR Unknown subcommand or wrong number of arguments.",
  getkeysUnknown: "ERR Invalid command specified",
  getkeysArity: "ERR Invalid number of arguments specified for command",
  getkeysNone: "ERR The command has no key arguments",
  configUsage: "ERR CONFIG subcommand must be one of GET, SET, RESETSTAT, REWRITE",
  noConfigFile: "ERR The server is running without a config file",
  slowlogUsage: "ERR Unknown SLOWLOG subcommand or wrong # of args. Try GET, RESET, LEN.",
  loadjobFromClient: "ERR LOADJOB is a special command only processed from AOF",
  debugDenied: "ERR DEBUG command not allowed, see enable-debug-command in the configuration",
  debugRestart: "ERR failed to restart the server. Check server logs.",
  debugLoadaof: "ERR the log is only loaded at the start: restart the server to load it",

  clusterUsage: "ERR Wrong CLUSTER subcommand or number of arguments",
  clusterNoBus: "ERR This node has no cluster bus, see cluster-port in the configuration",
  clusterBadNodeId: "ERR Invalid node identifier",
  clusterForgetSelf: "ERR I tried hard but I can't forget myself...",
  clusterLeavingUsage: "ERR Wrong argument for CLUSTER LEAVING. Use 'yes' or 'no'",
} as const;

/** Errors that echo what the client sent. */
export const errorAbout = {
  unknownCommand: (name: string) => `ERR unknown command '${name}'`,
  logBroken: (reason: string) => `MISCONF Errors writing to the AOF file: ${reason}`,
  arity: (command: string) => `ERR wrong number of arguments for '${command}' command`,
  helloOption: (word: string) => `ERR Syntax error in HELLO option '${word}'`,
  clientType: (type: string) => `ERR Unknown client type '${type}'`,
  clientInfoOption: (word: string) => `ERR Unrecognized option '${word}'`,
  clientInfoValue: (attribute: string) =>
    `ERR ${attribute} cannot contain spaces, newlines or special characters.`,
  configArity: (subcommand: string) => `ERR Wrong number of arguments for CONFIG ${subcommand}`,
  configSet: (reason: string) => `ERR ${reason}`,
  configRewrite: (reason: string) => `ERR Rewriting config file: ${reason}`,
  noSamples: (event: string) => `ERR No samples available for event '${event}'`,
  debug: (subcommand: string) =>
    `ERR Unknown DEBUG subcommand or wrong number of arguments for '${subcommand}'`,
  debugCheck: (reason: string) => `ERR ${reason}`,
  clusterPort: (port: string) => `ERR Invalid TCP port specified: ${port}`,
  clusterAddress: (ip: string, port: string) => `ERR Invalid node address specified: ${ip}:${port}`,
  clusterUnknownNode: (id: string) => `ERR Unknown node ${id}`,
  clusterSave: (reason: string) => `ERR error saving the cluster node config: ${reason}`,
} as const;
