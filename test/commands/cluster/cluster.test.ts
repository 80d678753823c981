/**
 * CLUSTER as a node on its own answers it.
 *
 * Clients read its texts column by column, so they are compared as a whole.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";

const USAGE = "-ERR Wrong CLUSTER subcommand or number of arguments";

test("a node knows its id and nobody else", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.equal(client.send("CLUSTER", "MYID"), `$${server.state.broker.nodeId}`);
  assert.equal(
    client.send("CLUSTER", "INFO"),
    "$cluster_state:ok\r\ncluster_known_nodes:1\r\ncluster_reachable_nodes:0\r\ncluster_size:1\r\n" +
      "cluster_stats_messages_sent:0\r\ncluster_stats_messages_received:0\r\n" +
      "cluster_jobs_registered:0\r\ncluster_jobs_kept:0\r\n" +
      "cluster_jobs_underreplicated:0\r\ncluster_jobs_handed_over:0\r\n" +
      "cluster_queues_owned:0\r\n",
  );
});

test("NODES has one line of six columns with the word myself", () => {
  const server = new FakeServer();
  const id = server.state.broker.nodeId;
  const client = server.connect({ localIp: "10.1.2.3", localPort: 7712 });
  const line = (flags: string) => `$${id} 10.1.2.3:7712 ${flags} 0 0 connected\n`;
  assert.equal(client.send("CLUSTER", "NODES"), line("myself"));
  client.send("CLUSTER", "LEAVING", "yes");
  assert.equal(client.send("CLUSTER", "NODES"), line("myself,leaving"));
});

test("LEAVING tells and changes the state, which is kept on disk", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.equal(client.send("CLUSTER", "LEAVING"), "+no");
  assert.equal(client.send("CLUSTER", "LEAVING", "YES"), "+OK");
  assert.equal(client.send("CLUSTER", "LEAVING"), "+yes");
  assert.equal(client.send("cluster", "leaving", "no"), "+OK");
  assert.equal(client.send("CLUSTER", "LEAVING"), "+no");
  const saves = server.host.calls.filter((call) => call === "save");
  assert.equal(saves.length, 2);
  server.host.saveError = "No space left on device";
  assert.match(String(client.send("CLUSTER", "LEAVING", "yes")), /^-ERR error saving/);
  assert.equal(client.send("CLUSTER", "LEAVING"), "+no");
  assert.equal(
    client.send("CLUSTER", "LEAVING", "maybe"),
    "-ERR Wrong argument for CLUSTER LEAVING. Use 'yes' or 'no'",
  );
});

test("LEAVING sends everybody away who waits for jobs", () => {
  const server = new FakeServer();
  const client = server.connect();
  const waiting = server.connect();
  waiting.raw("GETJOB TIMEOUT 1000 FROM a b\r\nPING\r\n");
  client.send("CLUSTER", "LEAVING", "yes");
  assert.deepEqual(waiting.readAll(), [
    "-LEAVING This node is leaving the cluster, please connect to a different one",
    "+PONG",
  ]);
  server.advance(2000);
  assert.deepEqual(waiting.readAll(), []);
  assert.equal(server.state.broker.waiting.count, 0);
});

test("who was given a job in the same turn still gets it when the node leaves", () => {
  const server = new FakeServer();
  const waiting = server.connect();
  waiting.send("GETJOB", "FROM", "q");
  server.connect().raw("ADDJOB q b 0\r\nCLUSTER LEAVING yes\r\n");
  const reply = waiting.read();
  assert.ok(Array.isArray(reply));
  assert.equal(reply.length, 1);
});

test("queues that were only waited for go away after their idle time", () => {
  const server = new FakeServer();
  const waiting = server.connect();
  waiting.send("GETJOB", "FROM", "q");
  waiting.send("CLUSTER", "MYID");
  server.connect().send("CLUSTER", "LEAVING", "yes");
  server.advance(301_000);
  assert.equal(server.state.broker.queues.registeredCount, 0);
});

test("MEET checks its arguments, and whether there is a bus to meet somebody over", () => {
  const client = new FakeServer().connect();
  const meet = (...args: string[]) => client.send("CLUSTER", "MEET", ...args);
  const noBus = "-ERR This node has no cluster bus, see cluster-port in the configuration";
  const badAddress = "-ERR Invalid node address specified: ";
  assert.equal(meet("1.2.3.4", "7711"), noBus);
  assert.equal(meet("::1", "55535"), noBus);
  assert.equal(meet("1.2.3.4", "65535", "1"), noBus);
  assert.equal(meet("nohost", "7711"), `${badAddress}nohost:7711`);
  assert.equal(meet("1.2.3.4", "x"), "-ERR Invalid TCP port specified: x");
  assert.equal(meet("1.2.3.4", "7711", "y"), "-ERR Invalid TCP port specified: y");
  for (const port of ["0", "-1", "60000", "65536"]) {
    assert.equal(meet("1.2.3.4", port), `${badAddress}1.2.3.4:${port}`);
  }
  assert.equal(meet("1.2.3.4", "7711", "0"), `${badAddress}1.2.3.4:0`);
  assert.equal(meet("1.2.3.4"), USAGE);
});

test("FORGET finds nobody to forget", () => {
  const server = new FakeServer();
  const client = server.connect();
  const forget = (id: string) => client.send("CLUSTER", "FORGET", id);
  const stranger = "0".repeat(40);
  assert.equal(forget("x"), "-ERR Invalid node identifier");
  assert.equal(forget(stranger), `-ERR Unknown node ${stranger}`);
  assert.equal(
    forget(server.state.broker.nodeId),
    "-ERR I tried hard but I can't forget myself...",
  );
});

test("RESET deletes everything, HARD makes a new identity, leaving stays", () => {
  const server = new FakeServer();
  const client = server.connect();
  const { broker } = server.state;
  const waiting = server.connect();
  waiting.send("GETJOB", "FROM", "other");
  client.send("ADDJOB", "q", "b", "0");
  client.send("CLUSTER", "LEAVING", "yes");
  const oldId = broker.nodeId;
  for (const word of [[], ["SOFT"]]) assert.equal(client.send("CLUSTER", "RESET", ...word), "+OK");
  assert.equal(broker.jobs.count, 0);
  assert.equal(broker.nodeId, oldId);
  assert.equal(client.send("CLUSTER", "RESET", "hard"), "+OK");
  assert.match(broker.nodeId, /^[0-9a-f]{40}$/);
  assert.notEqual(broker.nodeId, oldId);
  assert.ok(broker.isLeaving);
  assert.ok(server.host.calls.includes("identity"), "it is to be saved");
  assert.equal(client.send("CLUSTER", "RESET", "foo"), "-ERR syntax error");
});

test("after a hard reset new jobs carry the new prefix", () => {
  const server = new FakeServer();
  const client = server.connect();
  client.send("CLUSTER", "RESET", "HARD");
  const prefix = server.state.broker.nodeId.slice(0, 8);
  assert.ok(String(client.send("ADDJOB", "q", "b", "0")).startsWith(`+D-${prefix}-`));
});

test("SAVECONFIG writes the file or says why not", () => {
  const server = new FakeServer();
  const client = server.connect();
  assert.equal(client.send("CLUSTER", "SAVECONFIG"), "+OK");
  assert.deepEqual(server.host.calls, ["save"]);
  server.host.saveError = "No space left on device";
  assert.equal(
    client.send("CLUSTER", "SAVECONFIG"),
    "-ERR error saving the cluster node config: No space left on device",
  );
});

test("other forms are errors", () => {
  const client = new FakeServer().connect();
  const forms = ["FOO", "MYID x", "INFO x", "NODES x", "LEAVING a b", "RESET soft x", "FORGET"];
  for (const form of [...forms, "SAVECONFIG x", "MEET 1 2 3 4", "SLOTS"]) {
    assert.equal(client.send("CLUSTER", ...form.split(" ")), USAGE, form);
  }
});

test("who was met is shown as a handshake until it answers or its time is up", () => {
  const server = new FakeServer();
  const client = server.connect();
  server.state.cluster.hasBus = true;
  assert.equal(client.send("CLUSTER", "MEET", "10.0.0.9", "7711"), "+OK");
  assert.equal(client.send("CLUSTER", "MEET", "10.0.0.9", "7711"), "+OK", "again, it is the same");
  const nodes = String(client.send("CLUSTER", "NODES"));
  assert.match(nodes, /\n[0-9a-f]{40} 10\.0\.0\.9:7711 handshake 0 0 disconnected\n$/);
  assert.match(String(client.send("CLUSTER", "INFO")), /known_nodes:2\r\n.*\r\ncluster_size:1\r\n/);
  const hello = client.send("HELLO");
  assert.ok(Array.isArray(hello));
  assert.equal(hello.length, 3, "no invented ids for clients");
  server.advance(15_000);
  assert.match(String(client.send("CLUSTER", "INFO")), /known_nodes:1\r\n/);
});
