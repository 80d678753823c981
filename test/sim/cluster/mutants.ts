/**
 * Nodes that break one invariant each: a checker that has never failed proves nothing.
 *
 * A mutant replaces one method of a healthy node, or loses one kind of message. The test lets only the
 * named checker watch, so that it must find the fault by itself.
 */
import type { Message } from "../../../src/cluster/messages.ts";
import { type ClusterConfig, type Feature, HASTE, withoutFeatures } from "./config.ts";
import type { SimProcess } from "./process.ts";

/** One way to break a node, and the checker whose invariant is broken. */
export interface ClusterMutant {
  readonly title: string;
  readonly checker: string;
  /** The first seed to be tried: lives before it are known not to show the fault. */
  readonly from?: number;
  /** What must happen for the fault to show; added to what the seed has. */
  readonly needs?: readonly Feature[];
  /** Other numbers than those of the seed. */
  readonly change?: Partial<ClusterConfig>;
  readonly sabotage: (process: SimProcess) => void;
}

/** The seed's life with all that shows the fault. */
export function withNeeds({ needs = [], change = {} }: ClusterMutant) {
  return (drawn: ClusterConfig): ClusterConfig => {
    const config = withoutFeatures(drawn, new Set(HASTE));
    const features = new Set([...config.features, ...needs]);
    if (!needs.includes("logs")) features.delete("logs");
    return { ...config, features, watchesRepair: true, repairDelayMs: 2000, ...change };
  };
}

/** Messages of some types never leave. */
function mute(...types: readonly Message["type"][]) {
  return ({ bus }: SimProcess): void => {
    const { links } = bus;
    const sendToPeer = links.sendToPeer.bind(links);
    links.sendToPeer = (nodeId, message) =>
      types.includes(message.type) ? true : sendToPeer(nodeId, message);
  };
}

/** Changes what producers ask for before the cluster hears of it. */
function misheard(change: (asked: AskedOf) => Partial<AskedOf>) {
  return ({ cluster }: SimProcess): void => {
    const { jobs } = cluster;
    const addJob = jobs.addJob.bind(jobs);
    jobs.addJob = (queue, source, start, end, asked, wait) =>
      addJob(queue, source, start, end, { ...asked, ...change(asked) }, wait);
  };
}
type AskedOf = Parameters<SimProcess["cluster"]["jobs"]["addJob"]>[4];

/** Makes a property of an object read as something else. */
function redefine<T extends object, K extends keyof T>(
  target: T,
  name: K,
  value: () => T[K],
): void {
  Object.defineProperty(target, name, { get: value });
}

/** Every mutant. */
export const clusterMutants: readonly ClusterMutant[] = [
  {
    title: "loses a job now and then",
    checker: "1 no loss",
    sabotage: ({ broker, random }) => {
      const tick = broker.tick.bind(broker);
      broker.tick = () => {
        tick();
        const job = random.below(Math.max(1, broker.jobs.handleLimit));
        const isThere = broker.jobs.isLive(job) && broker.jobs.state(job) === 2;
        if (isThere && random.chance(0.05)) broker.lifecycle.remove(job);
      };
    },
  },
  {
    title: "answers with a copy too few",
    checker: "1 no loss",
    sabotage: misheard(({ replicate }) => ({ replicate: Math.max(1, replicate - 1) })),
  },
  {
    title: "takes back at-most-once jobs that may have been read",
    checker: "2 at most once",
    sabotage: ({ broker: { lifecycle } }) => {
      const takeBack = lifecycle.takeBack.bind(lifecycle);
      lifecycle.takeBack = (job) => takeBack(job, false);
    },
  },
  {
    title: "queues copies whose keeper is another node",
    checker: "3 single queue",
    sabotage: ({ broker: { roles }, clock }) => {
      roles.beginCopy = (job) => roles.beginOwn(job, clock.nowMs);
    },
  },
  {
    title: "ends leases too early",
    checker: "4 lease honoured",
    sabotage: ({ broker }) => {
      const leaseEndMs = broker.clock.leaseEndMs.bind(broker.clock);
      broker.clock.leaseEndMs = (job) => leaseEndMs(job) - broker.jobs.retrySeconds(job) * 500;
    },
  },
  {
    title: "does not answer acknowledgements",
    checker: "5 ack final",
    sabotage: mute("acked"),
  },
  {
    title: "forgets acknowledgements of jobs it does not know",
    checker: "6 ack not forgotten",
    needs: ["wandering acks", "partitions", "one-way partitions"],
    sabotage: ({ cluster }) => {
      cluster.jobs.collector.ackUnknown = () => {};
    },
  },
  {
    title: "makes a copy too many",
    checker: "7 exact copies",
    sabotage: misheard(({ replicate }) => ({ replicate: replicate === 1 ? 1 : replicate + 1 })),
  },
  {
    title: "leaves holders out of its lists",
    checker: "8 list soundness",
    sabotage: ({ broker: { roles }, random }) => {
      const setList = roles.setList.bind(roles);
      roles.setList = (job, nodes) =>
        setList(job, nodes.length > 1 && random.chance(0.1) ? nodes.slice(0, -1) : nodes);
    },
  },
  {
    title: "does not say what its clients wait for",
    checker: "9 no wait with work",
    sabotage: mute("want"),
  },
  {
    title: "keeps what it was pushed",
    checker: "10 credits",
    needs: ["no hang", "blocked clients leave"],
    sabotage: mute("returned"),
  },
  {
    title: "leaves copies of jobs that it has refused",
    checker: "11 NOREPL means no",
    from: 27,
    sabotage: ({ cluster, broker }) => {
      cluster.jobs.collector.cancel = (job) => void broker.lifecycle.end(job, "deleted");
    },
  },
  {
    title: "writes nothing into its log",
    checker: "1 no loss",
    needs: ["logs"],
    change: { logShare: 1 },
    sabotage: ({ machine }) => {
      if (machine.log !== undefined) machine.log.persist = () => {};
    },
  },
  {
    title: "says and asks nothing again that was lost with a process that is back with its jobs",
    checker: "5 ack final",
    needs: ["logs"],
    change: { logShare: 1 },
    sabotage: ({ cluster }) => {
      // Either is enough: what waited for the former process is a broken stream as well.
      cluster.jobs.peerReturned = () => {};
      cluster.jobs.streamBroken = () => {};
    },
  },
  {
    title: "has another ring than the others",
    checker: "12 convergence",
    sabotage: ({ cluster, serial }) => {
      const ofQueue = cluster.hash.ofQueue.bind(cluster.hash);
      cluster.hash.ofQueue = (name) => {
        const { hi, lo } = ofQueue(name);
        return serial === 1 ? { hi: lo, lo: hi } : { hi, lo };
      };
    },
  },
  {
    title: "stays when it is to leave",
    checker: "13 leaving",
    needs: ["leaving"],
    change: { consumers: 0, nodes: 4, ttlSecondsMax: 1000 },
    sabotage: ({ cluster }) => {
      cluster.jobs.handover.sendAway = () => {};
    },
  },
  {
    title: "makes no copies in place of lost ones",
    checker: "14 repair",
    needs: ["crashes", "deaths"],
    change: {
      consumers: 0,
      nodes: 4,
      nodeTimeoutMs: 1000,
      retrySecondsMax: 1,
      ttlSecondsMax: 1000,
    },
    sabotage: ({ cluster }) => {
      cluster.jobs.newCopies.makeCopies = () => 0;
    },
  },
  {
    title: "takes jobs over and tells nobody",
    checker: "settled",
    needs: ["absences"],
    change: { consumers: 0, nodes: 5, nodeTimeoutMs: 1000, retrySecondsMax: 1 },
    sabotage: mute("taken"),
  },
  {
    title: "wakes up all the time",
    checker: "15 bounds",
    sabotage: ({ cluster, clock }) => redefine(cluster, "nextWakeAtMs", () => clock.nowMs + 1),
  },
  {
    title: "lets jobs live longer than they may",
    checker: "16 expiry",
    sabotage: misheard(({ ttlSeconds }) => ({ ttlSeconds: ttlSeconds + 30 })),
  },
];
