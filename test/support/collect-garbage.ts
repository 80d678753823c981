/**
 * Collects all garbage at once, for tests that count what is left.
 *
 * A server must not: a collection by force has all of its code compiled again (src/io/engine.ts).
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** What nothing refers to is gone when this returns. */
export function collectGarbage(): void {
  collect ??= exposedCollector();
  collect();
}

/** The collector is only reachable from a context made after the flag was set. */
function exposedCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const exposed: unknown = runInNewContext("gc");
  if (typeof exposed !== "function") throw new Error("the engine shows no collector");
  return () => exposed();
}
