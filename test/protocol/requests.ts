/**
 * Helpers of the protocol tests: making requests, and feeding a reader in any number of pieces.
 *
 * A `Recorder` is a handler that notes what it is given and can be told when to stop or to defer.
 */
import assert from "node:assert/strict";
import type { Request, RequestHandler } from "../../src/protocol/request.ts";
import { fullLimits, type ReaderLimits } from "../../src/protocol/request.ts";
import { RequestReader } from "../../src/protocol/request-reader.ts";

/** A request as a client library sends it: an array of bulk strings, one byte per character. */
export function encode(...args: string[]): string {
  const parts = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join("")}`;
}

/** Small enough to be reached by generated requests. */
export function tinyLimits(): ReaderLimits {
  return { argsMax: 5, bulkBytesMax: 12, inlineBytesMax: 24, requestBytesMax: 60 };
}

/** What the next request does: run, run and stop the reader, or not run now. */
export type Decision = "run" | "stop" | "defer";

/** Notes the arguments of every request it runs. */
export class Recorder implements RequestHandler {
  readonly requests: string[][] = [];
  readonly sizes: number[] = [];
  readonly #decide: () => Decision;

  constructor(decide: () => Decision = () => "run") {
    this.#decide = decide;
  }

  onRequest(request: Request): boolean {
    const decision = this.#decide();
    if (decision === "defer") {
      request.defer();
      return false;
    }
    this.requests.push(Array.from({ length: request.count }, (_, i) => request.text(i)));
    this.sizes.push(request.totalBytes);
    return decision === "run";
  }
}

/** What a reader made of its input. */
export interface Result {
  requests: string[][];
  /** Bytes on the wire of each request. */
  sizes: number[];
  error: string | undefined;
  bufferedBytes: number;
}

/** Reads `text`, given in one piece or cut before each of the given offsets. */
export function read(
  text: string,
  cuts: readonly number[] = [],
  limits: ReaderLimits = fullLimits(),
  decide?: () => Decision,
): Result {
  const reader = new RequestReader(limits);
  const recorder = new Recorder(decide);
  const bytes = Buffer.from(text, "latin1");
  const ends = [...new Set(cuts)].filter((cut) => cut > 0 && cut < bytes.length);
  ends.sort((a, b) => a - b).push(bytes.length);
  // The receive buffer is shared and overwritten: what the reader needs it must have copied.
  const receiveBuffer = Buffer.alloc(bytes.length + 20, "#");
  let error: string | undefined;
  let from = 0;
  for (const to of ends) {
    bytes.copy(receiveBuffer, 10, from, to);
    error = reader.feed(receiveBuffer, 10, 10 + to - from, recorder);
    receiveBuffer.fill("#");
    // Some are ready again before the rest arrives.
    if (to % 2 === 0) error ??= reader.resume(recorder);
    if (error !== undefined) break;
    from = to;
  }
  // Whoever stopped or deferred is ready again at some time.
  for (let tries = 0; error === undefined && tries <= 20 * text.length + 20; tries++) {
    error = reader.resume(recorder);
  }
  assert.ok(reader.bufferedBytes <= reader.bufferCapacity);
  const { requests, sizes } = recorder;
  return { requests, sizes, error, bufferedBytes: reader.bufferedBytes };
}
