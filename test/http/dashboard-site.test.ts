/** The dashboard's files as they are served: complete, guarded by a policy, the same on every read. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { importMapHash, readDashboard } from "../../src/http/dashboard-site.ts";
import { HttpRig } from "./http-rig.ts";

const site = readDashboard();

/** Paths of this server that a text refers to. */
function assetsIn(text: string): string[] {
  return [...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
}

test("the page and every file it needs are there, and none is of another host", () => {
  const page = site.find("/")?.body.toString("utf8") ?? "";
  const seen = new Set(assetsIn(page));
  assert.ok(seen.size >= 8, "the page refers to modules, libraries and styles");
  for (const path of seen) {
    const file = site.find(path);
    assert.ok(file, path);
    if (!path.endsWith(".js")) continue;
    const code = file.body.toString("utf8");
    for (const [, name = ""] of code.matchAll(/\bfrom "([^"]+)"/g)) {
      if (name.startsWith(".")) seen.add(new URL(name, `http://x${path}`).pathname);
      else assert.ok(page.includes(`"${name}": "/assets/`), `${name} is in the import map`);
    }
  }
  assert.ok(seen.size >= 25, "modules were followed");
  assert.doesNotMatch(page, /https?:/);
  assert.doesNotMatch(page, / style=| on\w+=/);
});

test("the policy allows the page's import map by its hash, and no other inline script", async (t) => {
  const rig = new HttpRig(t, {}, site);
  const { headers, text } = await rig.get("/");
  const [, map = ""] = /<script type="importmap">(.*?)<\/script>/s.exec(text) ?? [];
  const hash = createHash("sha256").update(map).digest("base64");
  const policy = headers.get("content-security-policy") ?? "";
  assert.ok(policy.includes(`script-src 'self' 'sha256-${hash}';`), policy);
  assert.doesNotMatch(policy, /unsafe/);
  assert.throws(() => importMapHash("<html></html>"), /import map/);
});

test("files are given without a password and with an ETag; what they ask for is not", async (t) => {
  const rig = new HttpRig(t, { "http-password": "secret" }, site);
  const script = await rig.get("/assets/main.js", { remoteAddress: "192.0.2.1" });
  assert.equal(script.status, 200);
  assert.match(script.headers.get("content-type") ?? "", /^text\/javascript/);
  const etag = script.headers.get("etag") ?? "";
  assert.equal(
    (await rig.get("/assets/main.js", { headers: { "if-none-match": etag } })).status,
    304,
  );
  for (const path of ["/api/node", "/api/live", "/assets/nothing.js", "/assets/../package.json"]) {
    assert.equal((await rig.get(path)).status, 401, path);
  }
  assert.equal((await rig.ask("/", { method: "POST" })).status, 401);
});
