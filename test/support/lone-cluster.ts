/**
 * The cluster of a node that nobody can speak to: dials fail by never ending, messages get lost.
 *
 * For tests of everything that has a cluster and does not care about it. Hashes are the real ones.
 */
import { Cluster } from "../../src/cluster/cluster.ts";
import type { Broker } from "../../src/core/broker.ts";
import type { FakeHost } from "./fake-host.ts";
import { xxh64 } from "./xxh64.ts";

const NODE_TIMEOUT_MS = 15_000;

/** A cluster of one. */
export function loneCluster(host: FakeHost, broker: Broker): Cluster {
  const links = {
    dial: () => undefined,
    hangUp: () => undefined,
    send: () => undefined,
    sendToPeer: () => false,
    isCongested: () => false,
  };
  return new Cluster({
    host,
    broker,
    links,
    xxh64,
    settings: { repairDelayMs: 0, degradesDefault: false },
    start: {
      profile: { host: "", port: 7711, busPort: 17_711, zone: "" },
      nodeTimeoutMs: NODE_TIMEOUT_MS,
      saved: {
        nodeId: broker.nodeId,
        incarnation: 0,
        memoryIncarnation: 0,
        isLeaving: false,
        members: [],
      },
    },
    events: {
      snapshotChanged: () => host.identityChanged(),
      identityChanged: () => undefined,
      log: (level, message) => host.log(level, message),
    },
  });
}
