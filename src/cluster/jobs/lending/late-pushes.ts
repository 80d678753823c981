/**
 * Nodes whose pushes may have waited for the link to them, perhaps for minutes.
 *
 * A push and the recall of the same job wait together, but may arrive in different turns: a client here would be
 * given what has been acknowledged elsewhere meanwhile. So what is lent goes back, until the sender says that
 * all that waited was said; what moves, because it is delivered at most once, is nowhere else. It says so when a
 * link begins, in one order with all that is kept, and what it says is lost with that link; so it cannot be
 * about an earlier one. Who does not say it is not waited for.
 */
import type { Host } from "../../../core/host.ts";

/** A sender that has said nothing by then is an older one, or what waited is very much. */
const LATE_MS = 5000;

/** Knows whose pushes may be late. */
export class LatePushes {
  readonly #host: Host;
  /** By node: until when, monotonic ms. */
  readonly #untilMs = new Map<number, number>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** A link with that node begins. */
  begin(node: number): void {
    this.#untilMs.set(node, this.#host.nowMs + LATE_MS);
  }

  /** All that waited for the link was said. */
  end(node: number): void {
    this.#untilMs.delete(node);
  }

  /** Whether a push from there may have been sent long ago. */
  mayBeFrom(node: number): boolean {
    const untilMs = this.#untilMs.get(node);
    return untilMs !== undefined && this.#host.nowMs < untilMs;
  }
}
