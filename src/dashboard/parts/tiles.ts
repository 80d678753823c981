/**
 * Tiles: one figure each, with what it is and a word beside it.
 *
 * A list of terms and descriptions for a screen reader; colour never says anything alone.
 */
import { html } from "../html.ts";

/** A tile. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  /** How full something is, 0 to 1. */
  readonly fraction?: number;
  /** Somebody should look at this. */
  readonly isBad?: boolean;
}

/** Tiles in a row. */
export function Tiles({ tiles }: { tiles: readonly Tile[] }) {
  return html`
    <dl class="tiles">
      ${tiles.map(
        ({ label, value, note, fraction, isBad }) => html`
          <div key=${label} class=${isBad ? "card tile bad" : "card tile"}>
            <dt>${label}</dt>
            <dd class="value">${value}</dd>
            <dd class="note">${note}</dd>
            ${
              fraction !== undefined &&
              html`<dd class="gauge" aria-hidden="true">
                <i class=${fraction > 0.9 ? "full" : ""} style=${{ width: `${Math.min(fraction, 1) * 100}%` }}></i>
              </dd>`
            }
          </div>
        `,
      )}
    </dl>
  `;
}
