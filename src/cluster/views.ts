/**
 * Views: the member sets this node has lived in, the present one first.
 *
 * Two nodes whose sets differ compute different rings. The fingerprint lets them notice, in 16
 * characters a heartbeat. Because every job id carries a part of it (id-hints.ts), a job made before
 * the last node joined can be looked for where its copies went then; hence a few older views are
 * kept. Who may be a member is decided by membership, not here.
 */
import { VIEW_HINT_BITS } from "./id-hints.ts";
import { Ring, type RingMember } from "./ring.ts";
import type { RingHash } from "./ring-hash.ts";
import type { TokenCache } from "./ring-tokens.ts";

/** Views remembered, the present one included. */
export const VIEWS_MAX = 8;

/** One set of members. */
export class View {
  readonly members: readonly RingMember[];
  /** 16 hex digits, equal for equal sets of ids. */
  readonly fingerprint: string;
  /** The part of the fingerprint that job ids carry. */
  readonly hint: number;
  readonly #tokens: TokenCache;
  #ring: Ring | undefined;

  constructor(members: readonly RingMember[], hash: RingHash, tokens: TokenCache) {
    this.members = members;
    this.#tokens = tokens;
    let hi = 0;
    let lo = 0;
    for (const { id } of members) {
      const part = hash.ofMember(id);
      hi ^= part.hi;
      lo ^= part.lo;
    }
    this.fingerprint = hex(hi) + hex(lo);
    this.hint = lo & (2 ** VIEW_HINT_BITS - 1);
  }

  /** The ring of these members, built when first asked for. */
  get ring(): Ring {
    this.#ring ??= new Ring(this.members, this.#tokens);
    return this.#ring;
  }
}

/** The present view and those before it. */
export class Views {
  readonly #hash: RingHash;
  readonly #tokens: TokenCache;
  /** Newest first, never empty, fingerprints distinct. */
  #views: View[];

  /** Starts with a ring of nobody. */
  constructor(hash: RingHash, tokens: TokenCache) {
    this.#hash = hash;
    this.#tokens = tokens;
    this.#views = [new View([], hash, tokens)];
  }

  /** The view of now. */
  get current(): View {
    return this.#views[0] as View;
  }

  /** Sets the members of now, in any order. Returns false when they are those of before. */
  change(members: readonly RingMember[]): boolean {
    // Copies: a node of membership changes its id after a hard reset, a view never.
    const copies = members.map(({ node, id }) => ({ node, id }));
    const next = new View(copies, this.#hash, this.#tokens);
    const nodes = new Map(members.map(({ id, node }) => [id, node]));
    const ids = new Map(members.map(({ id, node }) => [node, id]));
    const agrees = (view: View): boolean =>
      view.members.every(
        ({ id, node }) => (nodes.get(id) ?? node) === node && (ids.get(node) ?? id) === id,
      );
    // Where an index now means another node, an old view would name the wrong ones.
    const remembered = this.#views.filter(agrees);
    const same = remembered.find((view) => view.fingerprint === next.fingerprint);
    if (same !== undefined && same === this.#views[0]) return false;
    const older = remembered.filter((view) => view !== same && view.members.length > 0);
    this.#views = [same ?? next, ...older].slice(0, VIEWS_MAX);
    return true;
  }

  /** The newest older view with this hint; undefined when the present one has it, or none. */
  older(hint: number): View | undefined {
    const view = this.#views.find((candidate) => candidate.hint === hint);
    return view === this.current ? undefined : view;
  }
}

function hex(half: number): string {
  return (half >>> 0).toString(16).padStart(8, "0");
}
