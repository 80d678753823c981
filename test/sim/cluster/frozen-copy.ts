/**
 * A copy of a message that shares nothing with it.
 *
 * A real message is bytes once it is sent: whatever the sender does with its buffers afterwards changes
 * nothing, and the receiver cannot change what the sender has. Objects and lists are frozen as well, so
 * that writing into a received message throws.
 */

/** Copies plain objects, lists, buffers and typed arrays; throws for anything else. */
export function frozenCopy<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw new Error("not a message");
  if (typeof value !== "object" || value === null) return value;
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (value instanceof Int32Array) return Int32Array.from(value);
  if (Array.isArray(value)) return Object.freeze(value.map(copyOf));
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value))
    copy[name] = copyOf((value as Record<string, unknown>)[name]);
  return Object.freeze(copy);
}
