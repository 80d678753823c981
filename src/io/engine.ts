/**
 * Settings of the JavaScript engine.
 *
 * The broker is made of many small functions, so that each can be read; V8 stops inlining them into
 * one another after 920 bytes of bytecode, in the middle of ADDJOB, and whatever that limit is, after 4600.
 * With more room the whole path is compiled as one piece, with the log's part of it, which is the longest: a
 * pipelined ADDJOB takes 2.2 instead of 2.8 µs of the server's thread with a log, and 1.7 instead of 2.0 without
 * (9000 against 5000, which the other limit makes 4600).
 */
import { setFlagsFromString } from "node:v8";
import { leavePagesUncounted } from "../core/page-memory.ts";

const INLINED_BYTECODE_MAX = 9000;
/** V8 begins to collect when buffers have grown by 64 MB. */
const COLLECTED_FOR_BYTES = 80 * 1024 * 1024;

/** Call once, before anything is hot. */
export function tuneEngine(): void {
  leavePagesUncounted();
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_BYTECODE_MAX}`);
  setFlagsFromString(`--max-inlined-bytecode-size-absolute=${INLINED_BYTECODE_MAX}`);
}

/**
 * Has unreachable memory collected soon, in pieces between turns, as always when buffers have grown by so much.
 *
 * A collection by force (`gc()`) takes 20 ms at once and has all code compiled again, one to two seconds of
 * processor time: what optimised code refers to and nobody holds in that moment is lost to it. The buffer is
 * never touched, so that it is no memory but a number.
 */
export function askForCollection(): void {
  try {
    new ArrayBuffer(COLLECTED_FOR_BYTES);
  } catch (error) {
    // Not even addresses are left: the collector has reasons enough.
    if (!(error instanceof RangeError)) throw error;
  }
}
