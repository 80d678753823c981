/** All nodes of a cluster from one of them; those that are silent are part of the picture. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "../../src/client/cluster.ts";
import { parseClusterNodes } from "../../src/client/cluster-nodes.ts";
import { atEnd } from "../support/cleanup.ts";
import { eventually } from "../support/eventually.ts";
import { startScriptServer } from "../support/script-server.ts";

const id = (digit: string): string => digit.repeat(40);

/** The reply of CLUSTER NODES for `<id digit> <port> <flags>`. */
function nodes(
  ...rows: readonly (readonly [digit: string, port: number, flags: string])[]
): string {
  const lines = rows.map(
    ([digit, port, flags]) => `${id(digit)} 127.0.0.1:${port} ${flags} 0 0 connected\n`,
  );
  const text = lines.join("");
  return `$${text.length}\r\n${text}\r\n`;
}

test("it connects to every member, and tells why it cannot", async (t) => {
  const gone = await startScriptServer(t, () => undefined);
  await gone.stop();
  const other = await startScriptServer(t, () => "+OK\r\n");
  const seed = await startScriptServer(t, () =>
    nodes(
      ["a", 1, "myself"],
      ["b", other.port, "noflags"],
      ["c", gone.port, "fail"],
      ["d", 5, "handshake"],
    ),
  );
  const cluster = await Cluster.open({
    address: { kind: "tcp", host: "127.0.0.1", port: seed.port },
    connectTimeoutMs: 5000,
  });
  atEnd(t, () => cluster.close());
  const seen = cluster.members.map(({ node, connection }) => [node.id, connection?.isOpen]);
  assert.deepEqual(seen, [
    [id("a"), true],
    [id("b"), true],
    [id("c"), undefined],
  ]);
  assert.match(cluster.members[2]?.problem ?? "", /Connection refused/);
  other.cut();
  await cluster.refresh();
  assert.equal(cluster.connections.length, 2, "a lost connection is opened again");
  await seed.stop();
  await other.stop();
  await assert.rejects(cluster.refresh(), /127\.0\.0\.1/);
});

test("a node that stops answering costs one look its wait, and is used again when it answers", async (t) => {
  let nowMs = 0;
  const clock = t.mock.method(performance, "now", () => nowMs);
  let isFrozen = false;
  const other = await startScriptServer(t, () => (isFrozen ? undefined : "+PONG\r\n"));
  const seed = await startScriptServer(t, () =>
    nodes(["a", 1, "myself"], ["b", other.port, "fail"]),
  );
  const cluster = await Cluster.open({
    address: { kind: "tcp", host: "127.0.0.1", port: seed.port },
    connectTimeoutMs: 5000,
    replyTimeoutMs: 250,
  });
  atEnd(t, () => cluster.close());
  isFrozen = true;
  await assert.rejects(cluster.members[1]?.connection?.call("PING") ?? Promise.resolve());
  await cluster.refresh();
  assert.match(cluster.members[1]?.problem ?? "", /no reply within 0\.25 s/);
  assert.equal(cluster.connections.length, 1);
  const asked = other.seen.length;
  isFrozen = false;
  nowMs += 5000;
  await cluster.refresh();
  assert.equal(cluster.connections.length, 1, "nobody waits for the attempt");
  clock.mock.restore();
  await eventually(
    async () => {
      await cluster.refresh();
      return cluster.connections.length === 2;
    },
    { what: "it is used again" },
  );
  assert.equal(other.seen.length, asked + 1);
});

test("a look that is under way when it is closed leaves no connection behind", async (t) => {
  let looks = 0;
  const seed = await startScriptServer(t, () => {
    if (++looks === 2) cluster.close();
    return looks === 2 ? undefined : nodes(["a", 1, "myself"]);
  });
  const cluster = await Cluster.open({
    address: { kind: "tcp", host: "127.0.0.1", port: seed.port },
    connectTimeoutMs: 5000,
  });
  await cluster.refresh();
  assert.equal(looks, 3, "the lost connection was replaced");
  assert.deepEqual(cluster.connections, []);
});

test("a node of unknown address, and one of IPv6, are read", () => {
  const text = `${id("a")} :0 noaddr 0 0 disconnected\n${id("b")} ::1:7711 fail?,leaving 0 0 connected\nnonsense\n`;
  const [first, second, ...rest] = parseClusterNodes(Buffer.from(text));
  assert.deepEqual([first?.host, first?.isLinked], ["", false]);
  assert.deepEqual(
    [second?.host, second?.port, second?.flags],
    ["::1", 7711, ["fail?", "leaving"]],
  );
  assert.deepEqual(rest, []);
});
