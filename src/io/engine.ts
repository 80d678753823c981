/**
 * Settings of the JavaScript engine.
 *
 * The broker is made of many small functions, so that each can be read; V8 stops inlining them into
 * one another after 920 bytes of bytecode, in the middle of ADDJOB. With more room the whole path is
 * compiled as one piece: ADDJOB costs 0.55 instead of 0.77 µs of CPU (bench/micro). Larger numbers
 * gain nothing.
 */
import { setFlagsFromString } from "node:v8";
import { leavePagesUncounted } from "../core/page-memory.ts";

const INLINED_BYTECODE_MAX = 5000;
/** V8 begins to collect when buffers have grown by 64 MB. */
const COLLECTED_FOR_BYTES = 80 * 1024 * 1024;

/** Call once, before anything is hot. */
export function tuneEngine(): void {
  leavePagesUncounted();
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_BYTECODE_MAX}`);
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
