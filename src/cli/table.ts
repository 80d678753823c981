/**
 * Tables of text: columns as wide as their widest cell, lines never wider than the terminal.
 *
 * Names are to the left and may be cut, numbers are to the right and are not. Painting comes last, as
 * it would count as width otherwise.
 */
import { paint, type Style, columns as terminalColumns } from "./terminal.ts";

/** One column. */
export interface TableColumn {
  readonly title: string;
  readonly align: "left" | "right";
  /** May be cut to this many characters when lines are too long; never cut unless given. */
  readonly widthMin?: number;
}

/** One cell, or a painted one. */
export type Cell = string | { readonly text: string; readonly style: Style };

const GAP = "  ";
const CUT = "…";
/** Of columns that may be cut, also where lines may be as long as they are. */
const CUTTABLE_WIDTH_MAX = 120;

/** The lines of a table, the titles first. */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  widthMax: number = terminalColumns(),
): string[] {
  const widths = columns.map((column, at) => {
    const width = Math.max(column.title.length, ...rows.map((row) => plain(row[at]).length));
    return column.widthMin === undefined ? width : Math.min(width, CUTTABLE_WIDTH_MAX);
  });
  fit(columns, widths, widthMax);
  const line = (cells: readonly Cell[]): string =>
    columns
      .map(({ align }, at) => laidOut(cells[at] ?? "", widths[at] ?? 0, align))
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title }) => ({ text: title, style: "bold" }) as const);
  return [line(titles), ...rows.map(line)];
}

/** Makes columns that may be cut narrower until lines fit, the widest first. */
function fit(columns: readonly TableColumn[], widths: number[], widthMax: number): void {
  const gaps = GAP.length * (columns.length - 1);
  let excess = widths.reduce((sum, width) => sum + width, gaps) - widthMax;
  const cuttable = columns
    .map(({ widthMin }, at) => ({ at, widthMin }))
    .sort((a, b) => (widths[b.at] ?? 0) - (widths[a.at] ?? 0));
  for (const { at, widthMin } of cuttable) {
    if (excess <= 0 || widthMin === undefined) continue;
    const width = widths[at] ?? 0;
    const cut = Math.min(excess, Math.max(0, width - widthMin));
    widths[at] = width - cut;
    excess -= cut;
  }
}

function laidOut(cell: Cell, width: number, align: "left" | "right"): string {
  const text = cutTo(plain(cell), width);
  const filled = align === "left" ? text.padEnd(width) : text.padStart(width);
  return typeof cell === "string" ? filled : filled.replace(text, paint(cell.style, text));
}

/** The text in at most so many characters. */
export function cutTo(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}${CUT}`;
}

function plain(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  return typeof cell === "string" ? cell : cell.text;
}
