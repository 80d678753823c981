/**
 * At the end of a life, drained and healed, no node has anything: no job, no queue with jobs or clients,
 * no memory of one, and no bytes but those of an empty broker and its queues.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import { type Checker, Violation } from "./checker.ts";

/** Looks at what is left. */
export class Empty implements Checker {
  readonly name = "empty";
  readonly #cluster: ClusterWorld;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  ended(): void {
    for (const { broker, name } of this.#cluster.running) {
      this.#cluster.world.mark(`checked: ${this.name}`);
      const { jobs, holders, waiting, arena } = broker;
      if (jobs.count > 0) throw new Violation(this.name, `${name} has ${jobs.count} jobs`);
      if (holders.count > 0) throw new Violation(this.name, `${name} has ${holders.count} lists`);
      if (waiting.count > 0) throw new Violation(this.name, `${name} has ${waiting.count} waiters`);
      if (arena.usedBytes > 0) throw new Violation(this.name, `${name} has bodies`);
      if (broker.agenda.nextAtMs < Number.POSITIVE_INFINITY) {
        throw new Violation(this.name, `${name} has something in its agenda`);
      }
    }
  }
}
