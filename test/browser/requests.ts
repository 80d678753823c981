/**
 * Requests that a page sends: what its scripts get to see of the answers.
 *
 * The functions run in the page, so that the browser's own rules about origins hold.
 */
import type { Page } from "playwright-core";

/** An answer, or why the page got none. */
export interface PageAnswer {
  /** 0: the browser did not let the page have it. */
  readonly status: number;
  readonly text: string;
}

/** What `fetch` takes, as far as it can be told to a page. */
export interface PageRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly mode?: "cors" | "no-cors";
  /** `omit`: the browser neither adds a password nor asks for one. */
  readonly credentials?: "omit";
}

/** Lets the page send a request. */
export function fetchIn(page: Page, url: string, request: PageRequest = {}): Promise<PageAnswer> {
  const send = async ({ to, init }: { to: string; init: PageRequest }): Promise<PageAnswer> => {
    try {
      const answer = await fetch(to, init);
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      return { status: 0, text: String(error) };
    }
  };
  return page.evaluate(send, { to: url, init: request });
}
