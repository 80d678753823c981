/**
 * What nodes say to each other: about a million jobs that nothing happens to, and about one ACKJOB at
 * a node that has never heard of the job.
 *
 * Messages are those of INFO cluster, heartbeats included. For the acknowledgement they are counted
 * first for a while in which nothing is done, and taken off.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../../src/client/load/dialect.ts";
import { cpuMicros } from "../../src/client/load/proc.ts";
import type { RunningServer } from "../compare/contender.ts";
import { until } from "../compare/figures.ts";
import type { Build } from "../compare/ringq.ts";
import { runLoad } from "../load/run.ts";
import {
  type Column,
  type Figures,
  QUEUE,
  type Settings,
  target,
  type Workload,
} from "../suite.ts";
import { asCluster, clusterOf, type RunningCluster } from "./nodes.ts";

const IDLE_NODES = 3;
const IDLE_PAIRS = 3;
/** What is put off after a load is done by then. */
const SETTLE_MS = 3000;
const ACK_NODES = 7;
/** Between two acknowledgements, so that each is said alone. */
const ACK_INTERVAL_MS = 10;
/** What is put off after an acknowledgement is done by then. */
const LAST_DROP_MS = 2500;

const idleColumns: readonly Column[] = [
  { key: "perPair", title: "messages/s per pair", digits: 1 },
  { key: "cpuPercent", title: "CPU% of the busiest node", digits: 2 },
  { key: "seconds", title: "seconds", digits: 1 },
];

const ackColumns: readonly Column[] = [
  { key: "perAck", title: "messages per ACKJOB", digits: 2 },
  { key: "idlePerSecond", title: "other messages/s", digits: 1 },
  { key: "acks", title: "acknowledged", digits: 0 },
];

/** An idle cluster, and acknowledgements at strangers. */
export function trafficWorkloads(settings: Settings, ours: Build): Workload[] {
  const common = { roundsMax: 1, needsFreshServer: true, warmUp: () => Promise.resolve() } as const;
  return [
    {
      ...common,
      title: `3 nodes at rest with ${settings.idle} queued jobs of REPLICATE 3`,
      columns: idleColumns,
      contenders: [clusterOf(IDLE_NODES, "3 nodes", ours)],
      goals: [
        { key: "perPair", is: "at most", limit: 50 },
        { key: "cpuPercent", is: "at most", limit: 2 },
      ],
      round: (server) => idleRound(asCluster(server), settings),
    },
    {
      ...common,
      title: "ACKJOB at a node that holds no copy, 7 nodes, REPLICATE 3",
      columns: ackColumns,
      contenders: [clusterOf(ACK_NODES, "7 nodes", ours)],
      goals: [{ key: "perAck", is: "at most", limit: 12 }],
      round: (server) => ackRound(asCluster(server), settings),
    },
  ];
}

async function idleRound(cluster: RunningCluster, settings: Settings): Promise<Figures> {
  const fill = {
    kind: "fill",
    ...target(cluster, settings),
    connections: 4,
    pipeline: 100,
  } as const;
  await runLoad({ ...fill, jobs: settings.idle });
  await until("every job has its copies and none too many", async () => {
    return (await cluster.sum("registered_jobs")) === IDLE_NODES * settings.idle;
  });
  await sleep(SETTLE_MS);

  const startMs = performance.now();
  const sent = await cluster.sum("cluster_messages_sent");
  const cpu = cluster.processes.map(({ pid }) => cpuMicros(pid));
  await sleep(settings.seconds * 4 * 1000);
  const spent = cluster.processes.map(({ pid }, node) => cpuMicros(pid) - (cpu[node] ?? 0));
  const seconds = (performance.now() - startMs) / 1000;
  const said = (await cluster.sum("cluster_messages_sent")) - sent;
  return {
    perPair: said / seconds / IDLE_PAIRS,
    cpuPercent: Math.max(...spent) / (seconds * 1e4),
    seconds,
  };
}

async function ackRound(cluster: RunningCluster, settings: Settings): Promise<Figures> {
  const acks = settings.seconds < 1 ? 20 : 200;
  const places: { id: string; stranger: number }[] = [];
  for (let job = 0; job < acks; job++) places.push(await addJob(cluster, job, settings));
  await sleep(SETTLE_MS);

  const idle = await messagesDuring(cluster, async () => {
    await sleep(SETTLE_MS);
  });
  const idlePerSecond = idle.messages / idle.seconds;
  const busy = await messagesDuring(cluster, async () => {
    for (const { id, stranger } of places) {
      await cluster.ask(request("ACKJOB", id), cluster.processes[stranger]?.port);
      await sleep(ACK_INTERVAL_MS);
    }
    await sleep(LAST_DROP_MS);
  });
  await until("nobody remembers", async () => (await cluster.sum("registered_jobs")) === 0);
  return {
    perAck: (busy.messages - idlePerSecond * busy.seconds) / acks,
    idlePerSecond,
    acks,
  };
}

/** Adds a job at one of the nodes, and finds a node that is none of its holders. */
async function addJob(cluster: RunningCluster, job: number, settings: Settings) {
  const origin = job % ACK_NODES;
  const port = cluster.processes[origin]?.port;
  const body = "x".repeat(settings.bodyBytes);
  const reply = await cluster.ask(request("ADDJOB", QUEUE, body, "0", "REPLICATE", "3"), port);
  const id = reply.toString("latin1", 1, reply.length - 2);
  for (let step = 1; step < ACK_NODES; step++) {
    const stranger = (origin + step) % ACK_NODES;
    const known = await cluster.ask(request("SHOW", id), cluster.processes[stranger]?.port);
    if (!known.includes(id)) return { id, stranger };
  }
  throw new Error(`every node holds ${id}`);
}

async function messagesDuring(server: RunningServer, action: () => Promise<void>) {
  const cluster = asCluster(server);
  const startMs = performance.now();
  const before = await cluster.sum("cluster_messages_sent");
  await action();
  const messages = (await cluster.sum("cluster_messages_sent")) - before;
  return { messages, seconds: (performance.now() - startMs) / 1000 };
}
