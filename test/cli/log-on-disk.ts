/**
 * A data directory with a log of three segments and a nodes file, and what `ringq check-log` says of it.
 *
 * The machine is the one on which the segments were written, or another run of it: that decides what a server
 * takes for a crash.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { checkFolder } from "../../src/cli/checked-log.ts";
import { encodeManifest } from "../../src/io/log/manifest.ts";
import { encodeNodes } from "../../src/io/nodes-file-format.ts";
import { type Content, segment, segmentHeader } from "../journal/segments.ts";
import { tempDir } from "../support/temp-dir.ts";

/** The run of the machine in which the segments were written. */
export const SAME_BOOT = segmentHeader().bootId;
/** A later one. */
export const OTHER_BOOT = "2".repeat(32);
const contents: Content[][] = [["gone"], ["node 1", "list 1"], ["gone", "list 1"]];
/** Segments 2 to 4, as they were. */
export const built = [2, 3, 4].map((number) => segment(segmentHeader(number), ...contents));

/** See above. */
export class LogOnDisk {
  readonly dir: string;
  said = "";

  constructor(dir: string) {
    this.dir = dir;
    mkdirSync(join(dir, "log"));
    this.writeNodes(segmentHeader().nodeId);
    this.write("manifest", encodeManifest({ firstSegment: 2, state: "on" }));
    for (const [i, { bytes }] of built.entries())
      this.write(`segment-000000000${i + 2}.rql`, bytes);
  }

  write(name: string, bytes: Buffer): void {
    writeFileSync(join(this.dir, "log", name), bytes);
  }

  /** Whose log it is. */
  writeNodes(nodeId: string, formerIds: readonly string[] = []): void {
    const life = { nodeId, incarnation: 3, memoryIncarnation: 3, isLeaving: false, formerIds };
    writeFileSync(this.nodesFile, encodeNodes({ ...life, pauses: [], members: [] }));
  }

  get nodesFile(): string {
    return join(this.dir, "nodes.conf");
  }

  segment(number: number): Buffer {
    return readFileSync(join(this.dir, "log", `segment-000000000${number}.rql`));
  }

  writeSegment(number: number, bytes: Buffer): void {
    this.write(`segment-000000000${number}.rql`, bytes);
  }

  files(): string[] {
    return readdirSync(join(this.dir, "log")).sort();
  }

  /** Whether it is found whole. */
  check(repair = false, bootId = SAME_BOOT): boolean {
    const lines: string[] = [];
    const { nodesFile } = this;
    const print = (line: string) => lines.push(line);
    const isWhole = checkFolder(this.dir, { repair, nodesFile, bootId }, print);
    this.said = lines.join("\n");
    return isWhole;
  }
}

/** A new one. */
export async function newLog(t: TestContext): Promise<LogOnDisk> {
  return new LogOnDisk(await tempDir(t));
}

/** Those of a segment, as they were. */
export function bytesOf(number: number): Buffer {
  return built[number - 2]?.bytes ?? Buffer.alloc(0);
}
