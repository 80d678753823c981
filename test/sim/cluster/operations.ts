/**
 * What operators do to nodes: MEET, FORGET, RESET, LEAVING, and a node more or less.
 *
 * They are patient and thorough where the life of a cluster needs it: a leaving node is only stopped when
 * it has nothing left, and whoever is gone for good is forgotten by everybody in the end.
 */
import { JOB_ID_CHARS } from "../../../src/core/job-id.ts";
import type { ClusterWorld } from "./cluster-world.ts";
import { BUS_PORT } from "./machine.ts";
import { Violation } from "./oracle/checker.ts";
import type { SimProcess } from "./process.ts";

const CLIENT_PORT = 7711;
/** How often it is looked whether a leaving node has nothing left. */
const DRAIN_LOOK_MS = 50;
/** An operator who waits for a node to drain loses patience after that. */
const DRAIN_PATIENCE_MS = 30_000;
const REPAIR_DELAY_MS_DEFAULT = 60_000;
/** A request to meet is repeated until it has come to something. */
const MEET_AGAIN_MS = 500;

/** Changes who is a member. */
export class Operations {
  readonly #cluster: ClusterWorld;
  /** Nodes that are on their way out. */
  readonly leaving = new Set<SimProcess>();

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  /** CLUSTER MEET. */
  meet(process: SimProcess, other: SimProcess): void {
    const address = { host: other.machine.ip, port: CLIENT_PORT, busPort: BUS_PORT };
    this.#cluster.ledger.tell(`${process.name} MEET ${other.name}`);
    process.post(() => process.cluster.membership.meet(address));
  }

  /** CLUSTER FORGET on one node. */
  forget(process: SimProcess, nodeId: string): void {
    this.#cluster.ledger.tell(`${process.name} FORGET ${this.#cluster.nameOf(nodeId)}`);
    this.#cluster.weather.struck();
    this.#cluster.ledger.membersForgotten++;
    process.post(() => process.cluster.membership.forget(nodeId));
  }

  /** CLUSTER FORGET on all nodes that know it. */
  forgetEverywhere(nodeId: string): void {
    for (const process of this.#cluster.running) {
      const { membership } = process.cluster;
      if (membership.member(nodeId) !== undefined) this.forget(process, nodeId);
    }
  }

  /** CLUSTER RESET: all jobs of the node are gone with it. */
  reset(process: SimProcess, isHard: boolean): void {
    const newId = isHard ? process.machine.nextNodeId() : undefined;
    this.#cluster.ledger.tell(`${process.name} RESET ${isHard ? "HARD" : "SOFT"}`);
    this.#cluster.weather.struck();
    this.#cluster.ledger.membersForgotten++;
    process.post(() => {
      this.#cluster.ledger.flushed(process, true);
      this.#cluster.census.lost(process);
      process.cluster.reset(newId);
    });
  }

  /** DEBUG FLUSHALL: its jobs, queues and pauses are gone, and what it knew of acknowledgements. */
  flush(process: SimProcess): void {
    const { ledger, census, weather } = this.#cluster;
    process.post(() => {
      ledger.tell(`${process.name} FLUSHALL`);
      weather.struck();
      // What was acknowledged in this very turn is known to nobody else.
      census.take(process);
      ledger.flushed(process);
      census.lost(process);
      process.cluster.flush();
    });
  }

  /** One more node, introduced to somebody. */
  join(): SimProcess {
    const other = this.#cluster.somebody();
    const process = this.#cluster.start(this.#cluster.addMachine());
    if (other !== undefined) this.meet(process, other);
    return process;
  }

  /** LEAVING, then stopped when it has drained, then forgotten by the others. */
  leave(process: SimProcess): void {
    const { world, ledger, weather } = this.#cluster;
    if (this.leaving.has(process)) return;
    this.leaving.add(process);
    ledger.tell(`${process.name} LEAVING`);
    weather.begin(true);
    process.post(() => process.cluster.setLeaving(true));
    const sinceMs = world.nowMs;
    const look = (): void => {
      const isLate = world.nowMs > sinceMs + DRAIN_PATIENCE_MS;
      const isStuck = isLate && weather.calmButLeavingForMs > DRAIN_PATIENCE_MS / 2;
      const isWaited = this.#isAnyDeadKnown() || this.#isAnyUnknown() || isNearlyOver(process);
      if (process.isAlive && isStuck && hasHeir(process) && !isWaited) {
        const text = `${process.name} does not come to an end`;
        throw new Violation("13 leaving", text, idOfFirst(process));
      }
      const isDrained = process.broker.jobs.count === 0 && world.nowMs > sinceMs + DRAIN_LOOK_MS;
      if (process.isAlive && !isDrained && !isLate) {
        world.after(DRAIN_LOOK_MS, look);
        return;
      }
      weather.end(true);
      this.leaving.delete(process);
      this.#depart(process, isDrained);
    };
    world.after(DRAIN_LOOK_MS, look);
  }

  /** Whoever was killed on its way out, and is back, stays. */
  #keepTheRest(): void {
    for (const process of this.#cluster.running) {
      if (this.leaving.has(process) || !process.broker.isLeaving) continue;
      process.post(() => process.cluster.setLeaving(false));
    }
  }

  /** Every running node is introduced to every other one it does not know. */
  unite(): void {
    const { running } = this.#cluster;
    const [first] = running;
    for (const process of running) {
      for (const other of running) {
        const isKnown = process.cluster.membership.member(other.nodeId) !== undefined;
        if (other === process || isKnown || (process !== first && other !== first)) continue;
        this.meet(process, other);
      }
    }
  }

  /** Members that do not run any more are forgotten everywhere, until nobody talks of them. */
  buryTheDead(): void {
    const alive = new Set(this.#cluster.running.map(({ nodeId }) => nodeId));
    for (const process of this.#cluster.running) {
      for (const { id } of [...process.cluster.membership.members()]) {
        if (!alive.has(id)) this.forget(process, id);
      }
    }
  }

  /** What a dead member may have of acknowledged jobs is waited for until somebody forgets it. */
  #isAnyDeadKnown(): boolean {
    const { running } = this.#cluster;
    const alive = new Set(running.map(({ nodeId }) => nodeId));
    return running.some(({ cluster }) =>
      [...cluster.membership.members()].some(({ id }) => !alive.has(id)),
    );
  }

  /** Of two who do not know each other, neither takes a job whose list has the other, until they are introduced. */
  #isAnyUnknown(): boolean {
    const { running } = this.#cluster;
    return running.some(({ cluster, nodeId }) =>
      running.some((other) => {
        const isSelf = other.nodeId === nodeId;
        return !isSelf && cluster.membership.member(other.nodeId) === undefined;
      }),
    );
  }

  /** Repeats what is needed until everybody knows exactly everybody who runs. */
  restoreOrder(isWanted: () => boolean): void {
    if (!isWanted()) return;
    const { world, weather } = this.#cluster;
    if (!weather.isWhole()) {
      this.#keepTheRest();
      this.buryTheDead();
      this.unite();
    }
    world.after(MEET_AGAIN_MS + 2 * world.config.nodeTimeoutMs, () => this.restoreOrder(isWanted));
  }

  #depart(process: SimProcess, isDrained: boolean): void {
    const { world } = this.#cluster;
    if (!process.isAlive) return;
    world.mark(isDrained ? "left empty" : "left with jobs");
    const { nodeId } = process;
    this.#cluster.kill(process, true);
    this.forgetEverywhere(nodeId);
  }
}

/** The first job that is still there, which the story is told of. */
function idOfFirst({ broker: { jobs } }: SimProcess): string | undefined {
  let job = 0;
  while (job < jobs.handleLimit && !jobs.isLive(job)) job++;
  if (job === jobs.handleLimit) return undefined;
  const bytes = Buffer.alloc(JOB_ID_CHARS);
  jobs.copyId(job, bytes, 0);
  return bytes.toString("latin1");
}

/** What expires before a missing copy would be made again is left to expire. */
function isNearlyOver({ broker: { jobs }, clock, world }: SimProcess): boolean {
  const untilMs = clock.nowMs + (world.config.repairDelayMs || REPAIR_DELAY_MS_DEFAULT);
  for (let job = jobs.skipVacant(0); job < jobs.handleLimit; job = jobs.skipVacant(job + 1)) {
    if (jobs.isLive(job) && jobs.expiresAtMs(job) > untilMs) return false;
  }
  return true;
}

/** Where all that it knows leave as well, nobody can be given anything. */
function hasHeir({ cluster }: SimProcess): boolean {
  return [...cluster.membership.members()].some(
    ({ link, record }) => link !== undefined && !record.isLeaving,
  );
}
