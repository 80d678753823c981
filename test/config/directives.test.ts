/**
 * Properties that every row of the table of directives has, and the order of CONFIG GET.
 *
 * The rows' own facts are tested through loading (load.test.ts) and CONFIG (config.test.ts).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GROUPS } from "../../src/config/directive.ts";
import { directives, findDirective, inGetOrder, statements } from "../../src/config/directives.ts";
import { isIgnored } from "../../src/config/redis-directives.ts";
import { splitArgs } from "../../src/protocol/split-args.ts";

test("every default parses back from its own print and from its own written form", () => {
  for (const { name, kind, default: value } of directives) {
    assert.deepEqual(kind.parse([kind.print(value)], value), { value }, name);
    const written = splitArgs(kind.write(value)) ?? [];
    assert.ok(written.length >= kind.minArgs && written.length <= kind.maxArgs, name);
    assert.deepEqual(kind.parse(written, value), { value }, name);
  }
});

test("no default is refused", () => {
  for (const row of directives) assert.equal(row.refuse(row.default), undefined, row.name);
});

test("names are unique, lower case, and neither statements nor names without effect", () => {
  const names = directives.map((row) => row.name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) {
    assert.match(name, /^[a-z][a-z0-9-]*$/);
    assert.equal(isIgnored(name), false, name);
  }
  for (const { name } of statements) assert.equal(findDirective(name), undefined);
});

test("every help is prose of one to three sentences", () => {
  for (const { name, help } of directives) {
    assert.match(help, /^[A-Za-z].*\.$/, name);
    assert.ok(help.length <= 300, name);
  }
});

test("every group has rows and the rows stand together", () => {
  const inTableOrder = directives.map((row) => row.group);
  const runs = inTableOrder.filter((group, at) => group !== inTableOrder[at - 1]);
  assert.deepEqual(runs, [...GROUPS]);
});

test("CONFIG GET has the reference's parameters in the reference's order first", () => {
  const reference = [
    ...["requirepass", "unixsocket", "logfile", "pidfile", "maxmemory", "maxmemory-samples"],
    ...["timeout", "auto-aof-rewrite-percentage", "auto-aof-rewrite-min-size"],
    ...["slowlog-log-slower-than", "latency-monitor-threshold", "slowlog-max-len", "port"],
    ...["tcp-backlog", "databases", "maxclients", "watchdog-period", "hz", "cluster-node-timeout"],
    ...["tcp-keepalive", "no-appendfsync-on-rewrite", "daemonize", "activerehashing"],
    ...["aof-rewrite-incremental-fsync", "aof-load-truncated", "aof-enqueue-jobs-once"],
    ...["maxmemory-policy", "loglevel", "appendfsync", "syslog-facility", "appendonly", "dir"],
    ...["client-output-buffer-limit", "unixsocketperm", "bind"],
  ];
  const names = inGetOrder.map((row) => row.name);
  assert.deepEqual(names.slice(0, reference.length), reference);
  assert.equal(names.length, directives.length);
});

test("no directive of ringq's own appears among maxmem* and aof-*", () => {
  const own = inGetOrder.filter((row) => row.position === undefined).map((row) => row.name);
  assert.deepEqual(
    own.filter((name) => /^(?:maxmem|aof-)/.test(name)),
    [],
  );
});

test("directives that protect a Redis server are not ignored", () => {
  for (const name of ["user", "aclfile", "tls-port", "loadmodule", "repl-nonsense", ""]) {
    assert.equal(isIgnored(name), false, name);
  }
  for (const name of [
    "save",
    "cluster-enabled",
    "repl-timeout",
    "slave-read-only",
    "rdbchecksum",
  ]) {
    assert.equal(isIgnored(name), true, name);
  }
});
