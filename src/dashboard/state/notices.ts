/**
 * One line about what has just been done, or why it could not be; the next one takes its place.
 *
 * Every action is done through `attempt`, so that none fails without a word.
 */
import { Store } from "./store.ts";

/** A line. */
export interface Notice {
  readonly isFailure: boolean;
  readonly text: string;
}

/** How long good news stays, ms; bad news stays until it is closed. */
const SHOWN_MS = 5000;

/** What is shown. */
export const notice = new Store<Notice | undefined>(undefined);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Does something and says how it went; returns whether it went well. */
export async function attempt(deed: () => Promise<string>): Promise<boolean> {
  clearTimeout(timer);
  try {
    notice.set({ isFailure: false, text: await deed() });
    timer = setTimeout(() => notice.set(undefined), SHOWN_MS);
    return true;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    notice.set({ isFailure: true, text });
    return false;
  }
}
