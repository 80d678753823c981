/**
 * How long other nodes have been silent or dead, and when that begins to matter for jobs.
 *
 * Nobody calls when a peer says nothing. So all peers are looked at now and then: one that has fallen
 * silent, and one that has been dead for longer than the repair delay, is a reason to look at all jobs,
 * once. Since when a peer is dead is noted per peer, because jobs are far too many for that.
 */
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsWorld } from "../jobs-world.ts";

/** Heartbeats come every second at least; who is silent for longer has missed one. */
export const QUIET_MS = 1500;

const NEVER = Number.POSITIVE_INFINITY;

/** What is noted of one peer. */
interface Note {
  /** Monotonic ms at which it was found dead; undefined: it is not. */
  deadAtMs: number | undefined;
  /** It has been dead for longer than the repair delay, and that was told. */
  isLongTold: boolean;
  /** When it was last heard before a silence that was told. */
  quietToldMs: number;
}

/** A copy on a node that is dead for so long does not count any more. */
export function isLongDead(world: JobsWorld, node: number): boolean {
  return world.host.nowMs - world.heardAtMs(node) >= world.repairDelayMs;
}

/** Members that are not leaving, this node included, and silent ones unless they have been for long. */
export function stayingNodes(world: JobsWorld): number {
  const { nodes } = world;
  let count = nodes.isLeaving(OWN_INDEX) ? 0 : 1;
  for (const node of nodes.others()) {
    if (nodes.isLeaving(node)) continue;
    if (nodes.isLive(node) || !isLongDead(world, node)) count++;
  }
  return count;
}

/** Watches peers that say nothing. */
export class Absences {
  readonly #world: JobsWorld;
  /** By node index. */
  readonly #notes: (Note | undefined)[] = [];
  #hasLoss = false;
  /** Monotonic ms at which `look` may find something. */
  nextAtMs = Number.NEGATIVE_INFINITY;

  constructor(world: JobsWorld) {
    this.#world = world;
  }

  /** Looks at all peers; whether there is a new reason to look at all jobs. */
  look(): boolean {
    this.nextAtMs = NEVER;
    let isNew = false;
    for (const node of this.#world.nodes.others()) {
      const note = this.#note(node);
      if (this.#world.nodes.isLive(node) ? this.#isQuiet(node, note) : this.#isLong(node, note)) {
        isNew = true;
      }
    }
    return isNew;
  }

  /** Whether some node has been found dead for long since this was asked: what it said last may not have arrived. */
  takeLoss(): boolean {
    const hasLoss = this.#hasLoss;
    this.#hasLoss = false;
    return hasLoss;
  }

  /** Since when this node knows that another one is dead, monotonic ms. */
  deadSinceMs(node: number): number {
    const note = this.#note(node);
    note.deadAtMs ??= this.#world.host.nowMs;
    return note.deadAtMs;
  }

  /** A new process, or another node: nothing of what was noted concerns it. */
  forget(node: number): void {
    this.#notes[node] = undefined;
  }

  #isQuiet(node: number, note: Note): boolean {
    note.deadAtMs = undefined;
    note.isLongTold = false;
    const heardAtMs = this.#world.heardAtMs(node);
    if (heardAtMs === note.quietToldMs) return false;
    if (this.#world.host.nowMs < heardAtMs + QUIET_MS) {
      this.nextAtMs = Math.min(this.nextAtMs, heardAtMs + QUIET_MS);
      return false;
    }
    note.quietToldMs = heardAtMs;
    // Whether it goes on to be silent is asked by those whose jobs wait for it.
    this.nextAtMs = Math.min(this.nextAtMs, this.#world.host.nowMs + QUIET_MS);
    return true;
  }

  #isLong(node: number, note: Note): boolean {
    note.deadAtMs ??= this.#world.host.nowMs;
    if (note.isLongTold) return false;
    if (!isLongDead(this.#world, node)) {
      const longAtMs = this.#world.heardAtMs(node) + this.#world.repairDelayMs;
      this.nextAtMs = Math.min(this.nextAtMs, longAtMs);
      return false;
    }
    note.isLongTold = true;
    this.#hasLoss = true;
    return true;
  }

  #note(node: number): Note {
    let note = this.#notes[node];
    if (note === undefined) {
      note = { deadAtMs: undefined, isLongTold: false, quietToldMs: Number.NaN };
      this.#notes[node] = note;
    }
    return note;
  }
}
