/**
 * Requests for tests of the observers, without a parser: words laid one behind the other in a
 * buffer.
 *
 * Between two words lies a byte that belongs to neither, so that reading across a boundary shows.
 */
import type { ArgumentList } from "../../src/commands/observe/argument-list.ts";

/** These values as the arguments of one request; texts are latin1. */
export function argumentList(values: readonly (Uint8Array | string)[]): ArgumentList {
  const buffers = values.map((value) =>
    typeof value === "string" ? Buffer.from(value, "latin1") : value,
  );
  const starts: number[] = [];
  let size = 1;
  for (const bytes of buffers) {
    starts.push(size);
    size += bytes.length + 1;
  }
  const buffer = Buffer.alloc(size, "|");
  for (const [index, bytes] of buffers.entries()) buffer.set(bytes, starts[index]);
  return {
    count: buffers.length,
    buffer,
    start: (index) => starts[index] ?? Number.NaN,
    end: (index) => (starts[index] ?? Number.NaN) + (buffers[index]?.length ?? Number.NaN),
  };
}
