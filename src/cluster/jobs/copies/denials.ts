/**
 * To whom this node has said lately that it has no copy of a job.
 *
 * Two nodes may keep a job for a moment, and both may take this one for a holder. When one of them gives it a
 * copy, the other must hear of that. So the last two are remembered; more than two keepers are as good as never.
 */
import type { Host } from "../../../core/host.ts";
import { RecentIds } from "../recent-ids.ts";

/** No request for a copy is on its way for longer. */
const DENIED_MS = 10_000;
const NOBODY: readonly number[] = [];

/** Nodes by job. */
export class Denials {
  readonly #last: RecentIds;
  /** Somebody else than the last one. */
  readonly #before: RecentIds;

  constructor(host: Host) {
    this.#last = new RecentIds(host, DENIED_MS);
    this.#before = new RecentIds(host, DENIED_MS);
  }

  remember(id: Int32Array, node: number): void {
    const last = this.#last.numberOf(id);
    if (last >= 0 && last !== node) this.#before.remember(id, last);
    this.#last.remember(id, node);
  }

  /** Those who were told so; of nearly all jobs nobody was. */
  of(id: Int32Array): readonly number[] {
    const last = this.#last.numberOf(id);
    const before = this.#before.numberOf(id);
    if (last < 0 && before < 0) return NOBODY;
    return [...new Set([last, before])].filter((node) => node >= 0);
  }

  /** That index will be another node's, or it knows nothing any more. */
  forgetNode(node: number): void {
    this.#last.forgetNumber(node);
    this.#before.forgetNumber(node);
  }
}
