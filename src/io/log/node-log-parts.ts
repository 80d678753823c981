/**
 * What a node's log is made with.
 *
 * Apart from it so that the log's own file has room for what it does.
 */
import type { Settings } from "../../config/directives.ts";
import type { Host } from "../../core/host.ts";
import type { LogNodes } from "../../journal/log-nodes.ts";
import type { Logger } from "../logger.ts";
import type { LogFolder } from "./log-folder.ts";
import type { HeadingParts } from "./segment-heading.ts";
import type { LogDelay } from "./writer-parts.ts";

/** What a node's log needs. */
export interface NodeLogParts extends HeadingParts {
  readonly folder: LogFolder;
  readonly settings: Settings;
  readonly host: Host & { elapsedMicros(): number };
  readonly nodes: LogNodes;
  readonly log: Logger;
  /** A turn is needed. */
  readonly touch: () => void;
  readonly measured: (delay: LogDelay, ms: number) => void;
  /** Smaller ones in tests; what a pass writes in a turn; zeros ahead of blocks. */
  readonly segmentBytes?: number;
  readonly rewriteBytes?: number;
  readonly roomBytes?: number;
}
