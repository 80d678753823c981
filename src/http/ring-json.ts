/**
 * The ring as JSON: CLUSTER RING, and what a picture of it needs beside that.
 *
 * A ring has 512 tokens a node, more than anybody can see. A picture gets the owner of each of some
 * hundred equal slices, looked up in its middle.
 */
import { OWN_INDEX } from "../cluster/nodes.ts";
import type { Hash64 } from "../cluster/ring-hash.ts";
import type { ServerState } from "../commands/server-state.ts";
import { JOB_ID_WORDS, parseJobId } from "../core/job-id.ts";
import type { CommandArgument, CommandReply } from "./command-session.ts";
import type { Call } from "./route.ts";
import { count, list, number, object, orNull, string } from "./schema.ts";

/** Two degrees each. */
const SLICES = 180;
const TWO_32 = 2 ** 32;

/** The shape of `ringJson`. */
export const ringSchema = object({
  nodes: list(
    object({
      nodeId: string(),
      address: string(),
      flags: list(string()),
      tokens: orNull(count()),
      share: orNull(number()),
    }),
  ),
  slices: list(count("Index in `nodes` of the owner of this part of the ring; parts are equal.")),
  position: orNull(number("Where the key lies, as a fraction of the ring; null without a key.")),
});

/** Shares without a key, else the walk of the key. */
export async function ringJson({ node, query, command }: Call): Promise<object> {
  const key = query.bytes("key");
  const args: CommandArgument[] = ["RING"];
  if (key !== undefined) args.push(key);
  const rows = (await command("CLUSTER", ...args)) as CommandReply[][];
  const ids = rows.map(([id]) => String(id));
  return {
    nodes: rows.map(([id, address, flags, tokens, share]) => ({
      nodeId: String(id),
      address: String(address),
      flags: String(flags).split(","),
      tokens: tokens === undefined ? null : Number(tokens),
      share: share === undefined ? null : Number(String(share)),
    })),
    slices: slicesOf(node.server, ids),
    position: key === undefined ? null : fractionOf(keyOf(node.server, key)),
  };
}

function slicesOf({ broker, cluster }: ServerState, ids: readonly string[]): number[] {
  const { ring } = cluster.view;
  const idOf = (node: number): string =>
    node === OWN_INDEX ? broker.nodeId : (cluster.memberAt(node)?.id ?? "");
  const indexes = Array.from(ring.nodes, (node) => ids.indexOf(idOf(node)));
  // The ring may have changed since the command ran: the next answer fits again.
  if (ring.count === 0 || indexes.includes(-1)) return [];
  return Array.from({ length: SLICES }, (_, slice) => {
    const hi = Math.floor(((slice + 0.5) / SLICES) * TWO_32);
    const slot = ring.owners[ring.positionOf({ hi, lo: 0 })] ?? 0;
    return indexes[slot] ?? 0;
  });
}

/** As CLUSTER RING takes it: the id of a job is one, anything else is the name of a queue. */
function keyOf({ cluster }: ServerState, key: Buffer): Hash64 {
  const id = new Int32Array(JOB_ID_WORDS);
  const isJob = parseJobId(key, 0, key.length, id) === "canonical";
  return isJob ? cluster.hash.ofJob(id) : cluster.hash.ofQueue(key);
}

function fractionOf({ hi, lo }: Hash64): number {
  return (hi + lo / TWO_32) / TWO_32;
}
