/**
 * One simulated life of a cluster: from a seed to its end, in silence.
 *
 * The nodes find each other; then everybody does what the configuration lets them do, while things
 * break. Then all that can be mended is mended, and the cluster must become whole by itself. At last
 * honest consumers drain all queues, and nothing may be left anywhere: no job, no memory of one, no
 * timer but heartbeats.
 */
import { withoutRealWorld } from "../poison.ts";
import { Consumer, Producer } from "./clients.ts";
import { ClusterWorld, type Sabotage } from "./cluster-world.ts";
import { type ClusterConfig, configOf, FEATURES } from "./config.ts";
import { DrainClient } from "./drain.ts";
import { Fortune } from "./faults.ts";
import { BUS_PORT, nodeIdOf } from "./machine.ts";
import { Operations } from "./operations.ts";
import { Operator } from "./operators.ts";
import { allCheckers } from "./oracle/all.ts";
import { type Checker, Violation } from "./oracle/checker.ts";
import { repairBoundMs } from "./oracle/repair.ts";
import { hasLiveCopy } from "./story.ts";
import { Trials } from "./trials.ts";
import { Upheavals } from "./upheavals.ts";

/** How a life went. */
export interface ClusterReport {
  readonly config: ClusterConfig;
  /** What was broken; undefined: nothing. */
  readonly failure: Error | undefined;
  /** What happened to the job that was followed. */
  readonly timeline: readonly string[];
  /** What happened last to nodes. */
  readonly news: readonly string[];
  readonly hash: string;
  readonly turns: number;
  readonly simulatedMs: number;
  readonly marks: ReadonlyMap<string, number>;
}

/** Changes to a life that tests make. */
export interface ClusterLifeOptions {
  readonly steps?: number;
  /** Only these checkers watch; all when absent. */
  readonly checkers?: readonly string[];
  readonly sabotage?: Sabotage;
  /** Another configuration than that of the seed. */
  readonly change?: (config: ClusterConfig) => ClusterConfig;
  /** The id of a job of which everything is to be written down. */
  readonly followed?: string | undefined;
}

/** Turns of a life before it is healed. */
export const CLUSTER_STEPS_DEFAULT = 1500;
const CLIENT_PORT = 7711;
/** A healed cluster is whole again after so long: a minute for what was forgotten, and some timeouts. */
const WHOLE_MS = 150_000;
/** What must be so "after quiescence" is looked at after so much calm. */
const CALM_MS = 6000;
const REPAIR_LOOK_MS = 1000;
const DRAIN_SLACK_MS = 90_000;
/** A life with few turns to take ends after that. */
const BUSY_MS_MAX = 1_200_000;
const IDLE_MS = 2500;

/** Lives the life of a seed. */
export function liveCluster(seed: number, options: ClusterLifeOptions = {}): ClusterReport {
  const drawn = configOf(seed, options.steps ?? CLUSTER_STEPS_DEFAULT);
  const config = options.change?.(drawn) ?? drawn;
  const cluster = new ClusterWorld(config, options.followed, options.sabotage);
  const { world, ledger } = cluster;
  const isWatching = (checker: Checker): boolean =>
    options.checkers?.includes(checker.name) ?? true;
  cluster.checksBooks = options.checkers?.includes("books") ?? true;
  ledger.checkers.push(...allCheckers(cluster).filter(isWatching));
  let failure: Error | undefined;
  try {
    withoutRealWorld(() => run(cluster));
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  for (const [type, times] of cluster.messages) world.mark(`message: ${type}`, times);
  return {
    config,
    failure,
    timeline: ledger.timeline,
    news: ledger.news,
    hash: ledger.hash,
    turns: world.turns,
    simulatedMs: world.nowMs,
    marks: world.marks,
  };
}

function run(cluster: ClusterWorld): void {
  const { world, ledger, weather } = cluster;
  const { config } = world;
  const operations = new Operations(cluster);
  populate(cluster, operations);
  becomeWhole(cluster, "formation");
  const actors = [
    ...times(config.producers, (i) => new Producer(cluster, `producer-${i}`)),
    ...times(config.consumers, (i) => new Consumer(cluster, `consumer-${i}`)),
    ...times(config.operators, () => new Operator(cluster)),
  ];
  const fortune = new Fortune(cluster, operations);
  const upheavals = new Upheavals(cluster, operations);
  while (world.turns < config.steps && world.nowMs < BUSY_MS_MAX && world.step());
  for (const actor of actors) actor.stop();
  fortune.heal();
  upheavals.end();
  ledger.tell("everything is healed");
  world.runUntil(() => operations.leaving.size === 0, WHOLE_MS);
  let isOrderWanted = true;
  operations.restoreOrder(() => isOrderWanted);
  becomeWhole(cluster, "healing");
  isOrderWanted = false;
  new Trials(cluster).run(() => becomeWhole(cluster, "after a trial"));
  if (config.zones > 0) world.mark("zones");
  if (config.features.has("short timeouts")) world.mark("short timeouts");
  if (config.watchesRepair) world.mark("watched repair");
  world.runUntil(
    () => false,
    config.watchesRepair ? repairBoundMs(config) + REPAIR_LOOK_MS : CALM_MS,
  );
  cluster.lookClosely();
  drain(cluster);
  ledger.tell("everything is drained");
  ledger.isOver = true;
  world.runUntil(() => false, IDLE_MS);
  if (!weather.isWhole()) throw new Violation("12 convergence", `apart:\n${weather.describe()}`);
  for (const checker of ledger.checkers) checker.ended?.();
}

/** The first nodes: they know each other, or are introduced one by one. */
function populate(cluster: ClusterWorld, operations: Operations): void {
  const { config } = cluster.world;
  const machines = times(config.nodes, () => cluster.addMachine());
  if (config.features.has("small buffers")) cluster.world.mark("small buffers");
  if (config.features.has("meetings")) {
    cluster.world.mark("meetings");
    for (const machine of machines) cluster.start(machine);
    const [first, ...others] = cluster.running;
    for (const other of others) if (first !== undefined) operations.meet(other, first);
    return;
  }
  for (const machine of machines) {
    const others = machines.filter((other) => other !== machine);
    const members = others.map(({ number, ip, zone }) => ({
      record: {
        nodeId: nodeIdOf(number, 0),
        incarnation: 1,
        memoryIncarnation: 1,
        version: 0,
        host: ip,
        port: CLIENT_PORT,
        busPort: BUS_PORT,
        zone,
        isLeaving: false,
      },
      isFailed: false,
    }));
    machine.disk = { membership: { ...machine.disk.membership, members }, pauses: [] };
  }
  for (const machine of machines) cluster.start(machine);
}

function becomeWhole(cluster: ClusterWorld, when: string): void {
  const { world, weather } = cluster;
  const isWhole = world.runUntil(() => weather.calmForMs > 0, WHOLE_MS);
  if (isWhole) return;
  throw new Violation("12 convergence", `${when}: apart for too long:\n${weather.describe()}`);
}

/** Opens everything, and takes and acknowledges whatever comes, while there are jobs. */
function drain(cluster: ClusterWorld): void {
  const { world, ledger } = cluster;
  const { config } = world;
  ledger.tell("draining");
  ledger.isDraining = true;
  const clients = cluster.running.map((process) => new DrainClient(cluster, process));
  const withinMs = (config.retrySecondsMax * 2 + config.delaySecondsMax) * 1000 + DRAIN_SLACK_MS;
  const isEmpty = world.runUntil(() => ledger.open.size === 0, withinMs);
  for (const client of clients) client.stop();
  if (isEmpty) return;
  const left = [...ledger.open];
  const story = left.find(hasLiveCopy) ?? left[0];
  const copies = [...(story?.copies.values() ?? [])].map((copy) => copy.role).join(", ");
  throw new Violation("empty", `${left.length} jobs are left for ever: ${copies}`, story?.id);
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** Everything that can be switched off, for whoever makes a failing life smaller. */
export const SWITCHES: readonly string[] = FEATURES;
