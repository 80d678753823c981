/** Every page of the dashboard passes axe, light and dark: names, roles, contrast. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { startWithHttp } from "../process/http-node.ts";
import { plain } from "../support/reply.ts";
import { skip } from "./chromium.ts";
import { openDashboard, seeHeading } from "./dashboard.ts";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly {
    readonly target: readonly string[];
    readonly failureSummary: string;
  }[];
}

/** What people with a screen reader, a keyboard or weak eyes would stumble over. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axePath, "utf8"));
  const found = (await page.evaluate(
    "axe.run().then(({ violations }) => violations)",
  )) as Violation[];
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
    );
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`no page is hard to use, ${colorScheme}`, { skip }, async (t) => {
    const { node, url } = await startWithHttp(t, { "slowlog-log-slower-than": "0" });
    const client = await node.client();
    const id = String(plain(await client.call("ADDJOB", "mail", "body", "0")));
    await client.call("GETJOB", "FROM", "mail");
    await client.call("ADDJOB", "mail", "another", "0");
    await client.call("PAUSE", "mail", "out");
    const pages = [
      ["", "Overview"],
      ["queues", "Queues"],
      ["queues/mail", /mail/],
      [`jobs/${encodeURIComponent(id)}`, /D-/],
      ["cluster", "Cluster"],
      ["workers", "Workers"],
      ["slowlog", "Slow log"],
    ] as const;
    const page = await openDashboard(t, url(""), "", { colorScheme });
    const found: string[] = [];
    for (const [hash, heading] of pages) {
      await page.goto(url(`/#/${hash}`));
      await seeHeading(page, heading);
      await page.locator("table, .empty, .tiles").first().waitFor();
      found.push(...(await violations(page)).map((one) => `#/${hash} ${one}`));
    }
    assert.deepEqual(found, []);
  });
}
