/**
 * The nodes file on disk (directive `cluster-config-file`).
 *
 * A node without it gets a new identity, so it is never overwritten before it was understood: a
 * damaged file, or one of a newer ringq, stops the start with a message. Saving replaces the file
 * in one step and waits for the disk; the owner saves at the end of a turn in which something
 * changed, before any reply.
 */
import { constants, copyFileSync, readFileSync, statSync } from "node:fs";
import { replaceFile } from "./atomic-file.ts";
import { decodeNodes, encodeNodes, isOurNodesFile } from "./nodes-file-format.ts";
import { NodesFormatError, type NodesState } from "./nodes-state.ts";
import { readReferenceNodes } from "./reference-nodes-conf.ts";
import { systemErrorCode, systemErrorText } from "./system-error.ts";

/**
 * A larger file is not read, and a larger state not written: hundreds of thousands of pauses fit.
 */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Nothing in it is secret, and operators read it. */
const FILE_MODE = 0o644;

/** What was found. `refused` names the file and the reason, fit to be the last words of a start. */
export type LoadedNodes =
  | { readonly kind: "absent" }
  | { readonly kind: "loaded"; readonly origin: "ringq" | "reference"; readonly state: NodesState }
  | { readonly kind: "refused"; readonly message: string };

/** One nodes file; load it first, then save as often as needed. */
export class NodesFile {
  readonly path: string;
  #found: LoadedNodes["kind"] | "unread" = "unread";
  /** The file is the reference's: keep a copy before the first save. */
  #mustKeepCopy = false;

  /** @param path absolute, or relative to the working directory */
  constructor(path: string) {
    this.path = path;
  }

  /** Reads the file. An empty one counts as absent, as the reference has it. Never throws. */
  load(): LoadedNodes {
    const found = this.#read();
    this.#found = found.kind;
    this.#mustKeepCopy = found.kind === "loaded" && found.origin === "reference";
    return found;
  }

  /**
   * Replaces the file and returns when it is on the disk. Throws an Error naming the file and the
   * reason; the old content is still there then. Must not be called when `load` refused the file.
   */
  save(state: NodesState): void {
    if (this.#found === "unread" || this.#found === "refused") {
      throw new Error(`refusing to overwrite nodes file ${this.path}, which was not understood`);
    }
    const bytes = encodeNodes(state);
    if (bytes.length > FILE_BYTES_MAX) {
      throw new Error(`cannot write ${this.path}: more than ${FILE_BYTES_MAX} bytes of pauses`);
    }
    if (this.#mustKeepCopy) this.#keepCopy();
    replaceFile(this.path, bytes, FILE_MODE);
  }

  #read(): LoadedNodes {
    let bytes: Buffer;
    try {
      const size = statSync(this.path).size;
      if (size > FILE_BYTES_MAX) return this.#refused(`it is larger than ${FILE_BYTES_MAX} bytes`);
      bytes = readFileSync(this.path);
    } catch (error) {
      if (systemErrorCode(error) === "ENOENT") return { kind: "absent" };
      return this.#refused(systemErrorText(error));
    }
    if (bytes.length === 0) return { kind: "absent" };
    try {
      return isOurNodesFile(bytes)
        ? { kind: "loaded", origin: "ringq", state: decodeNodes(bytes) }
        : {
            kind: "loaded",
            origin: "reference",
            state: readReferenceNodes(bytes.toString("latin1")),
          };
    } catch (error) {
      if (error instanceof NodesFormatError) return this.#refused(error.message);
      throw error;
    }
  }

  #refused(reason: string): LoadedNodes {
    const message =
      `cannot use nodes file ${this.path}: ${reason}. ` +
      "It holds this node's identity; restore it, or move it away to start as a new node";
    return { kind: "refused", message };
  }

  /** The way back to the reference: its file under another name, never replaced by a later one. */
  #keepCopy(): void {
    try {
      copyFileSync(this.path, `${this.path}.disque`, constants.COPYFILE_EXCL);
    } catch (error) {
      if (systemErrorCode(error) !== "EEXIST") {
        throw new Error(`cannot copy ${this.path}: ${systemErrorText(error)}`, { cause: error });
      }
    }
    this.#mustKeepCopy = false;
  }
}
