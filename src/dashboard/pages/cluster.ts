/**
 * Cluster: the ring as a picture, and every node with its state, its links and how far it is drained.
 *
 * What a node is worth is told by the node; whether it can be reached, by the node that is looked at.
 */
import { bytes, count, duration, percent, shortId } from "../format.ts";
import { html } from "../html.ts";
import { addressOf, stateOf } from "../parts/node-list.ts";
import { nodeColour, RingPicture } from "../parts/ring-picture.ts";
import type { ClusterShape, MemberShape, RingShape } from "../shapes/api-shapes.ts";
import { drainStarts, live } from "../state/live.ts";
import { useRing } from "../state/ring.ts";
import { useStore } from "../state/store.ts";

/** The page. */
export function ClusterPage() {
  const { snapshot } = useStore(live);
  const { ring, problem } = useRing();
  const cluster = snapshot?.cluster ?? undefined;
  if (cluster === undefined || ring === undefined) {
    return html`<h1>Cluster</h1><p class="hint" role="status">${problem ?? "Asking the nodes …"}</p>`;
  }
  const members = new Map(cluster.nodes.map((node) => [node.nodeId, node]));
  const ringNodes = ring.nodes.map(({ nodeId, share }) => {
    const { word, tone } = toneOf(members.get(nodeId));
    return { nodeId, share, tone, note: word };
  });
  return html`
    <h1>Cluster</h1>
    <${Alone} cluster=${cluster} />
    <div class="ring-and-nodes">
      <section class="card" aria-labelledby="ring">
        <h2 id="ring">Ring</h2>
        <${RingPicture} label=${describe(ringNodes)} slices=${ring.slices} nodes=${ringNodes} />
        <p class="hint">Each part of the ring has the colour of the node that comes first for the jobs and queues in it.</p>
      </section>
      <section class="card" aria-labelledby="members">
        <h2 id="members">Nodes</h2>
        <${Members} cluster=${cluster} ring=${ring} />
      </section>
    </div>
    <${Drains} nodes=${cluster.nodes} />
    <${Totals} cluster=${cluster} />
  `;
}

function toneOf(member: MemberShape | undefined): { word: string; tone: string } {
  return member === undefined ? { word: "unknown", tone: "warn" } : stateOf(member);
}

function describe(
  nodes: readonly { nodeId: string; share: number | null; note: string }[],
): string {
  const parts = nodes.map(
    ({ nodeId, share, note }) => `${shortId(nodeId)} has ${percent(share)}, ${note}`,
  );
  return `The ring of ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}: ${parts.join("; ")}.`;
}

function Alone({ cluster }: { cluster: ClusterShape }) {
  const [self] = cluster.nodes;
  if (cluster.nodes.length > 1 || self === undefined) return null;
  return html`
    <section class="empty">
      <h2>This node is alone</h2>
      <p>Start others and let them meet, so that jobs have copies elsewhere:</p>
      <pre>ringq cluster create ${addressOf(self)} OTHER:PORT OTHER:PORT</pre>
    </section>
  `;
}

function Members({ cluster, ring }: { cluster: ClusterShape; ring: RingShape }) {
  return html`
    <div class="scroll">
      <table class="plain" aria-labelledby="members">
        <thead>
          <tr>
            <th scope="col">Node</th><th scope="col">State</th><th scope="col">Address</th>
            <th scope="col" class="n">Share</th><th scope="col" class="n">Jobs</th><th scope="col" class="n">Queued</th>
            <th scope="col" class="n">Memory</th><th scope="col" class="n">Round trip</th><th scope="col" class="n">Heard</th>
          </tr>
        </thead>
        <tbody>
          ${cluster.nodes.map((node) => {
            const at = ring.nodes.findIndex(({ nodeId }) => nodeId === node.nodeId);
            const { word, tone } = stateOf(node);
            return html`
              <tr key=${node.nodeId}>
                <th scope="row">
                  <i class=${at < 0 ? "dot none" : "dot"} style=${{ background: at < 0 ? "transparent" : nodeColour(at) }} aria-hidden="true"></i>
                  <code title=${node.nodeId}>${shortId(node.nodeId)}</code>
                  ${node.isSelf && html` <span class="tag">this</span>`}
                  ${node.zone !== "" && html` <span class="tag" title="Zone">${node.zone}</span>`}
                </th>
                <td><span class="state ${tone}">${word}</span></td>
                <td>${addressOf(node)}</td>
                <td class="n">${percent(ring.nodes[at]?.share)}</td>
                <td class="n">${count(node.figures?.registered_jobs)}</td>
                <td class="n">${count(node.figures?.jobs_queued)}</td>
                <td class="n">${bytes(node.figures?.used_memory)}</td>
                <td class="n">${node.roundTripMs === null ? "–" : duration(node.roundTripMs / 1000)}</td>
                <td class="n">${node.isSelf || node.heardSecondsAgo === null ? "–" : `${duration(node.heardSecondsAgo)} ago`}</td>
              </tr>
            `;
          })}
        </tbody>
      </table>
    </div>
  `;
}

/** How far nodes that leave have come since this page was opened. */
function Drains({ nodes }: { nodes: readonly MemberShape[] }) {
  const leaving = nodes.filter(({ flags }) => flags.includes("leaving"));
  if (leaving.length === 0) return null;
  return html`
    <section class="card" aria-labelledby="drains">
      <h2 id="drains">Nodes that leave</h2>
      ${leaving.map(({ nodeId, figures }) => {
        const left = figures?.registered_jobs ?? 0;
        const start = Math.max(drainStarts.get(nodeId) ?? left, left, 1);
        const label = `${shortId(nodeId)} has ${count(left)} jobs left`;
        return html`
          <p key=${nodeId} class="drain">
            <code>${shortId(nodeId)}</code>
            <progress max=${start} value=${start - left} aria-label=${label}></progress>
            <span>${left === 0 ? "empty: it can be stopped" : `${count(left)} jobs left`}</span>
          </p>
        `;
      })}
    </section>
  `;
}

const TOTALS: readonly (readonly [string, string])[] = [
  ["Jobs and copies", "registered_jobs"],
  ["Queued", "jobs_queued"],
  ["Delayed or in flight", "jobs_active"],
  ["Copies kept for others", "jobs_copied"],
  ["Lacking copies", "jobs_underreplicated"],
  ["Acknowledged, remembered", "jobs_acked"],
  ["Queues", "registered_queues"],
  ["Waiting clients", "blocked_clients"],
  ["Added", "total_jobs_added"],
  ["Delivered", "total_jobs_delivered"],
  ["Acknowledged", "total_jobs_acknowledged"],
  ["Delivered again", "total_jobs_redelivered"],
  ["Given back", "total_jobs_nacked"],
  ["Expired", "total_jobs_expired"],
];

function Totals({ cluster }: { cluster: ClusterShape }) {
  return html`
    <section class="card" aria-labelledby="totals">
      <h2 id="totals">All nodes together</h2>
      <dl class="facts columns">
        ${TOTALS.map(([label, name]) => html`<div key=${name}><dt>${label}</dt><dd>${count(cluster.totals[name])}</dd></div>`)}
      </dl>
    </section>
  `;
}
