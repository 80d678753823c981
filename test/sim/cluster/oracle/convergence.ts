/**
 * 12. Convergence: equal member sets => equal fp => equal walks.
 *
 * When all is well, all nodes have the same fingerprint, and walk the ring as its definition says. (The
 * displacement property is a property test of the ring.)
 */
import { NO_NODE } from "../../../../src/cluster/ring.ts";
import { Walk } from "../../../../src/cluster/ring-walk.ts";
import type { ClusterWorld } from "../cluster-world.ts";
import type { SimProcess } from "../process.ts";
import { type Checker, Violation } from "./checker.ts";
import { walkOfQueue } from "./naive-ring.ts";

/** Compares the rings of all nodes. */
export class Convergence implements Checker {
  readonly name = "12 convergence";
  readonly #cluster: ClusterWorld;
  readonly #walk = new Walk();
  #looks = 0;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
  }

  lookedClosely(): void {
    const { running, weather, world } = this.#cluster;
    if (weather.calmForMs < 1000) return;
    world.mark(`checked: ${this.name}`);
    const prints = new Set(running.map(({ cluster }) => cluster.view.fingerprint));
    if (prints.size > 1) throw new Violation(this.name, `fingerprints differ: ${[...prints]}`);
    const key = `any-${++this.#looks}`;
    const expected = walkOfQueue(
      key,
      running.map(({ nodeId }) => nodeId),
    );
    for (const process of running) {
      const found = this.#walkOf(process, key);
      if (found.join() === expected.join()) continue;
      throw new Violation(this.name, `${process.name} walks ${found}, not ${expected}`);
    }
  }

  #walkOf({ cluster, nodeId }: SimProcess, key: string): string[] {
    this.#walk.start(cluster.view.ring, cluster.hash.ofQueue(Buffer.from(key, "latin1")));
    const ids: string[] = [];
    for (let rank = 0; ; rank++) {
      const index = this.#walk.at(rank);
      if (index === NO_NODE) return ids;
      ids.push(index === 0 ? nodeId : (cluster.memberAt(index)?.id ?? "?"));
    }
  }
}
