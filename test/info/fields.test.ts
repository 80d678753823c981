/**
 * The table of figures: names, order, metrics, and what each one says of a node.
 *
 * The reference's names are spelled out here: programs look for them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { infoSource } from "../../src/commands/server/info.ts";
import { INFO_SECTIONS } from "../../src/info/field.ts";
import { infoFields } from "../../src/info/fields.ts";
import { BusStatistics } from "../../src/io/bus/bus-statistics.ts";
import { FakeServer } from "../support/fake-server.ts";

/** The reference's fields, which must come first in each section and in this order. */
const REFERENCE: Readonly<Record<string, string>> = {
  Server:
    "disque_version disque_git_sha1 disque_git_dirty disque_build_id os arch_bits " +
    "multiplexing_api gcc_version process_id run_id tcp_port uptime_in_seconds uptime_in_days hz " +
    "executable config_file",
  Clients: "connected_clients client_longest_output_list client_biggest_input_buf blocked_clients",
  Memory:
    "used_memory used_memory_human used_memory_rss used_memory_peak used_memory_peak_human " +
    "mem_fragmentation_ratio mem_allocator",
  Jobs: "registered_jobs",
  Queues: "registered_queues",
  Persistence:
    "loading aof_enabled aof_state aof_rewrite_in_progress aof_rewrite_scheduled " +
    "aof_last_rewrite_time_sec aof_current_rewrite_time_sec aof_last_bgrewrite_status " +
    "aof_last_write_status",
  Stats:
    "total_connections_received total_commands_processed instantaneous_ops_per_sec " +
    "total_net_input_bytes total_net_output_bytes instantaneous_input_kbps " +
    "instantaneous_output_kbps rejected_connections latest_fork_usec",
  CPU: "used_cpu_sys used_cpu_user used_cpu_sys_children used_cpu_user_children",
};

/** What every figure says of a server. */
function figures(server: FakeServer): Map<string, string | number> {
  const source = infoSource(server.state);
  return new Map(infoFields.map((field) => [field.name, field.read(source)]));
}

test("the reference's fields come first in every section, in its order", () => {
  for (const section of INFO_SECTIONS) {
    const names = infoFields.filter((field) => field.section === section).map(({ name }) => name);
    const wanted = REFERENCE[section]?.split(" ") ?? [];
    assert.deepEqual(names.slice(0, wanted.length), wanted);
  }
});

test("names are unique and plain, and every row explains itself", () => {
  const names = infoFields.map((field) => field.name);
  assert.equal(new Set(names).size, names.length);
  for (const field of infoFields) {
    assert.match(field.name, /^[a-z][a-z0-9_]*$/);
    assert.match(field.help, /^[A-Z0-9].*\.$/, field.name);
  }
});

test("metrics have a prefix of their own, and only counters end with _total", () => {
  const metrics = infoFields.filter((field) => field.metric !== undefined);
  assert.equal(new Set(metrics.map((field) => field.metric)).size, metrics.length);
  for (const { metric, kind } of metrics) {
    assert.match(metric ?? "", /^ringq_[a-z_]+$/);
    assert.equal(metric?.endsWith("_total"), kind === "counter", metric);
  }
});

test("numbers are numbers on an empty node", () => {
  const source = infoSource(new FakeServer().state);
  for (const field of infoFields) {
    const value = field.read(source);
    if (field.kind !== "text") assert.ok(Number.isFinite(value), field.name);
    else assert.ok(typeof value === "string" || Number.isFinite(value), field.name);
  }
});

test("the last field of plain INFO is one that may get lost", () => {
  assert.equal(infoFields.at(-1)?.name, "used_cpu_total");
});

test("jobs are counted by state and by what happened to them", () => {
  const server = new FakeServer();
  const client = server.connect();
  for (const name of ["a", "b", "c", "d"]) client.send("ADDJOB", "q", name, "0", "RETRY", "10");
  client.send("ADDJOB", "q", "late", "0", "DELAY", "5", "TTL", "60");
  client.raw("GETJOB COUNT 3 FROM q\r\n");
  server.advance(10_500);
  client.raw("GETJOB FROM q\r\n");
  const found = figures(server);
  const wanted = {
    registered_jobs: 5,
    jobs_queued: 4,
    jobs_active: 1,
    total_jobs_added: 5,
    total_jobs_delivered: 4,
    total_jobs_redelivered: 1,
    total_jobs_requeued: 3,
    registered_queues: 1,
  };
  for (const [name, value] of Object.entries(wanted)) assert.equal(found.get(name), value, name);
});

test("memory is shown in parts and in relation to its limit", () => {
  const server = new FakeServer({ settings: { maxmemory: 200_000 } });
  const client = server.connect();
  assert.equal(figures(server).get("memory_level"), 0);
  assert.equal(figures(server).get("arena_fill_ratio"), 1);
  client.send("ADDJOB", "q", "x".repeat(150_000), "0");
  const found = figures(server);
  assert.equal(found.get("memory_level"), 3);
  assert.equal(found.get("used_memory_bodies"), 150_000);
  assert.equal(found.get("maxmemory_human"), "195.31K");
  const fill = Number(found.get("arena_fill_ratio"));
  assert.ok(fill > 0 && fill < 1);
});

test("the log is off and never trouble", () => {
  const found = figures(new FakeServer());
  assert.equal(found.get("loading"), 0);
  assert.equal(found.get("aof_state"), "off");
  assert.equal(found.get("aof_last_write_status"), "ok");
});

test("the section Cluster counts the other nodes", () => {
  const server = new FakeServer();
  const alone = figures(server);
  assert.equal(alone.get("cluster_size"), 1);
  assert.equal(alone.get("cluster_connected_nodes"), 0);
  assert.equal(alone.get("cluster_incarnation"), 1);
  server.state.cluster.membership.meet({ host: "10.0.0.9", port: 7711, busPort: 17_711 });
  for (let i = 0; i < 3; i++) server.state.cluster.messagesSent.add("heard");
  const introduced = figures(server);
  assert.equal(introduced.get("cluster_known_nodes"), 2);
  assert.equal(introduced.get("cluster_size"), 1);
  assert.equal(introduced.get("cluster_messages_sent"), 3);
  assert.equal(introduced.get("bus_heard_sent"), 3);
});

test("the section Bus counts bytes of messages by type", () => {
  const server = new FakeServer();
  assert.equal(figures(server).get("bus_store_sent_bytes"), 0);
  const bytes = new BusStatistics();
  bytes.sent("store", 200);
  bytes.sent("store", 100);
  bytes.received("stored", 9);
  server.state.cluster.bytes = bytes;
  const found = figures(server);
  assert.equal(found.get("bus_store_sent_bytes"), 300);
  assert.equal(found.get("bus_store_received_bytes"), 0);
  assert.equal(found.get("bus_stored_received_bytes"), 9);
});

test("what is remembered for other nodes is shown as a part of the memory", () => {
  const server = new FakeServer();
  const { broker } = server.state;
  assert.equal(figures(server).get("used_memory_cluster"), 0);
  const before = broker.usedBytes;
  broker.otherBytes += 5000;
  assert.equal(figures(server).get("used_memory_cluster"), 5000);
  assert.equal(broker.usedBytes, before + 5000);
});
