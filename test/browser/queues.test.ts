/** The dashboard's pages about queues and their jobs: looking, ordering, stopping, deleting, ten thousand of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { startWithHttp } from "../process/http-node.ts";
import type { TestNode } from "../support/node.ts";
import { plain } from "../support/reply.ts";
import { skip } from "./chromium.ts";
import { becomes, FAILED_REQUEST, openDashboard, row, says, seeHeading } from "./dashboard.ts";

async function add(node: TestNode, queue: string | Buffer, ...bodies: (string | Buffer)[]) {
  const client = await node.client();
  for (const body of bodies) await client.call("ADDJOB", queue, body, "0");
}

async function names(page: Page): Promise<(string | null)[]> {
  return page.locator("tbody th").allTextContents();
}

test("queues are ordered, filtered, stopped and opened again", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  await add(node, "mail", "1", "2", "3");
  await add(node, "images", "1");
  await add(node, "mail-later", "1", "2");
  const page = await openDashboard(t, url(""), "queues");
  await becomes("the longest comes first", async () => {
    assert.deepEqual(await names(page), ["mail", "mail-later", "images"]);
  });
  await page.getByRole("button", { name: "Queue", exact: true }).click();
  await becomes("names decide", async () => {
    assert.deepEqual(await names(page), ["images", "mail", "mail-later"]);
  });
  await page.getByRole("searchbox").fill("MAIL");
  await becomes("those that fit are shown", async () => {
    assert.deepEqual(await names(page), ["mail", "mail-later"]);
  });
  await page.getByRole("button", { name: "Pause mail", exact: true }).click();
  await page.getByRole("button", { name: "Resume mail", exact: true }).waitFor();
  const client = await node.client();
  assert.equal(plain(await client.call("PAUSE", "mail", "state")), "all");
  await page.getByRole("searchbox").fill("");
  await page.getByRole("combobox").selectOption("paused");
  await becomes("the paused one is left", async () => {
    assert.deepEqual(await names(page), ["mail"]);
  });
  await page.getByRole("button", { name: "Resume mail" }).click();
  await page.getByRole("heading", { name: "No queue fits" }).waitFor();
  assert.equal(plain(await client.call("PAUSE", "mail", "state")), "none");
});

test("jobs are looked at, added, deleted and put back", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  await add(node, "mail", "first", "second");
  const client = await node.client();
  const page = await openDashboard(t, url(""), "queues/mail");
  await seeHeading(page, /mail/);
  await row(page, "first").waitFor();
  assert.equal(plain(await client.call("QLEN", "mail")), 2);

  await page.getByRole("button", { name: "Add job" }).click();
  const adding = page.getByRole("dialog", { name: "Add a job" });
  // What is typed before the window has the focus goes elsewhere.
  await adding.getByRole("textbox", { name: "Body" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("third");
  await adding.getByRole("button", { name: "Add job" }).click();
  await row(page, "third").waitFor();
  assert.equal(await adding.count(), 0);

  const removing = row(page, "first").getByRole("button", { name: /^Delete/ });
  await removing.click();
  await page.getByRole("dialog", { name: "Delete this job?" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(plain(await client.call("QLEN", "mail")), 3);
  await removing.click();
  await page.getByRole("button", { name: "Delete job" }).click();
  await row(page, "first").waitFor({ state: "detached" });
  assert.equal(plain(await client.call("QLEN", "mail")), 2);

  await client.call("GETJOB", "COUNT", "2", "FROM", "mail");
  await page.getByText("In flight or delayed").click();
  await row(page, "third")
    .getByRole("button", { name: /^Requeue/ })
    .click();
  await becomes("the job is queued again", async () => {
    assert.equal(plain(await client.call("QLEN", "mail")), 1);
  });
});

const RUN = "window.hostileTextRan=true";
const HOSTILE: readonly (string | Buffer)[] = [
  `<img src=x onerror=${RUN}>`,
  `"><script>${RUN}</script>`,
  `javascript:${RUN}`,
  Buffer.from("\u202Eright to left\u2067\u200F", "utf8"),
  "x".repeat(10_000),
  Buffer.from([0, 1, 0xff, 0xfe, 0x0d, 0x0a, 0x1b, 0x5b]),
  "../..%2F#?&=",
  "__proto__",
];

test("hostile names and bodies are only text", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  for (const name of HOSTILE) await add(node, name, name);
  const page = await openDashboard(t, url(""), "queues");
  await becomes("all are listed", async () => {
    assert.equal((await names(page)).length, HOSTILE.length);
  });
  const links = page.locator("tbody th a");
  const addresses = await links.evaluateAll((all) =>
    all.map((a) => String(a.getAttribute("href"))),
  );
  for (const address of addresses) {
    await page.goto(`${url("/")}${address}`);
    await page.locator("tbody th a").first().click();
    await page.getByRole("heading", { name: "Holders" }).waitFor();
    const excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert.ok(
      Number(await page.evaluate(excess)) <= 1,
      `the page is not wider for ${address.slice(0, 80)}`,
    );
  }
});

test("of ten thousand queues those that are looked at are read and drawn", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  const client = await node.client();
  for (let i = 0; i < 10_000; i++) client.send(["ADDJOB", `queue-${i}`, "body", "0"]);
  for (let i = 0; i < 10_000; i++) await client.read();
  const page = await openDashboard(t, url(""), "queues");
  await says(page.getByRole("status").filter({ hasText: "queues" }), /10,000 queues/);
  const elements = Number(await page.evaluate("document.querySelectorAll('*').length"));
  assert.ok(elements < 4000, `${elements} elements`);
  await page.getByRole("button", { name: "Last page" }).click();
  await says(page.locator("tbody th").last(), /^queue-9999$/);
  await page.getByRole("searchbox").pressSequentially("queue-777");
  await becomes("those that fit are shown", async () => {
    assert.equal((await names(page)).length, 11);
  });
});

test("a queue and a job that are not there say so", { skip }, async (t) => {
  const { url } = await startWithHttp(t);
  const page = await openDashboard(t, url(""), "queues/none", { expects: [FAILED_REQUEST] });
  await seeHeading(page, "There is no such queue");
  for (const id of [`D-00000000-${"A".repeat(24)}-05a0`, "no-id"]) {
    await page.goto(url(`/#/jobs/${id}`));
    await seeHeading(page, "Job not found");
  }
});

test("a job is found by its id", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  const client = await node.client();
  const id = String(plain(await client.call("ADDJOB", "mail", "body", "0")));
  const page = await openDashboard(t, url(""), "jobs");
  await seeHeading(page, "Find a job");
  await page.getByRole("searchbox").fill(id);
  await page.keyboard.press("Enter");
  await seeHeading(page, new RegExp(`^${id.replaceAll(/[+/]/g, ".")}`));
});
