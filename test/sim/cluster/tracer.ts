/**
 * Finds what nodes say to each other about one job.
 *
 * Messages name jobs by 24 bytes somewhere in their buffers, and answers only by the number of a batch:
 * the tracer looks for the former and remembers the latter. Only used when a failure is lived again.
 */
import type { Message } from "../../../src/cluster/messages.ts";
import { JOB_ID_CHARS, JOB_ID_WORDS, parseJobId } from "../../../src/core/job-id.ts";
import type { Ledger } from "./ledger.ts";
import type { SimProcess } from "./process.ts";

/** Which message answers which by number. */
const answers: Readonly<Record<string, string>> = { stored: "store", acked: "ack", kept: "keep" };

/** Writes messages about the followed job into the ledger. */
export class Tracer {
  readonly #ledger: Ledger;
  readonly #nameOf: (nodeId: string) => string;
  readonly #bytes: Buffer | undefined;
  readonly #batches = new Set<string>();

  constructor(ledger: Ledger, nameOf: (nodeId: string) => string) {
    this.#ledger = ledger;
    this.#nameOf = nameOf;
    if (ledger.followed !== undefined) this.#bytes = bytesOf(ledger.followed);
  }

  sent(process: SimProcess, nodeId: string, message: Message): void {
    if (this.#bytes === undefined || !this.#isAbout(process.nodeId, nodeId, message)) return;
    this.#ledger.note(process, `--> ${this.#nameOf(nodeId)} ${describe(message)}`);
  }

  received(process: SimProcess, nodeId: string, message: Message): void {
    if (this.#bytes === undefined || !this.#isAbout(nodeId, process.nodeId, message)) return;
    this.#ledger.note(process, `<-- ${this.#nameOf(nodeId)} ${describe(message)}`);
  }

  #isAbout(from: string, to: string, message: Message): boolean {
    const asked = answers[message.type];
    if (asked !== undefined && "batch" in message) {
      return this.#batches.has(`${asked} ${to} ${from} ${message.batch}`);
    }
    if (message.type === "flushed") return true;
    for (const value of Object.values(message)) {
      if (!Buffer.isBuffer(value) || !value.includes(this.#bytes as Buffer)) continue;
      if ("batch" in message) this.#batches.add(`${message.type} ${from} ${to} ${message.batch}`);
      return true;
    }
    return false;
  }
}

function bytesOf(id: string): Buffer {
  const words = new Int32Array(JOB_ID_WORDS);
  parseJobId(Buffer.from(id, "latin1"), 0, JOB_ID_CHARS, words);
  const bytes = Buffer.alloc(JOB_ID_WORDS * 4);
  for (const [i, word] of words.entries()) bytes.writeInt32BE(word, i * 4);
  return bytes;
}

function describe(message: Message): string {
  const { type, ...fields } = message;
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${textOf(value)}`);
  return `${type} ${facts.join(" ")}`;
}

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
