/**
 * Waiting in tests: ask again and again until something is true, with a deadline.
 *
 * The only place where tests sleep. A fixed sleep is either too short on a busy machine or too long
 * everywhere else; a condition with a generous deadline is neither.
 */

const POLL_MS = 10;

/** How long to wait, and what for (it stands in the error when the wait was in vain). */
export interface EventuallyOptions {
  what: string;
  deadlineMs?: number;
}

/**
 * The first truthy value of `condition`. One that throws counts as not yet true, so assertions may be
 * used. After `deadlineMs` (5 s unless told) it fails, and names the last error as its cause.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { what, deadlineMs = 5_000 }: EventuallyOptions,
): Promise<T> {
  const endsAt = performance.now() + deadlineMs;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(POLL_MS);
  } while (performance.now() < endsAt);
  throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause });
}

/**
 * Resolves after that time. For test/support, and for conversations that prescribe a pause. One
 * that is `isUnref` does not keep the process alive.
 */
export function delay(ms: number, { isUnref = false } = {}): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    if (isUnref) timer.unref();
  });
}

/**
 * The promise's value, or an error when it does not settle in time; `what` says what was awaited.
 * Use it where a bug would otherwise leave the test hanging.
 */
export async function within<T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms: ${what}`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
