/**
 * Makes a folder ready for a log that is switched on while the server runs, beside everything else.
 *
 * A start must find a manifest wherever there are segments, so its folder and a manifest that says "new" are on
 * the disk before the first of them is made. Clients are served meanwhile, and nobody waits for that disk:
 * a log that is being switched on promises nothing yet. A log that was switched off a moment ago is ready when the
 * disk knows that. What fails is tried again every second.
 */
import type { Logger } from "../logger.ts";
import { causeText } from "../system-error.ts";
import type { LogFolder } from "./log-folder.ts";
import { RETRY_MS } from "./log-trouble.ts";

/** What it needs. */
export interface SwitchOnParts {
  readonly folder: LogFolder;
  readonly clock: { readonly nowMs: number };
  readonly log: Pick<Logger, "warning">;
  /** A turn is needed. */
  readonly touch: () => void;
  /** The folder is ready: begins to write. May throw the system's error. */
  readonly open: () => void;
}

/** One log that is being switched on, until it is written. */
export class SwitchOn {
  /** Why the disk refuses, in the system's words; "": it does not. */
  trouble = "";
  readonly #parts: SwitchOnParts;
  #state: "waiting" | "writing" | "ready" | "over" = "waiting";
  #retryAtMs = Number.NEGATIVE_INFINITY;

  /** Makes the folder, or finds it. Throws the system's error: then nothing comes of it. */
  constructor(parts: SwitchOnParts) {
    this.#parts = parts;
    const { folder } = parts;
    folder.make();
    // "new" may be of an attempt that was given up before it was on the disk.
    const state = folder.manifest()?.state ?? "new";
    if (state !== "new") this.#state = "ready";
  }

  /** The log is written, or nobody wants it any more. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  /** The end of a turn. `mayBegin`: nothing else is noted about the log. When the next one is needed (monotonic ms). */
  endTurn(mayBegin: boolean): number {
    if (!mayBegin || this.isOver) return Number.POSITIVE_INFINITY;
    const { nowMs } = this.#parts.clock;
    if (nowMs >= this.#retryAtMs) this.#goOn();
    const isLater = this.#retryAtMs > nowMs && this.#state !== "over";
    return isLater ? this.#retryAtMs : Number.POSITIVE_INFINITY;
  }

  /** Does the rest at once, and waits for the disk. Throws the system's error. */
  finishNow(): void {
    const { folder, open } = this.#parts;
    if (this.#state === "waiting" || this.#state === "writing") folder.prepare();
    this.#state = "over";
    open();
  }

  /** Nobody wants the log any more. */
  stop(): void {
    this.#state = "over";
  }

  #goOn(): void {
    const { folder, open } = this.#parts;
    try {
      if (this.#state === "ready") {
        open();
        this.#state = "over";
      } else if (this.#state === "waiting") {
        this.#state = "writing";
        const isWanted = (): boolean => this.#state === "writing";
        folder.prepareLater((error) => this.#prepared(error), isWanted);
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #prepared(error: Error | undefined): void {
    if (this.#state !== "writing") return;
    if (error === undefined) this.#state = "ready";
    else {
      this.#state = "waiting";
      this.#failed(error);
    }
    this.#parts.touch();
  }

  #failed(error: unknown): void {
    const reason = causeText(error);
    if (this.#state === "writing") this.#state = "waiting";
    this.#retryAtMs = this.#parts.clock.nowMs + RETRY_MS;
    if (this.trouble === reason) return;
    this.trouble = reason;
    this.#parts.log.warning("the log cannot be begun, trying again", { reason });
  }
}
