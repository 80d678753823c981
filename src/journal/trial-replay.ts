/**
 * A replay that keeps nothing: whether all records could be applied, for those who only want to know.
 *
 * It refuses what Replay refuses, and needs no memory for jobs.
 */
import { LogEnd } from "./log-end.ts";
import type { SegmentHeader } from "./log-format.ts";
import { RecordReader } from "./record-reader.ts";
import type { Replay } from "./replay.ts";
import { ToldNodes } from "./told-nodes.ts";

const NO_MEMBER = -1;

/** See above. */
export class TrialReplay implements Pick<Replay, "segment" | "block" | "isSure"> {
  readonly #reader = new RecordReader();
  readonly #nodes = new ToldNodes();
  readonly #end = new LogEnd();

  segment(header: SegmentHeader): void {
    this.#end.segment(header);
    this.#nodes.begin();
  }

  /** Throws a LogError. */
  block(payload: Buffer): void {
    const reader = this.#reader;
    this.#end.block();
    reader.begin(payload);
    while (reader.next()) {
      const { kind } = reader;
      this.#end.record(kind);
      if (kind === "node") this.#nodes.tell(reader.nodeNumber, NO_MEMBER);
      if (kind === "voided") this.#nodes.indexOf(reader.nodeNumber);
      if (kind === "added" || kind === "changed") this.#checkList(reader);
    }
  }

  isSure(bootId: string): boolean {
    return this.#end.isSure(bootId);
  }

  #checkList({ list, listLength }: RecordReader): void {
    for (let i = 0; i < listLength; i++) {
      this.#nodes.indexOf(Math.floor((list[i] as number) / 2));
    }
  }
}
