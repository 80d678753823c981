/**
 * INFO cluster-totals: the figures of all nodes, summed, and who is missing from the sum.
 *
 * Lines like the rest of INFO; each node has one, with what became of asking it.
 */

import type { NodeTotals } from "../cluster/totals.ts";
import { nodeFigures } from "../cluster/totals-figures.ts";
import { missingCount, sumOfNodes } from "../cluster/totals-sum.ts";

/** The word that asks for it. */
export const CLUSTER_TOTALS = "cluster-totals";

/** The section as text. */
export function clusterTotalsText(nodes: readonly NodeTotals[]): string {
  const sums = sumOfNodes(nodes);
  const lines = [
    "# Cluster-totals",
    `nodes:${nodes.length}`,
    `nodes_answered:${nodes.length - missingCount(nodes)}`,
    `nodes_missing:${missingCount(nodes)}`,
    ...nodeFigures.map(({ name }, at) => `${name}:${sums[at] ?? 0}`),
    ...nodes.map((node, at) => `node${at}:${nodeText(node)}`),
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}

function nodeText({ nodeId, answer, ageMs, heardMsAgo, reading }: NodeTotals): string {
  const shownAge = Number.isFinite(ageMs) ? Math.round(ageMs) : -1;
  const heard = Number.isFinite(heardMsAgo) ? Math.round(heardMsAgo) : -1;
  const state = `id=${nodeId},answer=${answer.replace(" ", "-")},age_ms=${shownAge}`;
  const queued = reading?.figures[1];
  return `${state},heard_ms_ago=${heard}${queued === undefined ? "" : `,jobs_queued=${queued}`}`;
}
