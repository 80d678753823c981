/**
 * How much is kept of what clients have sent and what has not run yet.
 *
 * Each client alone: what stands behind a request that waits, by client-query-buffer-limit; a request
 * that is still arriving, by the limits of the request reader. All together: a share of maxmemory,
 * which these bytes count against, so that half-sent requests cannot fill it and have everybody's
 * jobs refused. It is a share and not a directive because whoever sizes maxmemory has sized it, and
 * Redis' name for it (maxmemory-clients) would join the reference's list in `CONFIG GET maxmem*`.
 */
import type { Settings } from "../config/directives.ts";

/** Enough for one job of the largest size with the default maxmemory. */
const INPUT_PERCENT_MAX = 75;

/** Why a client was closed: what the log says of it, and what the client is told. */
export interface InputExcess {
  readonly message: string;
  readonly reply: string;
}

/** One client exceeded client-query-buffer-limit. */
export const SENT_TOO_FAR_AHEAD: InputExcess = {
  message: "client closed: it sent too much ahead of a request that waits",
  reply: "ERR too much sent ahead of a request that waits, see client-query-buffer-limit",
};

/** All clients together sent too much. */
export const SENT_MOST: InputExcess = {
  message: "client closed: of all the requests that have not run, most was its",
  reply: "ERR too much sent by all clients together, most of it by this one",
};

/** Bytes that may be held for all clients together. A single one can always use its own limit. */
export function inputBytesMax(settings: Settings): number {
  const { maxmemory, "client-query-buffer-limit": oneClientMax } = settings;
  if (maxmemory === 0) return Number.POSITIVE_INFINITY;
  return Math.max(oneClientMax, (maxmemory / 100) * INPUT_PERCENT_MAX);
}
