/**
 * The ring as a picture: where a point of it lies, and the path of a part of it.
 *
 * 0 is at the top, fractions of the ring go clockwise, as the walk of a key does.
 */

/** A part of the ring that one node comes first for. */
export interface RingArc {
  /** Index of the node. */
  readonly node: number;
  /** Fractions of the ring. */
  readonly from: number;
  readonly to: number;
}

/** A point of a picture whose centre is 0, 0. */
export interface RingPoint {
  readonly x: number;
  readonly y: number;
}

/** Neighbouring slices of the same node as one arc. */
export function arcsOf(slices: readonly number[]): RingArc[] {
  const arcs: RingArc[] = [];
  for (const [at, node] of slices.entries()) {
    const from = at / slices.length;
    const to = (at + 1) / slices.length;
    const last = arcs.at(-1);
    if (last?.node === node) arcs[arcs.length - 1] = { ...last, to };
    else arcs.push({ node, from, to });
  }
  return arcs;
}

/** Where a fraction of the ring lies. */
export function pointAt(fraction: number, radius: number): RingPoint {
  const angle = fraction * 2 * Math.PI;
  return { x: rounded(Math.sin(angle) * radius), y: rounded(-Math.cos(angle) * radius) };
}

/** The path of a part between two radii; a whole ring is two halves. */
export function arcPath({ from, to }: RingArc, inner: number, outer: number): string {
  if (to - from > 0.999) {
    const half = { node: 0, from: 0, to: 0.5 };
    return `${arcPath(half, inner, outer)} ${arcPath({ node: 0, from: 0.5, to: 0.9999 }, inner, outer)}`;
  }
  const large = to - from > 0.5 ? 1 : 0;
  const [a, b] = [pointAt(from, outer), pointAt(to, outer)];
  const [c, d] = [pointAt(to, inner), pointAt(from, inner)];
  const out = `A ${outer} ${outer} 0 ${large} 1 ${b.x} ${b.y}`;
  const back = `A ${inner} ${inner} 0 ${large} 0 ${d.x} ${d.y}`;
  return `M ${a.x} ${a.y} ${out} L ${c.x} ${c.y} ${back} Z`;
}

/** Nodes evenly round the ring, by their index: a node has hundreds of parts and no place of its own. */
export function nodePoint(index: number, count: number, radius: number): RingPoint {
  return pointAt((index + 0.5) / count, radius);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100 + 0;
}
