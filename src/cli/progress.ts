/**
 * How far something has come: one line on standard error that is written anew.
 *
 * Only where somebody looks; elsewhere there is nothing but the result. Results go to standard output, so a
 * bar never gets into a file.
 */
import { cutTo } from "./table.ts";

const BAR_CELLS = 30;
const REDRAW_EVERY_MS = 100;
const COLUMNS_DEFAULT = 80;

/** A progress bar. */
export class Progress {
  readonly #isShown = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  #drawnMs = Number.NEGATIVE_INFINITY;
  #hasLine = false;

  /** Shows `share` (0 to 1; undefined: nobody knows) and a text. */
  show(share: number | undefined, text: string): void {
    if (!this.#isShown || performance.now() - this.#drawnMs < REDRAW_EVERY_MS) return;
    this.#drawnMs = performance.now();
    this.#hasLine = true;
    const line = share === undefined ? text : `${barOf(share)} ${text}`;
    const width = (process.stderr.columns || COLUMNS_DEFAULT) - 1;
    process.stderr.write(`\r${cutTo(line, width)}\x1b[K`);
  }

  /** Wipes the line away. */
  end(): void {
    if (this.#hasLine) process.stderr.write("\r\x1b[K");
    this.#hasLine = false;
  }
}

function barOf(share: number): string {
  const bounded = Math.min(1, Math.max(0, share));
  const full = Math.floor(bounded * BAR_CELLS);
  const percent = String(Math.floor(bounded * 100)).padStart(3);
  return `[${"#".repeat(full)}${".".repeat(BAR_CELLS - full)}] ${percent}%`;
}
