/**
 * The dashboard as its users see it: pages by their headings, tables by their rows, tiles by their labels.
 *
 * What is on a page is found as a screen reader finds it, so a page whose parts have no names fails here.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Locator, Page } from "playwright-core";
import { eventually } from "../support/eventually.ts";
import { openWindow, PAGE_MS, type WindowOptions } from "./window.ts";

/** Complaints of a browser whose server is away, or says that something is not there. */
export const FAILED_REQUEST = /Failed to load resource|net::ERR_/;

/** Opens the dashboard of a server at a page (the part of the address after `#`). */
export async function openDashboard(
  t: TestContext,
  origin: string,
  hash: string,
  options: WindowOptions = {},
): Promise<Page> {
  const page = await openWindow(t, options);
  await page.goto(`${origin}/#/${hash}`);
  return page;
}

/** Waits for a page's heading. */
export async function seeHeading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

/** The figure of a tile. */
export function tile(page: Page, label: string): Locator {
  const has = page.getByText(label, { exact: true });
  return page.locator(".tile").filter({ has }).locator(".value");
}

/** The row of a table that says this somewhere. */
export function row(page: Page, text: string | RegExp): Locator {
  return page.getByRole("row").filter({ hasText: text });
}

/** Waits until something says what it should. */
export async function says(what: Locator, wanted: string | RegExp): Promise<void> {
  await becomes(`it says ${wanted}`, async () => {
    const text = ((await what.textContent({ timeout: 1000 })) ?? "").trim();
    if (typeof wanted === "string") assert.equal(text, wanted);
    else assert.match(text, wanted);
  });
}

/** Waits until an assertion holds. */
export async function becomes(what: string, assertion: () => Promise<void>): Promise<void> {
  const holds = async (): Promise<boolean> => {
    await assertion();
    return true;
  };
  await eventually(holds, { what, deadlineMs: PAGE_MS });
}

/** Presses Tab until something of this name has the focus. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  const focused = `(() => {
    const { activeElement: at } = document;
    return (at?.getAttribute("aria-label") ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? "").trim();
  })()`;
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    const found = String(await page.evaluate(focused));
    if (typeof name === "string" ? found === name : name.test(found)) return;
    seen.push(found.slice(0, 30));
  }
  assert.fail(`Tab never comes to ${name}, only to ${seen.join(" | ")}`);
}
