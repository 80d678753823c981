/**
 * What a test must undo when it ends, in the reverse order of doing it.
 *
 * node:test runs `t.after` functions first come first served, which would remove a folder before
 * the server that writes into it is gone.
 */
type Cleanup = () => void | Promise<void>;

/** What ends some time: a test, or a file of tests (shared.ts). */
export interface Scope {
  after(end: Cleanup): void;
}

const cleanups = new WeakMap<Scope, Cleanup[]>();

/** Runs `cleanup` when the test ends, before everything that was registered earlier. */
export function atEnd(t: Scope, cleanup: Cleanup): void {
  const registered = cleanups.get(t);
  if (registered !== undefined) {
    registered.push(cleanup);
    return;
  }
  const all = [cleanup];
  cleanups.set(t, all);
  t.after(() => runAll(all));
}

/** Runs all, also after one has failed; then fails with the first error. */
async function runAll(all: Cleanup[]): Promise<void> {
  const errors: unknown[] = [];
  for (const cleanup of all.reverse()) {
    try {
      await cleanup();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
