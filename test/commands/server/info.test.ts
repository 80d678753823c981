/**
 * INFO: the command.
 *
 * What each figure means is tested with the table of figures.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeClient } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";

/** Fields of one section by name. */
function fields(client: FakeClient, section: string): Map<string, string> {
  const lines = String(client.send("INFO", section)).split("\r\n").slice(1, -1);
  return new Map(lines.map((line) => [line.split(":")[0] ?? "", line.replace(/^[^:]*:/, "")]));
}

test("plain INFO has all sections but Commandstats, separated by empty lines", () => {
  const client = new FakeServer().connect();
  const text = String(client.send("INFO"));
  assert.deepEqual(
    text.match(/^(?:\$|\r\n)?# \w+/gm)?.map((line) => line.trim()),
    [
      "$# Server",
      ..."Clients Memory Jobs Queues Persistence Stats CPU".split(" ").map((name) => `# ${name}`),
    ],
  );
  assert.ok(text.includes("\r\n\r\n# Clients\r\n"));
  assert.ok(text.endsWith("\r\n") && !text.endsWith("\r\n\r\n"));
  assert.equal(String(client.send("INFO", "DEFAULT")).length > 1000, true);
});

test("all adds the commands that ran, in the order of the table", () => {
  const client = new FakeServer().connect();
  client.raw("QLEN q\r\nPING\r\nECHO x\r\nPING\r\nNOSUCH\r\nADDJOB\r\n");
  const text = String(client.send("INFO", "all"));
  const stats = text.slice(text.indexOf("# Commandstats"));
  assert.match(
    stats,
    /^# Commandstats\r\n(?:cmdstat_[a-z]+:calls=\d+,usec=\d+,usec_per_call=\d+\.\d\d\r\n)+$/,
  );
  const calls = [...stats.matchAll(/cmdstat_([a-z]+):calls=(\d+)/g)].map((m) => `${m[1]} ${m[2]}`);
  assert.deepEqual(calls, ["ping 2", "qlen 1", "echo 1"]);
});

test("a section is found in any case, an unknown one is empty, two are an error", () => {
  const client = new FakeServer().connect();
  assert.match(String(client.send("INFO", "jObS")), /^\$# Jobs\r\nregistered_jobs:0\r\n/);
  assert.equal(client.send("INFO", "nosuch"), "$");
  assert.equal(client.send("INFO", ""), "$");
  assert.equal(client.send("INFO", "jobs", "queues"), "-ERR syntax error");
});

test("no value contains what programs split at, whatever the paths are called", () => {
  const server = new FakeServer({ configFile: "/etc/a#b\r\nc/\u00e9.conf" });
  const text = String(server.connect().send("INFO", "server"));
  assert.equal(text.split("#").length, 2);
  assert.ok(text.includes("\r\nconfig_file:/etc/a?b??c/\xc3\xa9.conf\r\n"), text);
});

test("clients are counted by what they do", () => {
  const server = new FakeServer();
  const client = server.connect();
  server.connect().raw("GETJOB FROM q\r\nPING 123456\r\n");
  server.connect().send("MONITOR");
  const stuck = server.connect();
  stuck.isStuck = true;
  stuck.raw("ECHO 1234567890\r\n");
  const found = fields(client, "clients");
  assert.equal(found.get("connected_clients"), "4");
  assert.equal(found.get("blocked_clients"), "1");
  assert.equal(found.get("monitor_clients"), "1");
  assert.equal(found.get("client_biggest_input_buf"), "13");
  assert.equal(found.get("client_longest_output_list"), "1");
  assert.equal(found.get("client_biggest_output_buf"), "17");
});

test("the peak of memory stays when the jobs are gone", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("ADDJOB", "q", "x".repeat(100_000), "0");
  const before = fields(client, "memory");
  client.send("DEBUG", "FLUSHALL");
  const after = fields(client, "memory");
  assert.ok(Number(after.get("used_memory")) < Number(before.get("used_memory")));
  assert.equal(after.get("used_memory_peak"), before.get("used_memory"));
});

test("rates are of the last second and a half, also when nothing has happened since", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("INFO", "stats");
  for (let i = 0; i < 20; i++) {
    client.raw("PING\r\n".repeat(10));
    server.advance(100);
    fields(client, "stats");
  }
  assert.equal(fields(client, "stats").get("instantaneous_ops_per_sec"), "110");
  server.advance(10_000);
  assert.equal(fields(client, "stats").get("instantaneous_ops_per_sec"), "0");
});

test("the time since the start is never negative", () => {
  const server = new FakeServer();
  const client = server.connect();
  server.advance(90_000_000);
  assert.equal(fields(client, "server").get("uptime_in_seconds"), "90000");
  assert.equal(fields(client, "server").get("uptime_in_days"), "1");
  server.host.wallMs = 0;
  assert.equal(fields(client, "server").get("uptime_in_seconds"), "0");
});

test("the section about other nodes is shown to those who ask for it, or for everything", () => {
  const client = new FakeServer().connect();
  assert.match(String(client.send("INFO", "cluster")), /^\$# Cluster\r\ncluster_known_nodes:1\r\n/);
  assert.match(String(client.send("INFO", "everything")), /\r\n# Cluster\r\n.*# Commandstats/s);
  for (const others of ["all", "default"]) {
    assert.doesNotMatch(String(client.send("INFO", others)), /# Cluster/);
  }
});
