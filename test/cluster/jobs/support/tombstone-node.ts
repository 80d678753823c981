/**
 * A node of a tombstone cluster: a broker and a collector, and nothing of what else looks after jobs.
 *
 * It says what it has to say to whoever the test puts behind it, and writes down its warnings.
 */
import type { JobMessage } from "../../../../src/cluster/job-messages.ts";
import { Collector } from "../../../../src/cluster/jobs/acks/collector.ts";
import type { JobsMachines, JobsWorld } from "../../../../src/cluster/jobs/jobs-world.ts";
import { Broker } from "../../../../src/core/broker.ts";
import { Xorshift } from "../../../../src/util/xorshift.ts";
import { FabricView } from "./fabric-view.ts";

/** One way over a link. */
export const DELAY_MS = 2;

/** What is around a node. */
export interface TombstoneNetwork {
  readonly count: number;
  readonly nowMs: number;
  send(from: number, to: number, message: JobMessage): void;
}

/** What nobody in these tests asks of other machines. */
const noMachines: JobsMachines = new Proxy({} as JobsMachines, {
  get: (_, name) => {
    if (name === "givenTo") return () => -1;
    if (name === "unreported") return () => [];
    if (name === "headedFor") return () => -1;
    if (name === "unconfirmed") return () => [];
    if (name === "noteOver" || name === "buried") return () => {};
    throw new Error(`unexpected: ${String(name)}`);
  },
});

/** One process of a node. */
export class TombstoneNode {
  readonly broker: Broker;
  readonly collector: Collector;
  readonly view: FabricView;
  readonly warnings: string[] = [];

  constructor(cluster: TombstoneNetwork, number: number, gone: ReadonlySet<number>) {
    const random = new Xorshift(number + 1);
    const host = {
      get nowMs() {
        return cluster.nowMs;
      },
      get wallMs() {
        return cluster.nowMs;
      },
      randomWord: () => random.word(),
    };
    this.view = new FabricView(number, cluster.count, new Set(), gone);
    const { view, warnings } = this;
    const nodeId = `${number}`.repeat(40);
    this.broker = new Broker(host, { nodeId, maxMemoryBytes: 0 });
    const world: JobsWorld = {
      host,
      broker: this.broker,
      nodes: view.nodes,
      placement: view.placement,
      lookup: view.lookup,
      tell: (node, message) => cluster.send(number, view.numberOf(node), message),
      roundTripMs: () => 2 * DELAY_MS,
      setSlow: () => {},
      isSlow: () => false,
      untoldChanged: () => {},
      isCongested: () => false,
      heardAtMs: () => cluster.nowMs,
      nodeTimeoutMs: 5000,
      repairDelayMs: 60_000,
      log: (level, message) => {
        if (level === "warning") warnings.push(message);
      },
    };
    view.refresh();
    this.collector = new Collector(world, noMachines);
  }
}
