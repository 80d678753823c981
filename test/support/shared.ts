/**
 * Something expensive, such as running servers, that all tests of a file use one after the other.
 *
 * It is made when the first test asks for it, and ends with the file. Each test must leave it so that
 * the next one cannot tell: sharing is for tests that look at one request or one queue of their own.
 */
import { after } from "node:test";
import type { Scope } from "./cleanup.ts";

/** Returns what gives every test of this file the same thing. Call it where the file begins. */
export function shared<T>(make: (scope: Scope) => Promise<T>): () => Promise<T> {
  const ends: (() => void | Promise<void>)[] = [];
  after(async () => {
    for (const end of ends) await end();
  });
  let made: Promise<T> | undefined;
  return () => {
    made ??= make({ after: (end) => ends.push(end) });
    return made;
  };
}
