/**
 * The line that is being typed: readline, with a hint in grey behind the cursor.
 *
 * readline has no hints of its own. Before it sees a key the hint is wiped away, after that the new one is
 * written and the cursor goes back; so a hint never becomes part of a line or of what is scrolled up.
 */
import { createInterface, type Interface } from "node:readline";
import { cutTo } from "../table.ts";
import { columns, hasColours, paint } from "../terminal.ts";
import { HISTORY_LINES_MAX } from "./history.ts";

const ERASE_TO_END = "\x1b[K";

/** What the editor asks and tells. */
export interface EditorEvents {
  onLine(line: string): void;
  /** Ctrl-C; the line that was being typed is given. */
  onInterrupt(line: string): void;
  onClose(): void;
  hint(line: string): string;
  complete(line: string): [string[], string];
}

/** A prompt. */
export class LineEditor {
  readonly #readline: Interface;
  readonly #events: EditorEvents;
  #isHintShown = false;
  #isPrompting = false;

  constructor(history: string[], events: EditorEvents) {
    this.#events = events;
    this.#readline = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history,
      historySize: HISTORY_LINES_MAX,
      removeHistoryDuplicates: true,
      completer: (line: string) => events.complete(line),
    });
    this.#readline.on("line", (line) => {
      this.#isPrompting = false;
      events.onLine(line);
    });
    this.#readline.on("SIGINT", () => events.onInterrupt(this.#readline.line));
    this.#readline.on("close", () => events.onClose());
    if (hasColours()) this.#watchKeys();
  }

  /** Shows the prompt, and what has been typed meanwhile. */
  prompt(text: string): void {
    this.#readline.setPrompt(text);
    this.#isPrompting = true;
    this.#readline.prompt(true);
  }

  /** Throws away what is being typed and begins a new line. */
  discard(): void {
    this.#wipe();
    process.stdout.write("^C\n");
    // Ctrl-U and Ctrl-K: readline has no other way.
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
  }

  /** Ends it; `onClose` follows. */
  close(): void {
    this.#wipe();
    this.#readline.close();
  }

  #watchKeys(): void {
    process.stdin.prependListener("keypress", () => this.#wipe());
    process.stdin.on("keypress", () => this.#showHint());
  }

  #wipe(): void {
    if (!this.#isHintShown) return;
    this.#isHintShown = false;
    process.stdout.write(ERASE_TO_END);
  }

  #showHint(): void {
    const { line, cursor } = this.#readline;
    if (!this.#isPrompting || cursor !== line.length || line === "") return;
    const room = columns() - this.#readline.getCursorPos().cols - 1;
    const isOneRow = this.#readline.getCursorPos().rows === 0;
    const hint = isOneRow ? cutTo(this.#events.hint(line), Math.max(0, room)) : "";
    if (hint === "") return;
    process.stdout.write(`${paint("dim", hint)}\x1b[${hint.length}D`);
    this.#isHintShown = true;
  }
}
