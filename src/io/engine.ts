/**
 * Settings of the JavaScript engine.
 *
 * The broker is made of many small functions, so that each can be read; V8 stops inlining them into
 * one another after 920 bytes of bytecode, in the middle of ADDJOB. With more room the whole path is
 * compiled as one piece: ADDJOB costs 0.55 instead of 0.77 µs of CPU (bench/micro). Larger numbers
 * gain nothing.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { leavePagesUncounted } from "../core/page-memory.ts";

const INLINED_BYTECODE_MAX = 5000;

/** Call once, before anything is hot. */
export function tuneEngine(): void {
  leavePagesUncounted();
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_BYTECODE_MAX}`);
}

/**
 * Has unreachable memory collected now, a few milliseconds of work: the heap is small, what hangs on
 * it is not.
 */
export function collectGarbage(): void {
  collect ??= exposedCollector();
  collect();
}

let collect: (() => void) | undefined;

/** The collector is only reachable from a context made after the flag was set. */
function exposedCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const exposed: unknown = runInNewContext("gc");
  return typeof exposed === "function" ? () => exposed() : () => {};
}
