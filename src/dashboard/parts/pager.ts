/**
 * Back and forth between pages of a table.
 *
 * It knows numbers of pages only; what a page holds is the business of its caller.
 */
import { count } from "../format.ts";
import { html } from "../html.ts";

interface PagerProps {
  /** From 0. */
  readonly page: number;
  readonly pages: number;
  readonly label: string;
  readonly onPage: (page: number) => void;
}

/** Nothing for a single page. */
export function Pager({ page, pages, label, onPage }: PagerProps) {
  if (pages < 2) return null;
  const to = (target: number, text: string, name: string) => html`
    <button type="button" aria-label=${name} disabled=${target < 0 || target >= pages || target === page}
      onClick=${() => onPage(target)}>${text}</button>
  `;
  return html`
    <nav class="pager" aria-label=${label}>
      ${to(0, "«", "First page")} ${to(page - 1, "‹", "Previous page")}
      <span class="where">Page ${count(page + 1)} of ${count(pages)}</span>
      ${to(page + 1, "›", "Next page")} ${to(pages - 1, "»", "Last page")}
    </nav>
  `;
}
