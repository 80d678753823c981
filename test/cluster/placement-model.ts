/**
 * Placement as its rules say, slowly: filter, sort and pick from the whole walk. And a small cluster
 * to try it on, whose nodes have any standing and zone.
 */
import { JobLookup } from "../../src/cluster/job-lookup.ts";
import { Placement } from "../../src/cluster/placement.ts";
import type { RingMember } from "../../src/cluster/ring.ts";
import { Walk } from "../../src/cluster/ring-walk.ts";
import { type NodeStanding, Standing, Standings } from "../../src/cluster/standings.ts";
import { Views } from "../../src/cluster/views.ts";
import type { Xorshift } from "../../src/util/xorshift.ts";
import { randomMembers, realHash, realTokens } from "./rings.ts";

/** Members, what one of them thinks of all, and what follows from it. */
export class ClusterView {
  readonly members: RingMember[];
  readonly rows: NodeStanding[] = [];
  readonly standings = new Standings();
  readonly views = new Views(realHash, realTokens);
  readonly placement = new Placement(realHash, this.views, this.standings);
  readonly lookup = new JobLookup(realHash, this.views, this.standings);

  constructor(random: Xorshift, count: number) {
    this.members = randomMembers(random, count);
    for (const { node } of this.members) this.set(node, {});
    this.views.change(this.members);
  }

  /** Changes some of what is known of a node; at first it is preferred, alive and in no zone. */
  set(node: number, change: Partial<NodeStanding>): void {
    const id = this.members[node]?.id ?? "";
    const usual = { id, standing: Standing.preferred, isLive: true, zone: "" };
    const row = { ...usual, ...this.rows[node], ...change };
    this.rows[node] = row;
    this.standings.set(node, row);
  }

  /** Makes every node's standing and zone a random one. */
  muddle(random: Xorshift, zones: readonly string[]): void {
    for (const { node } of this.members) {
      this.set(node, {
        standing: random.pick(Object.values(Standing)),
        isLive: random.chance(0.7),
        zone: random.pick(zones),
      });
    }
  }

  /** Nothing is against any of these. */
  isPreferred(nodes: readonly number[]): boolean {
    return nodes.every((node) => this.rows[node]?.standing === Standing.preferred);
  }

  /** The whole walk of a job. */
  walkOf(id: Int32Array): number[] {
    return this.#walk(realHash.ofJob(id));
  }

  /** The whole walk of a queue. */
  queueWalkOf(name: string): number[] {
    return this.#walk(realHash.ofQueue(Buffer.from(name)));
  }

  /** Whom placement should choose beside `holders`, best first. */
  modelMore(id: Int32Array, holders: number[], avoided: number[], count: number): number[] {
    const chosen: number[] = [];
    const walk = this.walkOf(id);
    while (chosen.length < count) {
      const best = this.#best(walk, [...holders, ...chosen], avoided);
      if (best === undefined) break;
      chosen.push(best);
    }
    return chosen;
  }

  /** The best candidate: the lowest class, and within it the first on the walk. */
  #best(walk: number[], holders: number[], avoided: number[]): number | undefined {
    const used = new Set(holders.map((node) => this.rows[node]?.zone));
    const classOf = (node: number): number => {
      const row = this.rows[node];
      const isNew = row !== undefined && row.zone !== "" && !used.has(row.zone);
      if (row?.standing === Standing.preferred) return isNew ? 0 : 2;
      if (row?.standing === Standing.pressured) return isNew ? 1 : 3;
      return isNew ? 4 : 5;
    };
    return walk
      .filter((node) => this.rows[node]?.standing !== Standing.barred)
      .filter((node) => !holders.includes(node) && !avoided.includes(node))
      .sort((a, b) => classOf(a) - classOf(b) || walk.indexOf(a) - walk.indexOf(b))[0];
  }

  #walk(key: { hi: number; lo: number }): number[] {
    const walk = new Walk();
    walk.start(this.views.current.ring, key);
    return Array.from({ length: this.views.current.members.length }, (_, rank) => walk.at(rank));
  }
}
