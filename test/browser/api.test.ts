/** The API in a real browser: logging in, the live feed, and its return after the server's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { startWithHttp } from "../process/http-node.ts";
import { eventually } from "../support/eventually.ts";
import { skip } from "./chromium.ts";
import { fetchIn } from "./requests.ts";
import { openWindow } from "./window.ts";

const REFUSED = { expects: [/Failed to load resource/] };

test("a page needs the password, the right one, for everything but health", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t, { "http-password": "sécret" });
  const page = await openWindow(t, { ...REFUSED, bypassCSP: true });
  await page.goto(url("/healthz"));
  const asking = (path: string, password?: string) => {
    const authorization = `Basic ${Buffer.from(`:${password}`).toString("base64")}`;
    const headers = password === undefined ? {} : { authorization };
    return fetchIn(page, path, { headers, credentials: "omit" });
  };
  for (const path of ["/api/node", "/api/live", "/metrics"]) {
    assert.match((await asking(path)).text, /NOAUTH/, path);
  }
  assert.match((await asking("/api/node", "wrong")).text, /WRONGPASS/);
  const answer = await asking("/api/config", "sécret");
  assert.equal(answer.status, 200);
  assert.ok(!answer.text.includes("sécret"));
  assert.equal((await asking("/healthz")).status, 200);
  assert.ok(!node.log().includes("wrong"));
});

/** Lets the page listen; what it has heard is counted there. */
async function listen(page: Page): Promise<void> {
  await page.evaluate(`{
    window.heard = [];
    const feed = new EventSource("/api/live");
    feed.addEventListener("snapshot", ({ data }) => window.heard.push(JSON.parse(data)));
  }`);
}

const heard = (page: Page) => page.evaluate("window.heard") as Promise<{ nodeId: string }[]>;

test("a page hears a snapshot a second, also after the server was away", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  const page = await openWindow(t, { expects: [/ERR_|Failed to load resource/] });
  await page.goto(url("/"));
  await listen(page);
  await eventually(async () => (await heard(page)).length >= 2, { what: "snapshots come" });
  const before = await heard(page);
  await node.stop();
  const httpPort = String(node.ports.httpPort);
  await node.restart({ "http-port": httpPort });
  const isBack = async () => (await heard(page)).length > before.length;
  await eventually(isBack, { what: "the page hears again", deadlineMs: 15_000 });
  assert.equal((await heard(page)).at(-1)?.nodeId, before[0]?.nodeId);
});
