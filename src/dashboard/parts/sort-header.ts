/**
 * The head of a column that orders the rows.
 *
 * A button in a cell, so that it can be reached and pressed with the keyboard.
 */
import { html } from "../html.ts";

interface SortHeaderProps {
  readonly label: string;
  readonly isText?: boolean;
  /** Undefined: another column decides; true: largest first. */
  readonly direction: boolean | undefined;
  /** Undefined: this column cannot decide here. */
  readonly onSort: (() => void) | undefined;
}

/** A cell of a table's head. */
export function SortHeader({ label, isText, direction, onSort }: SortHeaderProps) {
  if (onSort === undefined) {
    return html`<th scope="col" class=${isText ? "" : "n"}>${label}</th>`;
  }
  const sort = direction === undefined ? undefined : direction ? "descending" : "ascending";
  const sign = direction === undefined ? "" : direction ? "▾" : "▴";
  return html`
    <th scope="col" class=${isText ? "" : "n"} aria-sort=${sort}>
      <button type="button" class="sort" onClick=${onSort}>
        ${label}<span class="direction" aria-hidden="true">${sign}</span>
      </button>
    </th>
  `;
}
