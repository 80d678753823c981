/**
 * The ring as a picture: who comes first for which part, and where a key lies on it.
 *
 * Parts are coloured by node; beside every picture stands a table with the same facts, so that neither
 * colours nor eyes are needed.
 */
import { percent, shortId } from "../format.ts";
import { html } from "../html.ts";
import { arcPath, arcsOf, nodePoint, pointAt } from "../shapes/ring-geometry.ts";

/** Colours of nodes, by index; then they come again. */
const COLOURS = ["--blue", "--teal", "--amber", "--violet", "--rose", "--lime", "--cyan", "--pink"];

/** A node on the ring. */
export interface RingNode {
  readonly nodeId: string;
  readonly share: number | null;
  /** Tone of its state: good, warn, bad. */
  readonly tone: string;
  readonly note: string;
}

/** The colour of a node. */
export function nodeColour(index: number): string {
  return `var(${COLOURS[index % COLOURS.length]})`;
}

interface RingPictureProps {
  readonly label: string;
  readonly slices: readonly number[];
  readonly nodes: readonly RingNode[];
  /** Where a key lies. */
  readonly position?: number | null;
  /** Indexes of nodes that are marked, the first one most. */
  readonly marked?: readonly number[];
}

const OUTER = 100;
const INNER = 82;
const NODES_AT = 50;

/** The picture. */
export function RingPicture({ label, slices, nodes, position = null, marked }: RingPictureProps) {
  const isDim = (node: number): boolean => marked !== undefined && !marked.includes(node);
  return html`
    <svg class="ring" viewBox="-116 -116 232 232" role="img" aria-label=${label}>
      ${arcsOf(slices).map(
        (arc) => html`
          <path key=${arc.from} d=${arcPath(arc, INNER, OUTER)} fill=${nodeColour(arc.node)}
            opacity=${isDim(arc.node) ? 0.18 : 0.95}><title>${shortId(nodes[arc.node]?.nodeId ?? "")}</title></path>
        `,
      )}
      ${nodes.map(
        (node, index) => html`<${NodeMark} key=${node.nodeId} node=${node} index=${index}
        count=${nodes.length} rank=${marked?.indexOf(index) ?? -1} isDim=${isDim(index)} from=${position} />`,
      )}
      ${position !== null && html`<${KeyMark} position=${position} />`}
    </svg>
  `;
}

function KeyMark({ position }: { position: number }) {
  const [tip, end] = [pointAt(position, INNER - 2), pointAt(position, OUTER + 12)];
  return html`
    <g class="key">
      <line x1=${tip.x} y1=${tip.y} x2=${end.x} y2=${end.y} />
      <circle cx=${end.x} cy=${end.y} r="4" />
    </g>
  `;
}

interface NodeMarkProps {
  readonly node: RingNode;
  readonly index: number;
  readonly count: number;
  /** Among the marked ones; -1: it is not. */
  readonly rank: number;
  readonly isDim: boolean;
  /** A line goes from this place on the ring to marked nodes. */
  readonly from: number | null;
}

function NodeMark({ node, index, count, rank, isDim, from }: NodeMarkProps) {
  const at = count === 1 ? { x: 0, y: 0 } : nodePoint(index, count, NODES_AT);
  const radius = count > 12 ? 9 : 19;
  const start = from === null ? undefined : pointAt(from, INNER);
  return html`
    <g opacity=${isDim ? 0.35 : 1}>
      ${
        start !== undefined &&
        rank >= 0 &&
        html`<line class=${rank === 0 ? "link first" : "link"} x1=${start.x} y1=${start.y} x2=${at.x} y2=${at.y}
          stroke=${nodeColour(index)} />`
      }
      <circle class="node" cx=${at.x} cy=${at.y} r=${radius} stroke=${nodeColour(index)} />
      <circle class="lamp ${node.tone}" cx=${at.x + radius * 0.72} cy=${at.y - radius * 0.72} r="4" />
      ${
        count <= 12 &&
        html`
          <text x=${at.x} y=${at.y}>${node.nodeId.slice(0, 5)}</text>
          <text class="small" x=${at.x} y=${at.y + 9}>${node.share === null ? node.note : percent(node.share)}</text>
        `
      }
      <title>${`${node.nodeId} ${node.note}`}</title>
    </g>
  `;
}
