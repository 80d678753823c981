/**
 * The prompt: commands are typed, replies are shown, until `exit` or Ctrl-D.
 *
 * One command runs at a time; lines typed meanwhile wait. Ctrl-C ends a command that takes too long by
 * closing its connection, and the prompt itself when nothing is typed. A lost connection is opened again by
 * the next command.
 */
import { parseHostPort, parsePort, parseUrl, printAddress } from "../../client/address.ts";
import { ConnectionError, ServerError } from "../../client/connection-error.ts";
import { ErrorReply } from "../../client/reply.ts";
import { SteadyConnection } from "../../client/steady-connection.ts";
import type { Target } from "../../client/target.ts";
import { splitArgs } from "../../protocol/split-args.ts";
import { type Format, formatted } from "../formats/format.ts";
import { follow, isEndless } from "../monitor.ts";
import { complain, paint, printLine } from "../terminal.ts";
import { type CommandTable, readCommandTable } from "./command-table.ts";
import { LineEditor } from "./editor.ts";
import { helpLines } from "./help.ts";
import { completionsFor, hintFor } from "./hints.ts";
import { historyPath, readHistory, rememberLine } from "./history.ts";

/** Replies that took longer show how long. */
const SLOW_MS = 500;
/** `5 PING` runs it so often, and no more. */
const REPEAT_MAX = 1_000_000;

/** Runs the prompt to its end. Resolves with the exit code. */
export async function runPrompt(target: Target, format: Format): Promise<number> {
  return new Prompt(target, format).run();
}

class Prompt {
  readonly #format: Format;
  readonly #historyPath = historyPath();
  readonly #editor: LineEditor;
  readonly #lines: string[] = [];
  #target: Target;
  #connection: SteadyConnection;
  #table: CommandTable = new Map();
  #isRunning = false;
  #isOver = false;
  #finish: () => void = () => undefined;

  constructor(target: Target, format: Format) {
    this.#target = target;
    this.#format = format;
    this.#connection = this.#connectionTo(target);
    this.#editor = new LineEditor(readHistory(this.#historyPath), {
      onLine: (line) => this.#onLine(line),
      onInterrupt: (line) => this.#onInterrupt(line),
      onClose: () => this.#end(),
      hint: (line) => hintFor(this.#table, line),
      complete: (line) => completionsFor(this.#table, line),
    });
  }

  async run(): Promise<number> {
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    await this.#attempt(() => this.#learnCommands());
    this.#prompt();
    await finished;
    this.#connection.close();
    return 0;
  }

  #prompt(): void {
    if (this.#isOver) return;
    const name = this.#connection.isOpen ? printAddress(this.#connection.address) : "not connected";
    this.#editor.prompt(`${name}> `);
  }

  #onLine(line: string): void {
    this.#lines.push(line);
    if (!this.#isRunning) void this.#runLines();
  }

  async #runLines(): Promise<void> {
    this.#isRunning = true;
    for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
      if (this.#isOver) break;
      rememberLine(this.#historyPath, line);
      const typed = line;
      await this.#attempt(() => this.#runLine(typed));
    }
    this.#isRunning = false;
    this.#prompt();
  }

  #onInterrupt(line: string): void {
    if (this.#isRunning) {
      this.#lines.length = 0;
      this.#connection.close("interrupted");
    } else if (line !== "") {
      this.#editor.discard();
      this.#prompt();
    } else this.#editor.close();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    printLine();
    this.#finish();
  }

  /** What fails is said, and the prompt goes on. */
  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      const isExpected = error instanceof ConnectionError || error instanceof ServerError;
      if (!isExpected) throw error;
      complain(paint("red", error.message));
    }
  }

  async #runLine(line: string): Promise<void> {
    // The words are bytes, as the line's UTF-8 has them.
    const words = splitArgs(Buffer.from(line, "utf8").toString("latin1"));
    if (words === undefined) {
      complain(paint("red", "unbalanced quotes"));
      return;
    }
    const [first = "", ...rest] = words;
    const local = this.#localCommand(first.toLowerCase(), rest);
    if (first === "" || local !== undefined) {
      await local?.();
      return;
    }
    const times = /^[1-9]\d*$/.test(first) && rest.length > 0 ? Number(first) : 1;
    const command = times > 1 || first === "1" ? rest : words;
    for (let run = 0; run < Math.min(times, REPEAT_MAX); run++) await this.#runCommand(command);
  }

  /** Words that are not for the server. */
  #localCommand(name: string, rest: readonly string[]): (() => Promise<void>) | undefined {
    const isAlone = rest.length === 0;
    if (isAlone && (name === "exit" || name === "quit")) return async () => this.#editor.close();
    if (isAlone && name === "clear") return async () => void process.stdout.write("\x1b[H\x1b[2J");
    if (name === "connect") return () => this.#connectTo(rest);
    if (name !== "help" && name !== "?") return undefined;
    return async () => {
      for (const line of helpLines(this.#table, rest)) printLine(line);
    };
  }

  async #runCommand(words: readonly string[]): Promise<void> {
    const args = words.map((word) => Buffer.from(word, "latin1"));
    if (isEndless(words)) {
      await follow(await this.#connection.connect(), args, this.#format);
      return;
    }
    const startMs = performance.now();
    const reply = await this.#connection.call(...args);
    const shown = formatted(this.#format, words, reply);
    const isError = reply instanceof ErrorReply;
    process.stdout.write(isError ? paint("red", shown.toString("utf8")) : shown);
    const ms = performance.now() - startMs;
    if (ms >= SLOW_MS) printLine(paint("dim", `(${(ms / 1000).toFixed(2)}s)`));
    if (words[0]?.toLowerCase() === "auth" && !isError) await this.#loggedIn(words.slice(1));
  }

  async #loggedIn(words: readonly string[]): Promise<void> {
    const texts = words.map((word) => Buffer.from(word, "latin1").toString("utf8"));
    const password = texts.pop() ?? "";
    this.#connection.rememberLogin(texts[0], password);
    if (this.#table.size === 0) await this.#learnCommands();
  }

  async #learnCommands(): Promise<void> {
    this.#table = await readCommandTable(await this.#connection.connect());
  }

  /** `connect HOST PORT`, `connect HOST:PORT` or `connect URL`. */
  async #connectTo(words: readonly string[]): Promise<void> {
    const [first = "", second = ""] = words;
    const url = first.includes("://") ? parseUrl(first) : undefined;
    const pair = `${first.includes(":") ? `[${first}]` : first}:${second}`;
    const address =
      typeof url === "object"
        ? url.address
        : parseHostPort(parsePort(second) === undefined ? first : pair);
    if (address === undefined || words.length > 2) {
      complain(
        paint(
          "red",
          `connect HOST PORT, or connect URL${typeof url === "string" ? `: ${url}` : ""}`,
        ),
      );
      return;
    }
    this.#connection.close();
    const login = typeof url === "object" && url.password !== undefined ? url : {};
    const { user, password } = { ...this.#target, ...login };
    this.#target = {
      ...this.#target,
      address,
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
    };
    this.#connection = this.#connectionTo(this.#target);
    await this.#learnCommands();
  }

  #connectionTo(target: Target): SteadyConnection {
    return new SteadyConnection(target, (from, to) => {
      complain(paint("yellow", `${from} is leaving the cluster; continuing on ${to}`));
    });
  }
}
