/**
 * One browser window for a test, and everything that went wrong in it.
 *
 * Whatever a page complains about (an error on the console, an exception, a violation of its policy, a dialog,
 * something that ran though it is only text) fails the test when it ends, unless the test has said that it
 * expects it. So no test has to ask.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { atEnd } from "../support/cleanup.ts";
import { browser } from "./chromium.ts";

/** How long anything in a page may take on a busy machine. */
export const PAGE_MS = 10_000;

/** What hostile text in these tests sets when it runs. */
export const RAN = "hostileTextRan";

/** Asked for by the browser itself while a page names no icon of its own. */
const ICON = /favicon\.ico/;

/** What a test can say about its window. */
export interface WindowOptions extends BrowserContextOptions {
  /** Complaints that belong to the test. */
  readonly expects?: readonly RegExp[];
}

/** Opens a window; it is closed when the test ends. */
export async function openWindow(
  t: TestContext,
  { expects = [], ...options }: WindowOptions = {},
): Promise<Page> {
  const context = await (await browser()).newContext(options);
  const troubles: string[] = [];
  const note = (trouble: string): void => {
    if (![ICON, ...expects].some((pattern) => pattern.test(trouble))) troubles.push(trouble);
  };
  const watch = (page: Page): void => {
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      note(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => note(`exception: ${error.stack ?? error.message}`));
    page.on("dialog", (dialog) => {
      note(`dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => undefined);
    });
  };
  context.on("page", watch);
  const page = await context.newPage();
  page.setDefaultTimeout(PAGE_MS);
  atEnd(t, async () => {
    if (await page.evaluate(`window.${RAN}`)) note("text of a job or a queue was run");
    await context.close();
    assert.deepEqual(troubles, [], "the page complained");
  });
  return page;
}
