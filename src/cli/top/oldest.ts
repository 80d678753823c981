/**
 * How old the oldest waiting job of a row is, on every node that has the queue.
 *
 * `QSTAT queue CLUSTER` tells it for all nodes in one go. A server that does not know that form is asked for
 * the job itself, which brings the body along; so only rows that are shown are asked about.
 */
import type { Connection } from "../../client/connection.ts";
import { ConnectionError } from "../../client/connection-error.ts";
import {
  createdMs,
  ErrorReply,
  listOf,
  numberOf,
  pairsOf,
  type Reply,
  textOf,
} from "../../client/reply.ts";
import type { Look } from "./observation.ts";
import type { QueueRow } from "./queue-rows.ts";

/** A row with the age of its oldest job in milliseconds; NaN when nothing is queued. */
export interface AgedRow extends QueueRow {
  readonly oldestMs: number;
}

type Place = QueueRow["places"][number];

/**
 * Asks about all rows of a look at once. A node that is gone meanwhile has no oldest job.
 *
 * With a silent node the jobs themselves are asked for: nodes would wait for it, a second for each queue.
 */
export async function withOldest(rows: readonly QueueRow[], look: Look): Promise<AgedRow[]> {
  const isWhole = look.nodes.every(({ info }) => info !== undefined);
  return Promise.all(
    rows.map(async (row) => {
      const known = (await agesOf(row, isWhole)).filter(Number.isFinite);
      return { ...row, oldestMs: known.length === 0 ? Number.NaN : Math.max(...known) };
    }),
  );
}

async function agesOf({ places, length }: QueueRow, isWhole: boolean): Promise<number[]> {
  const connection = places.find(({ look }) => look.connection?.isOpen)?.look.connection;
  if (length === 0 || connection === undefined) return [];
  try {
    if (!isWhole) return await Promise.all(places.map(ageOfFirstJob));
    return await askAges(connection, places);
  } catch (error) {
    if (error instanceof ConnectionError) return [];
    throw error;
  }
}

async function askAges(connection: Connection, places: readonly Place[]): Promise<number[]> {
  const name = Buffer.from(places[0]?.queue.name ?? "", "latin1");
  const reply = await connection.call("QSTAT", name, "CLUSTER");
  if (reply instanceof ErrorReply) return Promise.all(places.map(ageOfFirstJob));
  const nodes = listOf(pairsOf(reply).get("nodes")).map(pairsOf);
  return places.map(({ look }) => {
    const node = nodes.find((pairs) => textOf(pairs.get("node")) === look.node.id);
    return ageIn(node?.get("oldest"));
  });
}

/** Whole seconds; negative when nothing waits. */
function ageIn(reply: Reply | undefined): number {
  const seconds = numberOf(reply);
  return seconds >= 0 ? seconds * 1000 : Number.NaN;
}

async function ageOfFirstJob({ look, queue }: Place): Promise<number> {
  const { connection, nowMs } = look;
  if (connection === undefined || queue.length === 0) return Number.NaN;
  const peeked = await connection.call("QPEEK", Buffer.from(queue.name, "latin1"), 1);
  const id = listOf(listOf(peeked)[0])[1];
  if (id === undefined) return Number.NaN;
  return Math.max(0, nowMs - createdMs(pairsOf(await connection.call("SHOW", textOf(id)))));
}
