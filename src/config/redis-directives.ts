/**
 * Directives of Redis that mean nothing to a job broker.
 *
 * People start from the redis.conf they have. These names are accepted there and named in one
 * warning at start; CONFIG GET answers "" when asked for one by its full name, because client tools
 * ask (redis-benchmark for `save`). Directives that protect a Redis server (users, ACL files, modules,
 * tls-replication) are deliberately not in the list: whoever has them in a file must learn that ringq
 * does not act on them, so they are errors.
 */

const prefixed = (prefix: string, names: string): string[] =>
  words(names).map((name) => `${prefix}${name}`);
const words = (names: string): string[] => names.split(" ");

const IGNORED: ReadonlySet<string> = new Set([
  // snapshots
  ...words(
    "save dbfilename rdbcompression rdbchecksum stop-writes-on-bgsave-error sanitize-dump-payload",
  ),
  ...words("rdb-del-sync-files rdb-save-incremental-fsync rdb-key-save-delay aof-use-rdb-preamble"),
  ...words("aof-timestamp-enabled appenddirname"),
  // replication
  ...words("replicaof slaveof masterauth masteruser"),
  ...prefixed(
    "repl-",
    "diskless-sync diskless-sync-delay diskless-sync-period diskless-sync-max-replicas",
  ),
  ...prefixed(
    "repl-",
    "diskless-load ping-replica-period ping-slave-period timeout disable-tcp-nodelay",
  ),
  ...prefixed("repl-", "backlog-size backlog-ttl"),
  ...prefixed(
    "replica-",
    "serve-stale-data read-only priority announced announce-ip announce-port",
  ),
  ...prefixed("replica-", "ignore-maxmemory lazy-flush ignore-disk-write-errors"),
  ...prefixed("slave-", "serve-stale-data read-only priority announce-ip announce-port"),
  ...prefixed("slave-", "ignore-maxmemory lazy-flush"),
  ...words("min-slaves-to-write min-slaves-max-lag min-replicas-to-write min-replicas-max-lag"),
  // key space, data types, scripts
  ...prefixed("lazyfree-lazy-", "eviction expire server-del user-del user-flush"),
  ...prefixed("hash-max-", "ziplist-entries ziplist-value listpack-entries listpack-value"),
  ...prefixed("list-max-", "ziplist-entries ziplist-value ziplist-size listpack-size"),
  ...prefixed("set-max-", "intset-entries listpack-entries listpack-value"),
  ...prefixed("zset-max-", "ziplist-entries ziplist-value listpack-entries listpack-value"),
  ...words(
    "list-compress-depth hll-sparse-max-bytes stream-node-max-bytes stream-node-max-entries",
  ),
  ...words("notify-keyspace-events lua-time-limit busy-reply-threshold tracking-table-max-keys"),
  ...words("lfu-log-factor lfu-decay-time active-expire-effort maxmemory-eviction-tenacity"),
  // process
  ...prefixed("active-defrag-", "ignore-bytes threshold-lower threshold-upper cycle-min cycle-max"),
  ...words("active-defrag-max-scan-fields activedefrag jemalloc-bg-thread dynamic-hz"),
  ...words("io-threads io-threads-do-reads oom-score-adj oom-score-adj-values disable-thp"),
  ...words("always-show-logo set-proc-title proc-title-template locale-collate"),
  ...words("crash-log-enabled crash-memcheck-enabled acllog-max-len"),
  ...words("latency-tracking latency-tracking-info-percentiles"),
  // TLS: sessions are in tickets and not in a cache, and keys are exchanged by elliptic curves
  ...words("tls-session-cache-size tls-dh-params-file"),
  // Redis Cluster, which has slots and masters
  ...words("cluster-enabled cluster-require-full-coverage cluster-migration-barrier"),
  ...words("cluster-slave-validity-factor cluster-replica-validity-factor"),
  ...words("cluster-slave-no-failover cluster-replica-no-failover cluster-allow-reads-when-down"),
  ...words("cluster-link-sendbuf-limit"),
  ...words("cluster-allow-pubsubshard-when-down cluster-allow-replica-migration"),
]);

/** Whether `name` (lower case) is accepted without any effect. */
export function isIgnored(name: string): boolean {
  return IGNORED.has(name);
}
