/**
 * Whether all is well: since when has nothing gone wrong, with everybody linked to everybody?
 *
 * Many invariants hold "without failures". Faults are noted here while they last; when none is left and
 * every running node is linked with every other, knows nobody else and suspects nobody, the weather is
 * calm, and what began and ended in calm weather must have gone as it goes without failures.
 */
import type { SimProcess } from "./process.ts";
import type { World } from "./world.ts";

/** While the cluster is not whole, it is looked at this often. */
const LOOK_EVERY_MS = 5;
const NEVER = Number.POSITIVE_INFINITY;

/** Faults, and since when there are none. */
export class Weather {
  readonly #world: World;
  readonly #running: () => readonly SimProcess[];
  #faults = 0;
  #leaving = 0;
  #strokes = 0;
  #struckAtMs = 0;
  #calmSinceMs = NEVER;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isDoubtful = true;

  constructor(world: World, running: () => readonly SimProcess[]) {
    this.#world = world;
    this.#running = running;
  }

  /** Something goes wrong now, once. */
  struck(): void {
    this.#strokes++;
    this.#struckAtMs = this.#world.nowMs;
    this.#calmSinceMs = NEVER;
    this.#isDoubtful = true;
  }

  /** A fault begins. */
  begin(isLeaving = false): void {
    this.#faults++;
    const struckAtMs = this.#struckAtMs;
    this.struck();
    if (!isLeaving) return;
    this.#leaving++;
    this.#struckAtMs = struckAtMs;
  }

  /** A fault is over. */
  end(isLeaving = false): void {
    this.#faults--;
    if (isLeaving) this.#leaving--;
    this.struck();
  }

  /** How often anything went wrong. */
  get strokes(): number {
    return this.#strokes;
  }

  /** Ms in which nothing went wrong, with no fault left but that nodes leave; 0 if there is another. */
  get calmButLeavingForMs(): number {
    return this.#faults > this.#leaving ? 0 : this.#world.nowMs - this.#struckAtMs;
  }

  /** Membership or links have changed somewhere: look again. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** True time since when all is well; Infinity while it is not. */
  get calmSinceMs(): number {
    this.#look();
    return this.#calmSinceMs;
  }

  /** Whether all has been well since that moment. */
  isCalmSince(atMs: number): boolean {
    return this.calmSinceMs <= atMs;
  }

  /** Ms of calm weather until now. */
  get calmForMs(): number {
    return Math.max(0, this.#world.nowMs - this.calmSinceMs);
  }

  /** Every running node is linked with all others, knows nobody else, and suspects nobody. */
  isWhole(): boolean {
    const running = this.#running();
    return running.every(
      (process) =>
        process.cluster.membership.size === running.length &&
        process.cluster.membership.knownCount === running.length &&
        !process.cluster.membership.isLeaving &&
        !process.pace.isStopped &&
        !process.pace.isSluggish &&
        running.every((other) => other === process || isWell(process, other)),
    );
  }

  /** Who knows whom, for reports. */
  describe(): string {
    return this.#running()
      .map((process) => {
        const { membership } = process.cluster;
        const known = [...membership.members()].map(
          ({ id, link, isSuspected, isFailed, isSteady }) =>
            `${id.slice(0, 4)}${link ? "" : " unlinked"}${isSuspected ? " fail?" : ""}` +
            `${isFailed ? " fail" : ""}${isSteady ? "" : " unsteady"}`,
        );
        const facts = `${membership.isLeaving ? " leaving" : ""}${process.pace.isStopped ? " stopped" : ""}`;
        return `${process.name} (${membership.nodeId.slice(0, 4)}${facts}) knows ${known.join(", ")}`;
      })
      .join("\n");
  }

  #look(): void {
    if (this.#faults > 0 || !this.#isDoubtful) return;
    const { nowMs } = this.#world;
    if (this.#calmSinceMs === NEVER && nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = nowMs;
    if (!this.isWhole()) {
      this.#calmSinceMs = NEVER;
      return;
    }
    this.#isDoubtful = false;
    if (this.#calmSinceMs === NEVER) this.#calmSinceMs = nowMs;
  }
}

function isWell(process: SimProcess, other: SimProcess): boolean {
  const member = process.cluster.membership.member(other.nodeId);
  return member?.link !== undefined && member.isSteady;
}
