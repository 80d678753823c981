/**
 * The nodes of the cluster in a few columns, each with its state in a word.
 *
 * A node that did not answer stays in the list, with dashes for its figures.
 */
import { bytes, count, shortId } from "../format.ts";
import { html } from "../html.ts";
import type { ClusterShape, MemberShape } from "../shapes/api-shapes.ts";

/** What one should know of a node first. */
export function stateOf({ flags, isConnected, answer }: MemberShape): {
  word: string;
  tone: string;
} {
  if (flags.includes("fail")) return { word: "failed", tone: "bad" };
  if (flags.includes("fail?")) return { word: "suspected", tone: "warn" };
  if (flags.includes("leaving")) return { word: "leaving", tone: "warn" };
  if (!isConnected) return { word: "not connected", tone: "bad" };
  return answer === "answered" ? { word: "up", tone: "good" } : { word: answer, tone: "warn" };
}

/** Where clients find a node. One that was never told its own address is where this page came from. */
export function addressOf({ host, port }: MemberShape): string {
  const known = host === "" ? location.hostname.replace(/^\[|\]$/g, "") : host;
  return known.includes(":") ? `[${known}]:${port}` : `${known}:${port}`;
}

/** A card with all nodes. */
export function NodeList({ cluster }: { cluster: ClusterShape | null }) {
  const nodes = cluster?.nodes ?? [];
  return html`
    <section class="card" aria-labelledby="nodes">
      <header class="line">
        <h2 id="nodes">Nodes</h2>
        <a href="#/cluster">Cluster</a>
      </header>
      ${
        nodes.length === 0
          ? html`<p class="hint">No node has answered yet.</p>`
          : html`
            <table class="plain" aria-labelledby="nodes">
              <thead>
                <tr>
                  <th scope="col">Node</th><th scope="col">State</th>
                  <th scope="col" class="n">Queued</th><th scope="col" class="n">Memory</th>
                </tr>
              </thead>
              <tbody>
                ${nodes.map((node) => {
                  const { word, tone } = stateOf(node);
                  return html`
                    <tr key=${node.nodeId}>
                      <th scope="row"><code title=${node.nodeId}>${shortId(node.nodeId)}</code> ${node.isSelf ? html`<span class="tag">this</span>` : ""}</th>
                      <td><span class="state ${tone}">${word}</span></td>
                      <td class="n">${count(node.figures?.jobs_queued)}</td>
                      <td class="n">${bytes(node.figures?.used_memory)}</td>
                    </tr>
                  `;
                })}
              </tbody>
            </table>
          `
      }
    </section>
  `;
}
