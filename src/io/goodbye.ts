/**
 * The end of a process: its clients take their replies, and its jobs move to other nodes.
 *
 * All that a node without a log holds is gone with its process. So before it ends it says so, hands the
 * jobs it keeps over, and waits until the copies it has were made elsewhere, as far as there are nodes
 * for them. That makes a rolling restart lose nothing. It waits no longer than it is allowed to, and not
 * for jobs that nobody can take.
 */
import type { Cluster } from "../cluster/cluster.ts";
import type { Broker } from "../core/broker.ts";
import type { Clients } from "./clients.ts";

const POLL_MS = 10;
/** Nothing has left for so long, and nothing is on its way: nothing more can be expected. */
const STUCK_MS = 500;

/** What is needed to go. */
export interface GoodbyeParts {
  readonly cluster: Cluster;
  readonly broker: Broker;
  /** Something has changed: a turn is to be finished. */
  readonly touch: () => void;
  /** When to go in any case, by performance.now(). */
  readonly endMs: number;
}

/** Resolves when nothing is left here that could be elsewhere, or time is up; how many jobs are left. */
export async function sayGoodbye({ cluster, broker, touch, endMs }: GoodbyeParts): Promise<number> {
  if (!isLinked(cluster)) return broker.jobs.count;
  cluster.sayGoodbye();
  touch();
  let least = broker.jobs.count;
  let leastAtMs = performance.now();
  const isUnderWay = () => cluster.jobs.handover.underWay > 0 || cluster.jobs.sweep.ownJobs > 0;
  while (broker.jobs.count > 0 && performance.now() < endMs && isLinked(cluster)) {
    await new Promise((done) => setTimeout(done, POLL_MS));
    touch();
    const nowMs = performance.now();
    if (broker.jobs.count < least || isUnderWay()) {
      least = broker.jobs.count;
      leastAtMs = nowMs;
    } else if (nowMs - leastAtMs >= STUCK_MS) break;
  }
  return broker.jobs.count;
}

/** Resolves when all clients have gone with their replies, or by force when time is up. */
export async function clientsGone(clients: Clients, endMs: number): Promise<void> {
  while (clients.count > 0 && performance.now() < endMs) {
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  clients.destroyAll();
}

function isLinked(cluster: Cluster): boolean {
  for (const { link } of cluster.membership.members()) if (link !== undefined) return true;
  return false;
}
