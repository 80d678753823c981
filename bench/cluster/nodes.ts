/**
 * Clusters of ringq nodes on this machine, as servers to measure: one node is one as well.
 *
 * Nodes share the cores with one another and with the load, whatever their number, so that a cluster
 * and a single node are measured alike. Loads go to the first node unless they say otherwise.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../../src/client/load/connection.ts";
import { request } from "../../src/client/load/dialect.ts";
import { type Contender, RunningServer } from "../compare/contender.ts";
import { figureOf, until } from "../compare/figures.ts";
import { type Build, type RingqProcess, startRingq } from "../compare/ringq.ts";

/** Copies are audited a second after another node has forgotten its jobs (keepers/audit.ts). */
const AUDITED_AFTER_MS = 1500;

/** A cluster that runs. */
export class RunningCluster extends RunningServer {
  readonly #nodes: readonly RingqProcess[];

  /** Nodes that know one another. */
  constructor(nodes: readonly RingqProcess[]) {
    // All at once: a node that is left alone has nobody to hand its jobs to.
    super("disque", nodes, async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    });
    this.#nodes = nodes;
  }

  /**
   * Forgets all jobs. Nodes that know one another would not: whoever is flushed later has taken over by
   * then what the others had forgotten, and gives them copies. So they part first. A second later each
   * holds up the copies it has to their keepers, which must not be those of the next round.
   */
  override async flush(): Promise<void> {
    if ((await this.sum("registered_jobs")) === 0) return;
    for (const { port } of this.#nodes) await this.ask(request("CLUSTER", "RESET", "SOFT"), port);
    await introduce(this.#nodes);
    await until("all nodes are empty", async () => (await this.sum("registered_jobs")) === 0);
    if (this.#nodes.length > 1) await sleep(AUDITED_AFTER_MS);
  }

  /** A figure of INFO, of one node. */
  figure(node: number, name: string): Promise<number> {
    return figureOf(this.processes[node]?.port ?? 0, name);
  }

  /** A figure of INFO, all nodes together. */
  async sum(name: string): Promise<number> {
    const figures = await Promise.all(this.processes.map((_, node) => this.figure(node, name)));
    return figures.reduce((total, figure) => total + figure, 0);
  }
}

/** A kind of server: so many nodes of that build. */
export function clusterOf(count: number, name: string, build: Build): Contender {
  return {
    name,
    async start(label) {
      const suffix = name.replaceAll(" ", "-");
      const nodes = await Promise.all(
        Array.from({ length: count }, (_, node) =>
          startRingq(build, `${label}-${suffix}-${node + 1}`, "node"),
        ),
      );
      await introduce(nodes);
      return new RunningCluster(nodes);
    },
  };
}

/** The running server as the cluster it is. */
export function asCluster(server: RunningServer): RunningCluster {
  if (server instanceof RunningCluster) return server;
  throw new Error("this workload is for clusters");
}

async function introduce(nodes: readonly RingqProcess[]): Promise<void> {
  for (const [i, { port, busPort }] of nodes.slice(1).entries()) {
    await ask(
      nodes[i]?.port ?? 0,
      request("CLUSTER", "MEET", "127.0.0.1", `${port}`, `${busPort}`),
    );
  }
  for (const { port } of nodes) {
    await until("all nodes are connected", async () => {
      const connected = await figureOf(port, "cluster_connected_nodes");
      return connected === nodes.length - 1;
    });
  }
}
