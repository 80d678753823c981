/** The OpenAPI description says what the routes do: every route is in it, every answer has its shape. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { snapshotSchema } from "../../src/http/live-feed.ts";
import type { Route } from "../../src/http/route.ts";
import { type Schema, schemaProblem } from "../../src/http/schema.ts";
import { HttpRig } from "./http-rig.ts";

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { name: string; in: string; required: boolean }[];
  readonly security: readonly object[];
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
  readonly responses: Record<string, { content: Record<string, { schema?: Schema }> }>;
}

interface Description {
  readonly openapi: string;
  readonly info: { version: string };
  readonly paths: Record<string, Record<string, Operation>>;
}

async function described(rig: HttpRig): Promise<Description> {
  return (await rig.get("/api/openapi.json")).json as Description;
}

function operations({ paths }: Description): [path: string, method: string, Operation][] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, string, Operation] => {
      return [path, method.toUpperCase(), operation];
    }),
  );
}

test("routes and description have the same operations", async (t) => {
  const rig = new HttpRig(t);
  const description = await described(rig);
  assert.equal(`${description.openapi} ${description.info.version}`, "3.1.0 1.2.3");
  const inDescription = operations(description).map(([path, method]) => `${method} ${path}`);
  const inTable = rig.routes.map(({ method, path }: Route) => `${method} ${path}`);
  assert.deepEqual(inDescription.sort(), inTable.sort());
  const ids = operations(description).map(([, , { operationId }]) => operationId);
  assert.equal(new Set(ids).size, ids.length);
});

test("every segment of a path is described, and only health is open to everybody", async (t) => {
  for (const [path, , operation] of operations(await described(new HttpRig(t)))) {
    const segments = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const told = operation.parameters.filter((parameter) => parameter.in === "path");
    assert.deepEqual(
      told.map(({ name }) => name),
      segments,
      path,
    );
    assert.equal(operation.security.length === 0, /^\/(?:healthz|readyz)$/.test(path), path);
  }
});

test("every operation answers what its description says", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  await client.send(["ADDJOB", "a/b", Buffer.from([0xff]), "0"], ["ADDJOB", "a/b", "x", "0"]);
  await client.send(["CONFIG", "SET", "slowlog-log-slower-than", "0"], ["QLEN", "a/b"]);
  const ids = client.replies().map((reply) => String(reply).slice(1));
  // What deletes comes last.
  const found = operations(await described(rig));
  const isDelete = ([, method]: (typeof found)[number]): boolean => method === "DELETE";
  const inOrder = [...found.filter((one) => !isDelete(one)), ...found.filter(isDelete)];
  for (const [path, method, operation] of inOrder) {
    if (path === "/api/live") continue;
    const id = path.endsWith("requeue") ? ids[1] : ids[0];
    const url = path.replace("{queue}", "a%2Fb").replace("{id}", encodeURIComponent(id ?? ""));
    const body = path === "/api/queues/{queue}/jobs" ? { body: "new" } : {};
    const isAction = method !== "GET";
    const asked = isAction ? { method, body: method === "POST" ? JSON.stringify(body) : "" } : {};
    const headers = isAction ? { "x-ringq-action": "", "content-type": "application/json" } : {};
    const answer = await rig.ask(url, { ...asked, headers });
    const [type, told] = Object.entries(operation.responses[answer.status]?.content ?? {})[0] ?? [];
    assert.ok(type !== undefined, `${method} ${path} answers ${answer.status}: ${answer.text}`);
    assert.ok(answer.headers.get("content-type")?.startsWith(type), path);
    if (type !== "application/json" || path.endsWith("openapi.json")) continue;
    assert.equal(schemaProblem(told?.schema as Schema, answer.json, path), undefined);
  }
});

test("both shapes of a queue, alone and over all nodes, are as described", async (t) => {
  const rig = new HttpRig(t);
  await rig.client().send(["ADDJOB", "q", "x", "0"]);
  const { paths } = await described(rig);
  for (const path of ["/api/queues", "/api/queues/{queue}"]) {
    const schema = paths[path]?.get?.responses[200]?.content["application/json"]?.schema;
    const answer = await rig.get(`${path.replace("{queue}", "q")}?scope=cluster`);
    assert.equal(answer.status, 200);
    assert.equal(schemaProblem(schema as Schema, answer.json, path), undefined);
    assert.deepEqual((answer.json as { missing: string[] }).missing, []);
  }
});

test("bodies are refused by the shapes that are described", async (t) => {
  const rig = new HttpRig(t);
  for (const [path, method, { requestBody }] of operations(await described(rig))) {
    if (requestBody === undefined) continue;
    const url = path.replace("{queue}", "q").replace("{id}", "x");
    const answer = await rig.post(url, { unknown: 1 });
    assert.equal(`${method} ${answer.status}`, "POST 400", answer.text);
    assert.match(answer.text, /unknown field unknown/);
  }
});

test("a snapshot of the live feed has its shape", async (t) => {
  const rig = new HttpRig(t);
  await rig.client().send(["ADDJOB", "q", "x", "0"]);
  const response = await rig.response("/api/live");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  let text = "";
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    text += Buffer.from(chunk).toString("utf8");
    if (/\n\n$/.test(text) && text.includes("data:")) break;
  }
  const data = /^data: (.*)$/m.exec(text)?.[1] ?? "";
  assert.equal(schemaProblem(snapshotSchema, JSON.parse(data), "snapshot"), undefined);
  assert.equal(rig.feed.viewerCount, 0, "who stops reading watches no more");
});
