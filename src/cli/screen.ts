/**
 * The whole screen of a terminal, for pictures that are drawn again and again.
 *
 * What was there before comes back in the end. Keys are read one by one; Ctrl-C and `q` are handed on as the
 * signal they mean, so that ending is the same everywhere.
 */
import { canRedraw, columns, showCursor } from "./terminal.ts";

const ENTER_SCREEN = "\x1b[?1049h\x1b[H";
const LEAVE_SCREEN = "\x1b[?1049l";
const HOME = "\x1b[H";
const ERASE_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";
const CTRL_C = "\x03";
const ESCAPE = "\x1b";

/** A screen that is ours for a while. */
export class Screen {
  #isOpen = false;
  #onKey: (key: string) => void = () => undefined;
  readonly #onData = (chunk: Buffer): void => {
    for (const key of chunk.toString("utf8")) {
      if (key === CTRL_C || key === "q") process.kill(process.pid, "SIGINT");
      else this.#onKey(key);
    }
  };

  /** Undefined where the cursor cannot be moved. */
  static ifTerminal(): Screen | undefined {
    return canRedraw() ? new Screen() : undefined;
  }

  /** Takes the screen and the keys. */
  open(onKey: (key: string) => void): void {
    this.#isOpen = true;
    this.#onKey = onKey;
    process.stdout.write(ENTER_SCREEN);
    showCursor(false);
    if (!process.stdin.isTTY) return;
    process.stdin.setRawMode(true);
    process.stdin.on("data", this.#onData);
  }

  /** Shows these lines in place of what was there; nothing any more once the screen is given back. */
  show(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const width = columns();
    const cut = lines.map((line) => `${cutPainted(line, width)}${ERASE_LINE}`);
    process.stdout.write(`${HOME}${cut.join("\r\n")}${ERASE_BELOW}`);
  }

  /** Gives both back. */
  close(): void {
    this.#isOpen = false;
    process.stdout.write(LEAVE_SCREEN);
    showCursor(true);
    if (!process.stdin.isTTY) return;
    process.stdin.off("data", this.#onData);
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }
}

/** The line cut to a width; styles have none. */
function cutPainted(line: string, width: number): string {
  let shown = "";
  let length = 0;
  for (let at = 0; at < line.length; ) {
    const isStyle = line.charAt(at) === ESCAPE;
    const piece = isStyle ? line.slice(at, line.indexOf("m", at) + 1) : line.charAt(at);
    if (!isStyle && length++ >= width) break;
    shown += piece;
    at += piece.length;
  }
  return line.includes(ESCAPE) ? `${shown}\x1b[0m` : shown;
}
