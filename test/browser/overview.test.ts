/** The dashboard's frame and first page: live figures, a server that goes away, the password, themes, keys. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { startWithHttp } from "../process/http-node.ts";
import { shared } from "../support/shared.ts";
import { skip } from "./chromium.ts";
import {
  becomes,
  FAILED_REQUEST,
  openDashboard,
  row,
  says,
  seeHeading,
  tabTo,
  tile,
} from "./dashboard.ts";
import { openWindow } from "./window.ts";

const server = shared((scope) => startWithHttp(scope));

test("figures and tables follow what happens", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  const page = await openDashboard(t, url(""), "");
  await seeHeading(page, "Overview");
  await says(tile(page, "Queued"), "0");
  await page.getByRole("heading", { name: "No job has been added yet" }).waitFor();
  const client = await node.client();
  for (const body of ["a", "b", "c"]) await client.call("ADDJOB", "mail", body, "0");
  await says(tile(page, "Queued"), "3");
  await says(row(page, "mail"), /mail.*3/s);
  await client.call("GETJOB", "COUNT", "3", "FROM", "mail");
  await says(tile(page, "Queued"), "0");
  await becomes("the queue has left the longest", async () => {
    assert.equal(await row(page, "mail").count(), 0);
  });
  assert.equal(await page.locator(".charts canvas").count(), 6);
});

test("a long name leaves room for the figures, and the empty one can be seen", {
  skip,
}, async (t) => {
  const { node, url } = await startWithHttp(t);
  const client = await node.client();
  for (const queue of ["", "x".repeat(300)]) await client.call("ADDJOB", queue, "body", "0");
  const viewport = { width: 390, height: 800 };
  const page = await openDashboard(t, url(""), "", { viewport });
  const table = page.getByRole("table", { name: "Longest queues on this node" });
  await says(table.getByRole("row").last(), /x.*1/s);
  assert.equal(await table.getByRole("link", { name: '""', exact: true }).count(), 1);
  const right = (part: string): string =>
    `document.querySelector("section:has(> header #longest) ${part}").getBoundingClientRect().right`;
  const room = Number(await page.evaluate(`${right("")} - ${right("tbody td:last-child")}`));
  assert.ok(room > 10, `${room} pixels are left before the edge of the card`);
});

test("a server that is away is told, and found when it is back", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  const page = await openDashboard(t, url(""), "", { expects: [FAILED_REQUEST] });
  await says(tile(page, "Queued"), "0");
  await node.kill9();
  await says(page.getByRole("alert"), /What you see is old/);
  const again = await node.restart({ "http-port": String(node.ports.httpPort) });
  const client = await again.client();
  await client.call("ADDJOB", "mail", "body", "0");
  await says(tile(page, "Queued"), "1");
  await says(page.getByRole("alert"), "");
});

test("the password is asked for, and a wrong one refused", { skip }, async (t) => {
  const { url } = await startWithHttp(t, { "http-password": "s\u00e9cret" });
  const page = await openDashboard(t, url(""), "queues", { expects: [FAILED_REQUEST] });
  const logIn = async (password: string): Promise<void> => {
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
  };
  await seeHeading(page, "Log in");
  await logIn("wrong");
  await says(page.getByRole("main").getByRole("alert"), "That password is wrong.");
  await logIn("s\u00e9cret");
  await seeHeading(page, "Queues");
  await page.reload();
  await seeHeading(page, "Queues");
  const kept = await page.evaluate("[document.cookie, JSON.stringify(localStorage)].join()");
  assert.doesNotMatch(String(kept), /cret/);
  await page.getByRole("button", { name: "Log out" }).click();
  await seeHeading(page, "Log in");
});

const background = (page: Page) => page.evaluate("getComputedStyle(document.body).backgroundColor");

test("it is light or dark, as the system or the user wants", { skip }, async (t) => {
  const { url } = await server();
  const page = await openDashboard(t, url(""), "", { colorScheme: "light" });
  await seeHeading(page, "Overview");
  const light = await background(page);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background(page);
  assert.notEqual(dark, light);
  const theme = page.getByRole("button", { name: /^Theme/ });
  await theme.click();
  assert.equal(await theme.getAttribute("aria-label"), "Theme: light");
  assert.equal(await background(page), light);
  await page.reload();
  await theme.waitFor();
  assert.equal(await background(page), light);
});

test("everything is reached with keys", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  const client = await node.client();
  for (const queue of ["alpha", "beta"]) await client.call("ADDJOB", queue, "body", "0");
  const page = await openDashboard(t, url(""), "");
  await seeHeading(page, "Overview");
  await tabTo(page, "Skip to content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate("document.activeElement.id"), "main");
  await page.evaluate("document.activeElement.blur()");
  await tabTo(page, "Queues");
  await page.keyboard.press("Enter");
  await row(page, "beta").waitFor();
  await tabTo(page, "Queue");
  await page.keyboard.press("Enter");
  const column = page.getByRole("columnheader", { name: "Queue" });
  assert.equal(await column.getAttribute("aria-sort"), "ascending");
  await tabTo(page, "Pause alpha");
  await page.keyboard.press("Enter");
  await tabTo(page, "Resume alpha");
});

test("nothing that one cannot do without is asked of other machines", { skip }, async (t) => {
  const { url } = await server();
  const page = await openWindow(t);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(url("/"));
  await seeHeading(page, "Overview");
  assert.deepEqual(
    asked.filter((address) => !address.startsWith(url("/"))),
    [],
  );
});

test("an address that means no page says so", { skip }, async (t) => {
  const { url } = await server();
  const page = await openDashboard(t, url(""), "nowhere");
  await seeHeading(page, "There is no such page");
});
