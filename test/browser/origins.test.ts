/** The rules about origins, as a real browser and the server keep them together: who may ask, who may act. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { startWithHttp } from "../process/http-node.ts";
import { atEnd } from "../support/cleanup.ts";
import { eventually } from "../support/eventually.ts";
import type { TestNode } from "../support/node.ts";
import { plain } from "../support/reply.ts";
import { shared } from "../support/shared.ts";
import { REBOUND_HOST, skip } from "./chromium.ts";
import { fetchIn } from "./requests.ts";
import { openWindow } from "./window.ts";

const server = shared((scope) => startWithHttp(scope));

const ACTION = { "content-type": "application/json", "x-ringq-action": "1" };
const ADD = { method: "POST", headers: ACTION, body: '{"body":"hello"}' };

/** Somebody else's web server; it notes what is asked of it, and answers with an empty page. */
async function startOtherSite(t: TestContext): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    response.setHeader("content-type", "text/html").end("<!doctype html><title>other</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => server.closeAllConnections());
  atEnd(t, () => void server.close());
  return { port: (server.address() as AddressInfo).port, asked };
}

async function jobsOf(node: TestNode): Promise<unknown> {
  const client = await node.client();
  return plain(await client.call("QLEN", "q"));
}

test("pages of this server may ask and act", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  const page = await openWindow(t);
  await page.goto(url("/"));
  assert.equal((await fetchIn(page, "/api/node")).status, 200);
  assert.equal((await fetchIn(page, "/api/queues/q/jobs", ADD)).status, 201);
  assert.equal(await jobsOf(node), 1);
});

for (const host of ["127.0.0.1", "localhost"]) {
  const title = `a page of another server on ${host} can neither read nor act`;
  test(title, { skip }, async (t) => {
    const { node, url } = await startWithHttp(t);
    const other = await startOtherSite(t);
    const page = await openWindow(t, { expects: [/CORS|Failed to load resource/] });
    await page.goto(`http://${host}:${other.port}/`);
    for (const path of ["/api/node", "/metrics", "/api/live"]) {
      assert.equal((await fetchIn(page, url(path))).status, 0, path);
    }
    const plainText = { method: "POST", headers: { "content-type": "text/plain" } };
    const adds = [
      ADD,
      { ...ADD, headers: {} },
      { ...plainText, body: ADD.body },
      { ...plainText, body: ADD.body, mode: "no-cors" as const },
    ];
    for (const add of adds) {
      assert.equal((await fetchIn(page, url("/api/queues/q/jobs"), add)).status, 0);
    }
    await sendForm(page, url("/api/queues/q/jobs"));
    assert.match(String(await page.textContent("body")), /"error":"CROSSSITE"/);
    assert.equal(await jobsOf(node), 0);
  });
}

/** What a page can always send without asking anybody: a form. */
async function sendForm(page: Page, action: string): Promise<void> {
  const send = `{
    const form = document.createElement("form");
    Object.assign(form, { action: ${JSON.stringify(action)}, method: "post", enctype: "text/plain" });
    const field = document.createElement("input");
    Object.assign(field, { name: '{"body":"', value: '"}' });
    form.append(field);
    document.body.append(form);
    form.submit();
  }`;
  await Promise.all([page.waitForURL(action), page.evaluate(send)]);
}

test("a name that has come to mean this machine opens nothing", { skip }, async (t) => {
  const { node } = await server();
  const page = await openWindow(t, {
    bypassCSP: true,
    expects: [/Failed to load resource/, /Opener-Policy/],
  });
  const rebound = `http://${REBOUND_HOST}:${node.ports.httpPort}`;

  // All of it is one origin for the browser: only the server can refuse.
  await page.goto(`${rebound}/healthz`);
  assert.match((await fetchIn(page, "/api/node")).text, /BADHOST/);
  assert.match((await fetchIn(page, "/api/queues/q/jobs", ADD)).text, /BADHOST/);
  assert.equal(await jobsOf(node), 0);
});

test("no other page can show this server's in a frame", { skip }, async (t) => {
  const { url } = await server();
  const other = await startOtherSite(t);
  const page = await openWindow(t, { expects: [/X-Frame-Options|frame-ancestors|Failed to load/] });
  await page.goto(`http://127.0.0.1:${other.port}/`);
  const [answer] = await Promise.all([
    page.waitForResponse(url("/")),
    page.evaluate(`{
      const frame = document.createElement("iframe");
      frame.src = ${JSON.stringify(url("/"))};
      document.body.append(frame);
    }`),
  ]);
  assert.equal(answer.headers()["x-frame-options"], "DENY");
  const shown = (): boolean => page.frames().some((frame) => frame.url() === url("/"));
  await eventually(() => !shown(), { what: "the frame is refused" });
});

test("the policy of a page lets no other script run and nothing be sent away", {
  skip,
}, async (t) => {
  const { url } = await server();
  const other = await startOtherSite(t);
  const page = await openWindow(t, { expects: [/Content Security Policy|Failed to load/] });
  await page.goto(url("/"));
  const away = `http://127.0.0.1:${other.port}/stolen`;
  assert.equal((await fetchIn(page, away)).status, 0);
  await page.evaluate(`{
    window.violations = [];
    addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      window.violations.push(effectiveDirective);
    });
    const add = (name, values) => {
      document.body.append(Object.assign(document.createElement(name), values));
    };
    add("script", { textContent: "window.hostileTextRan = true" });
    add("script", { src: ${JSON.stringify(away)} });
    add("img", { src: ${JSON.stringify(away)} });
    add("div", { innerHTML: '<img src="data:," onerror="window.hostileTextRan = true">' });
  }`);
  const wanted = ["img-src", "script-src-attr", "script-src-elem", "script-src-elem"];
  await eventually(
    async () => {
      const found = (await page.evaluate("window.violations")) as string[];
      assert.deepEqual([...found].sort(), wanted);
      return true;
    },
    { what: "all of it is refused" },
  );
  assert.deepEqual(other.asked, []);
});
