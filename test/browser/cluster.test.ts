/** The dashboard's pages about several nodes, workers and slow commands. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { startWithHttp } from "../process/http-node.ts";
import { startCluster } from "../support/cluster.ts";
import { skip } from "./chromium.ts";
import { becomes, openDashboard, row, says, seeHeading } from "./dashboard.ts";

test("the nodes of a cluster and the holders of a job are shown, and who has failed", {
  skip,
}, async (t) => {
  const cluster = await startCluster(t, 3, { directives: { "http-port": "any" } });
  const origin = `http://127.0.0.1:${cluster.node(0).ports.httpPort}`;
  const page = await openDashboard(t, origin, "cluster");
  await seeHeading(page, "Cluster");
  for (const node of cluster.present) await says(row(page, cluster.id(node).slice(0, 8)), /up/);
  await page.getByRole("img", { name: /ring of 3 nodes/ }).waitFor();

  const id = await cluster.add(0, "mail", "body", "REPLICATE", 3);
  await page.goto(`${origin}/#/jobs/${encodeURIComponent(id)}`);
  await page.getByRole("heading", { name: "Holders" }).waitFor();
  const holders = page.getByRole("table", { name: "Holders" }).locator("tbody tr");
  await becomes("all holders are listed", async () => {
    const texts = await holders.allTextContents();
    assert.equal(texts.length, 3);
    assert.match(texts[0] ?? "", /keeper/);
    for (const text of texts.slice(1)) assert.match(text, /copy/);
  });

  await cluster.kill9(2);
  await page.goto(`${origin}/#/cluster`);
  await says(row(page, cluster.id(2).slice(0, 8)), /failed/);
  await says(
    page.getByRole("status").filter({ hasText: "No answer" }),
    new RegExp(cluster.id(2).slice(0, 8)),
  );
});

test("workers are shown with what they have in hand", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t);
  const page = await openDashboard(t, url(""), "workers");
  await page.getByRole("heading", { name: "Nobody works here now" }).waitFor();
  const [idle, busy] = [await node.client(), await node.client()];
  await busy.call("CLIENT", "SETNAME", "<b>busy</b>");
  for (const body of ["1", "2"]) await busy.call("ADDJOB", "mail", body, "0");
  await busy.call("GETJOB", "COUNT", "2", "FROM", "mail");
  idle.send(["GETJOB", "TIMEOUT", "20000", "FROM", "other"]);
  await says(row(page, "<b>busy</b>").getByRole("cell").nth(1), "2");
  await says(row(page, "other"), /waiting/);
});

test("slow commands are shown, whatever their arguments are", { skip }, async (t) => {
  const { node, url } = await startWithHttp(t, { "slowlog-log-slower-than": "0" });
  const client = await node.client();
  await client.call("ECHO", "<img src=x onerror=window.hostileTextRan=true>");
  const page = await openDashboard(t, url(""), "slowlog");
  await seeHeading(page, "Slow log");
  await row(page, "<img src=x").waitFor();
});
