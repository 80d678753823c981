/** Who may do what by HTTP: Host, passwords, other sites, wrong passwords in a row. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACTION, HttpRig } from "./http-rig.ts";

const basic = (password: string, user = "any") => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`, "latin1").toString("base64")}`,
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Status and code. */
async function outcome(asking: Promise<{ status: number; json: unknown }>): Promise<string> {
  const { status, json } = await asking;
  const { error } = (json ?? {}) as { error?: string };
  return error === undefined ? `${status}` : `${status} ${error}`;
}

test("without a password this machine is served, under names that are its own", async (t) => {
  const rig = new HttpRig(t);
  for (const host of [
    "127.0.0.1:8711",
    "localhost:8711",
    "[::1]:8711",
    "10.1.2.3",
    "a.localhost",
  ]) {
    assert.equal(await outcome(rig.get("/api/queues", { headers: { host } })), "200", host);
  }
  for (const host of ["evil.example", "evil.example:8711", "", "127.0.0.1.evil.example", "1.2.3"]) {
    const asking = rig.get("/api/queues", { headers: { host } });
    assert.equal(await outcome(asking), "403 BADHOST", host);
  }
});

test("without a password nobody else is served, however he came", async (t) => {
  const rig = new HttpRig(t);
  const wanted = "403 NOPASSWORD";
  assert.equal(await outcome(rig.get("/metrics", { remoteAddress: "192.0.2.7" })), wanted);
  for (const name of ["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-host"]) {
    const asking = rig.get("/api/queues", { headers: { [name]: "192.0.2.7" } });
    assert.equal(await outcome(asking), wanted, name);
  }
});

test("health needs neither password nor name", async (t) => {
  const rig = new HttpRig(t, { "http-password": "secret" });
  for (const path of ["/healthz", "/readyz"]) {
    const asked = { headers: { host: "pod.example" }, remoteAddress: "192.0.2.7" };
    assert.equal(await outcome(rig.get(path, asked)), "200", path);
  }
});

test("with a password it is asked of everybody, as Basic of any user or as a bearer token", async (t) => {
  const rig = new HttpRig(t, { "http-password": "pass:word\xe9" });
  const challenge = await rig.get("/api/queues");
  assert.equal(challenge.status, 401);
  assert.match(challenge.headers.get("www-authenticate") ?? "", /^Basic realm="ringq"/);
  const asked = {
    headers: { ...basic("pass:word\xe9"), host: "a.name" },
    remoteAddress: "192.0.2.7",
  };
  assert.equal(await outcome(rig.get("/api/queues", asked)), "200");
  assert.equal(await outcome(rig.get("/api/queues", { headers: bearer("pass:word\xe9") })), "200");
  assert.equal(await outcome(rig.get("/", { headers: basic("wrong") })), "401 WRONGPASS");
});

test("requirepass counts where there is no http-password, and only there", async (t) => {
  const rig = new HttpRig(t, { requirepass: "both" });
  assert.equal(await outcome(rig.get("/metrics")), "401 NOAUTH");
  assert.equal(await outcome(rig.get("/api/queues", { headers: basic("both") })), "200");
  rig.node.server.config.set([["http-password", "own"]]);
  assert.equal(await outcome(rig.get("/api/queues", { headers: basic("both") })), "401 WRONGPASS");
  assert.equal(await outcome(rig.get("/api/queues", { headers: basic("own") })), "200");
});

const strange: Readonly<Record<string, Record<string, string>>> = {
  "no authorization at all": {},
  "an unknown scheme": { authorization: "Digest abc" },
  "no colon": { authorization: `Basic ${Buffer.from("secret").toString("base64")}` },
  "an empty token": { authorization: "Bearer " },
  "a password longer than any": { authorization: `Bearer ${"x".repeat(600)}` },
};

for (const [what, headers] of Object.entries(strange)) {
  test(`${what} lets nobody in`, async (t) => {
    const rig = new HttpRig(t, { "http-password": "secret" });
    assert.match(await outcome(rig.get("/api/queues", { headers })), /^401/);
  });
}

test("actions come from a program or from our own pages", async (t) => {
  const rig = new HttpRig(t);
  const path = "/api/queues/q/jobs";
  const body = { body: "x" };
  const own = "http://127.0.0.1:8711";
  const add = (headers: Record<string, string>) =>
    outcome(rig.ask(path, { method: "POST", body: JSON.stringify(body), headers }));
  const json = { "content-type": "application/json" };
  assert.equal(await add(json), "403 NOACTIONHEADER");
  assert.equal(await add({ ...ACTION, origin: "http://evil.example" }), "403 CROSSSITE");
  assert.equal(await add({ ...ACTION, origin: "null" }), "403 CROSSSITE");
  assert.equal(await add({ ...ACTION, "sec-fetch-site": "cross-site" }), "403 CROSSSITE");
  assert.equal(await add({ ...ACTION, "sec-fetch-site": "same-site" }), "403 CROSSSITE");
  assert.equal(await add({ "x-ringq-action": "1", "content-type": "text/plain" }), "415 NOTJSON");
  assert.equal(await add({ ...json, ...bearer("x") }), "403 NOACTIONHEADER", "there is no token");
  assert.equal(rig.node.server.broker.stats.jobsAdded, 0);
  assert.equal(await add({ ...ACTION, origin: own, "sec-fetch-site": "same-origin" }), "201");
});

test("what is not there is said before how an action is asked for, to those who may know", async (t) => {
  const rig = new HttpRig(t);
  const asked = async (method: string, path: string) => {
    const { status, headers } = await rig.ask(path, { method });
    return `${status} ${headers.get("allow")}`;
  };
  assert.equal(await asked("POST", "/api/nothing"), "404 null");
  assert.equal(await asked("PUT", "/api/queues"), "405 GET, HEAD");
  assert.equal(await asked("OPTIONS", "/api/jobs/x"), "405 GET, DELETE, HEAD");
  assert.equal(await asked("GET", "/api/queues/q/pause"), "405 POST");
  rig.node.server.config.set([["http-password", "secret"]]);
  assert.equal(await outcome(rig.ask("/api/nothing", { method: "POST" })), "401 NOAUTH");
});

test("a bearer token makes up for the header, a remembered password does not", async (t) => {
  const rig = new HttpRig(t, { "http-password": "secret" });
  const asked = { method: "POST", body: "{}" };
  const path = "/api/queues/q/pause";
  const json = { "content-type": "application/json" };
  const withBasic = rig.ask(path, { ...asked, headers: { ...json, ...basic("secret") } });
  assert.equal(await outcome(withBasic), "403 NOACTIONHEADER");
  const withBearer = rig.ask(path, { ...asked, headers: { ...json, ...bearer("secret") } });
  assert.equal(await outcome(withBearer), "200");
});

test("pages of other sites read nothing, links to ours work", async (t) => {
  const rig = new HttpRig(t);
  const other = { "sec-fetch-site": "cross-site" };
  assert.equal(await outcome(rig.get("/api/queues", { headers: other })), "403 CROSSSITE");
  const link = { ...other, "sec-fetch-mode": "navigate" };
  assert.equal(await outcome(rig.get("/", { headers: link })), "200");
});

test("whoever guesses waits, and so does a right guess among wrong ones", async (t) => {
  const rig = new HttpRig(t, { "http-password": "secret" });
  const { host, stats } = rig.node.server;
  for (let i = 0; i < 3; i++) await rig.get("/", { headers: basic(`guess ${i}`) });
  assert.equal(stats.failedLogins, 3);
  const startMs = performance.now();
  // The clock of this server stands still, so the place never opens: the request is told to go.
  const asking = rig.get("/", { headers: basic("secret"), connection: 2 });
  assert.equal(await outcome(asking), "429 TOOMANY");
  assert.ok(performance.now() - startMs >= 200, "it was not looked at before");
  (host as { nowMs: number }).nowMs += 200;
  assert.equal(await outcome(rig.get("/", { headers: basic("secret"), connection: 2 })), "200");
  await rig.get("/", { headers: basic("guess 9") });
  const known = rig.get("/", { headers: basic("secret"), connection: 2 });
  assert.equal(await outcome(known), "200", "who has logged in on a connection does not wait");
});

test("no answer can be framed, sniffed, cached or read by others", async (t) => {
  const rig = new HttpRig(t);
  for (const path of ["/healthz", "/metrics", "/api/node", "/nothing", "/"]) {
    const { headers } = await rig.get(path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("x-frame-options"), "DENY", path);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/, path);
    assert.equal(headers.get("access-control-allow-origin"), null, path);
    assert.match(headers.get("cache-control") ?? "", /^no-/, path);
  }
});

test("settings are shown without secrets", async (t) => {
  const rig = new HttpRig(t, { "http-password": "hush-hush", requirepass: "quiet" });
  const { text, json } = await rig.get("/api/config", { headers: bearer("hush-hush") });
  assert.doesNotMatch(text, /hush-hush|quiet/);
  const { directives } = json as { directives: { name: string; value: unknown }[] };
  const shown = (name: string) => directives.find((row) => row.name === name)?.value;
  assert.deepEqual(["requirepass", "http-password", "cluster-secret"].map(shown), [
    null,
    null,
    null,
  ]);
  assert.deepEqual(["maxclients", "tls-auth-clients"].map(shown), ["10000", "yes"]);
});
