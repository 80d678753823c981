/**
 * The nodes of a ring in one order everywhere: that of their ids.
 *
 * The server names them in the order that answers the question, which for a job is its walk. A reader who
 * goes from page to page wants each node in its place and colour.
 */
import type { RingShape } from "./api-shapes.ts";

/** The same ring with `nodes` in the order of their ids. */
export function inIdOrder(ring: RingShape): RingShape {
  const nodes = [...ring.nodes].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const places = ring.nodes.map((node) => nodes.indexOf(node));
  return { ...ring, nodes, slices: ring.slices.map((node) => places[node] ?? 0) };
}
