/**
 * Garbage by HTTP: whatever a request contains, the answer is one line of JSON that says what is wrong,
 * and never "that should not have happened".
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../src/core/broker-check.ts";
import { fc } from "../support/fast-check.ts";
import { ACTION, type Answer, HttpRig } from "./http-rig.ts";

const PATHS = [
  "/api/queues",
  "/api/queues/{x}",
  "/api/queues/{x}/jobs",
  "/api/queues/{x}/pause",
  "/api/queues/{x}/resume",
  "/api/jobs",
  "/api/jobs/{x}",
  "/api/jobs/{x}/body",
  "/api/jobs/{x}/requeue",
  "/api/clients",
  "/api/slowlog",
  "/api/ring",
  "/metrics/per-queue",
  "/{x}",
];
const NAMES = [
  "count",
  "cursor",
  "queue",
  "state",
  "scope",
  "contains",
  "after",
  "key",
  "end",
  "x",
];
const METHODS = ["GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS"];

/** Bytes as they may stand in an address. */
const piece = fc.oneof(
  fc.string({ maxLength: 12 }).map((text) => encodeURIComponent(text)),
  fc.constantFrom("%", "%F", "%ff", "%00", "..", "%2e%2e", "-1", "9".repeat(30), "1e9", "NaN", "+"),
  fc
    .uint8Array({ maxLength: 6 })
    .map((bytes) => [...bytes].map((b) => `%${b.toString(16)}`).join("")),
);
const address = fc
  .tuple(
    fc.constantFrom(...PATHS),
    piece,
    fc.array(fc.tuple(fc.constantFrom(...NAMES), piece), { maxLength: 3 }),
  )
  .map(([path, x, query]) => {
    const search = query.map(([name, value]) => `${name}=${value}`).join("&");
    return `${path.replace("{x}", x === "" ? "y" : x)}${search === "" ? "" : `?${search}`}`;
  });
const body = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.json({ maxDepth: 2 }),
  fc
    .record(
      {
        body: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
        bodyBase64: fc.string(),
        timeoutMs: fc.oneof(fc.constant(1), fc.double(), fc.string()),
        delay: fc.oneof(fc.integer(), fc.nat(), fc.constant(2 ** 60)),
        state: fc.string(),
        everywhere: fc.oneof(fc.boolean(), fc.string()),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
);

function checkAnswer({ status, text, headers }: Answer, method: string, what: string): void {
  assert.ok(status < 500 || status === 503, `${what}: ${status} ${text}`);
  if (method === "HEAD" || status < 400) return;
  assert.equal(headers.get("content-type"), "application/json", what);
  assert.match(text, /^\{"error":"[A-Z]+","message":".*"\}\n$/, what);
}

test("every address, method and body gets a proper answer", async (t) => {
  const rig = new HttpRig(t);
  await rig.client().send(["ADDJOB", "q", "x", "0"]);
  await fc.assert(
    fc.asyncProperty(address, fc.constantFrom(...METHODS), body, async (path, method, text) => {
      const hasBody = method !== "GET" && method !== "HEAD";
      const asked = hasBody ? { body: text } : {};
      const answer = await rig.ask(path, { method, ...asked, headers: ACTION });
      checkAnswer(answer, method, `${method} ${path} ${text}`);
    }),
    { numRuns: 300 },
  );
  await rig.wired.advance(0);
  checkBroker(rig.node.server.broker);
  assert.equal(rig.node.clients.count, 1, "no session of a request is left");
});

test("strange headers change nothing but who is let in", async (t) => {
  const rig = new HttpRig(t);
  const names = ["host", "origin", "authorization", "content-type", "sec-fetch-site", "via"];
  const value = fc.string({ maxLength: 40, unit: fc.constantFrom(..." !:/[]%=,abc019") });
  const headers = fc.dictionary(
    fc.constantFrom(...names),
    value.map((text) => text.trim()),
  );
  await fc.assert(
    fc.asyncProperty(headers, async (given) => {
      const asked = { method: "POST", body: "{}", headers: { ...ACTION, ...given } };
      const answer = await rig.ask("/api/queues/q/pause", asked);
      checkAnswer(answer, "POST", JSON.stringify(given));
    }),
    { numRuns: 100 },
  );
});
