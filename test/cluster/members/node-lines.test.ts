/** CLUSTER NODES, CLUSTER INFO and HELLO as clients read them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clusterInfoText,
  clusterNodesText,
  helloRows,
} from "../../../src/cluster/members/node-lines.ts";
import { TestNetwork } from "./support/network.ts";
import { idOf } from "./support/process.ts";

const own = { ip: "192.168.0.1", port: 7711 };

test("a node alone shows itself", () => {
  const { membership } = new TestNetwork(1).node(1);
  assert.equal(
    clusterNodesText(membership, own),
    `${idOf(1)} 192.168.0.1:7711 myself 0 0 connected\n`,
  );
  membership.setLeaving(true);
  assert.match(clusterNodesText(membership, own), / myself,leaving 0 0 connected\n$/);
  assert.deepEqual(helloRows(membership, own), [{ nodeId: idOf(1), ...own, priority: 100 }]);
});

test("CLUSTER NODES shows members with their times and strangers with invented ids", () => {
  const network = new TestNetwork(3).join();
  const { membership } = network.node(1);
  network.node(2).membership.setLeaving(true);
  network.run(100);
  network.node(3).stop();
  network.run(4000);
  membership.meet({ host: "10.0.0.9", port: 7712, busPort: 17_712 });
  const lines = clusterNodesText(membership, own).split("\n");
  const row = (number: number): string =>
    lines.find((line) => line.startsWith(`${number}0`)) ?? "missing";
  assert.equal(row(2).split(" ")[0], idOf(2));
  assert.match(row(2), / 10\.0\.0\.2:7711 leaving \d+ 10\d{5} connected$/);
  assert.match(row(3), / 10\.0\.0\.3:7711 fail 10\d{5} 10\d{5} disconnected$/);
  assert.match(lines.at(-2) ?? "", /^[0-9a-f]{40} 10\.0\.0\.9:7712 handshake 0 0 disconnected$/);
  assert.equal(lines.at(-1), "");
});

test("CLUSTER INFO counts everybody, the living, and strangers", () => {
  const network = new TestNetwork(3).join();
  network.node(3).stop();
  network.run(4000);
  const { membership } = network.node(1);
  membership.meet({ host: "10.0.0.9", port: 7712, busPort: 17_712 });
  assert.equal(
    clusterInfoText(membership, 12, 34, [["jobs_kept", 5]]),
    "cluster_state:ok\r\ncluster_known_nodes:4\r\ncluster_reachable_nodes:1\r\ncluster_size:3\r\n" +
      "cluster_stats_messages_sent:12\r\ncluster_stats_messages_received:34\r\ncluster_jobs_kept:5\r\n",
  );
});

test("HELLO rates nodes by what can be expected of them, and hides strangers", () => {
  const network = new TestNetwork(2).join();
  const { membership } = network.node(1);
  membership.meet({ host: "10.0.0.9", port: 7712, busPort: 17_712 });
  const priorities = (): number[] => helloRows(membership, own).map(({ priority }) => priority);
  assert.deepEqual(priorities(), [1, 1]);
  network.node(2).stop();
  network.run(100);
  assert.deepEqual(priorities(), [1, 5]);
  network.run(4000);
  assert.deepEqual(priorities(), [1, 10]);
});
