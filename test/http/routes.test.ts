/** The JSON API: what it shows is what commands say, and what it does is done by commands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpRig } from "./http-rig.ts";

interface ShownJob {
  readonly id: string;
  readonly state: string;
  readonly body: { text: string | null; base64: string | null; isCut: boolean; bytes: number };
}

function jobUrl(id: string, rest = ""): string {
  return `/api/jobs/${encodeURIComponent(id)}${rest}`;
}

/** Adds a job by HTTP and returns its id. */
async function add(rig: HttpRig, queue: string, body: object): Promise<string> {
  const { status, json } = await rig.post(`/api/queues/${queue}/jobs`, body);
  assert.equal(status, 201);
  return (json as { id: string }).id;
}

test("a job is added with its options, shown, queued again and deleted", async (t) => {
  const rig = new HttpRig(t);
  const client = rig.client();
  const id = await add(rig, "q", { body: "hällo", retry: 7, ttl: 60, delay: 5 });
  const shown = (await rig.get(jobUrl(id))).json as ShownJob & Record<string, unknown>;
  assert.equal(shown.state, "active");
  assert.deepEqual([shown.retrySeconds, shown.delaySeconds, shown.ttlLeftSeconds], [7, 5, 60]);
  assert.equal(shown.body.text, "hällo");
  const requeued = await rig.post(jobUrl(id, "/requeue"));
  assert.deepEqual(requeued.json, { isQueued: true });
  await client.send(["QLEN", "q"]);
  assert.deepEqual(client.replies(), [":1"]);
  const deleting = { method: "DELETE", headers: { "x-ringq-action": "1" } };
  assert.deepEqual((await rig.ask(jobUrl(id), deleting)).json, { isDeleted: true });
  assert.equal((await rig.ask(jobUrl(id), deleting)).status, 404);
});

test("what is renamed works by HTTP as before, what is removed is refused to it as well", async (t) => {
  const renames = [
    { from: "addjob", to: "put" },
    { from: "ackjob", to: "" },
  ];
  const rig = new HttpRig(t, {}, undefined, renames);
  const id = await add(rig, "q", { body: "b" });
  const deleting = { method: "DELETE", headers: { "x-ringq-action": "1" } };
  const refused = await rig.ask(jobUrl(id), deleting);
  assert.deepEqual(
    [refused.status, refused.json],
    [
      403,
      {
        error: "REMOVED",
        message: "The command ACKJOB was taken away from all clients (rename-command).",
      },
    ],
  );
  assert.deepEqual((await rig.ask(jobUrl(id, "?scope=node"), deleting)).json, { isDeleted: true });
});

test("what a removed command would answer is not shown by HTTP, either", async (t) => {
  const names = new HttpRig(t).routes.flatMap(({ shows = [] }) => shows);
  const renames = [...new Set(names)].map((from) => ({ from, to: "" }));
  const rig = new HttpRig(t, {}, undefined, renames);
  const id = await add(rig, "q", { body: "secret" });
  const open: string[] = [];
  for (const { method, path, shows } of rig.routes) {
    if (method !== "GET") continue;
    const url = path.replace("{queue}", "q").replace("{id}", encodeURIComponent(id));
    const { status, text } = await rig.get(url);
    if (shows === undefined) open.push(path);
    else assert.match(`${status} ${text}`, /^403 .*"REMOVED".*taken away/, path);
    assert.doesNotMatch(text, /"secret"/);
  }
  const harmless = ["/healthz", "/readyz", "/metrics", "/api/openapi.json"];
  assert.deepEqual(open.sort(), harmless.sort(), "all others stand for a command");
});

test("what is renamed is shown by HTTP as before", async (t) => {
  const rig = new HttpRig(t, {}, undefined, [{ from: "qpeek", to: "look" }]);
  await add(rig, "q", { body: "b" });
  assert.equal((await rig.get("/api/queues/q/jobs")).status, 200);
});

test("bodies and names may be any bytes", async (t) => {
  const rig = new HttpRig(t);
  const body = Buffer.from([0, 255, 10, 34]);
  const id = await add(rig, "a%2Fb%FF", { bodyBase64: body.toString("base64") });
  const { queues } = (await rig.get("/api/queues")).json as { queues: { nameUrl: string }[] };
  assert.equal(queues[0]?.nameUrl, "a%2Fb%FF");
  const { jobs } = (await rig.get("/api/queues/a%2Fb%FF/jobs")).json as { jobs: ShownJob[] };
  assert.equal(jobs[0]?.id, id);
  assert.deepEqual([jobs[0]?.body.text, jobs[0]?.body.base64], [null, body.toString("base64")]);
  const raw = await rig.response(jobUrl(id, "/body"));
  assert.deepEqual(Buffer.from(await raw.arrayBuffer()), body);
  const download = [raw.headers.get("content-type"), raw.headers.get("content-disposition")];
  assert.deepEqual(download, ["application/octet-stream", 'attachment; filename="job-body"']);
  const found = (await rig.get("/api/jobs?queue=a%2Fb%FF")).json as { jobs: ShownJob[] };
  assert.deepEqual(
    found.jobs.map((job) => job.id),
    [id],
  );
});

test("queues that a path would take for folders have an address", async (t) => {
  const rig = new HttpRig(t);
  for (const name of [".", "..", ""]) {
    await add(rig, `~${name}`, { body: "b" });
    const one = (await rig.get(`/api/queues/~${name}`)).json as { name: string; length: number };
    assert.deepEqual([one.name, one.length], [name, 1]);
  }
});

test("of a large body the beginning is shown, never half a letter", async (t) => {
  const rig = new HttpRig(t);
  const id = await add(rig, "q", { body: "é".repeat(100_000) });
  const one = (await rig.get(jobUrl(id))).json as ShownJob;
  assert.deepEqual([one.body.bytes, one.body.isCut], [200_000, true]);
  assert.equal(one.body.text, "é".repeat(32_768));
  const { jobs } = (await rig.get("/api/jobs")).json as { jobs: ShownJob[] };
  assert.equal(jobs[0]?.body.text, "é".repeat(128));
});

test("queues and jobs come in pages that meet all of them", async (t) => {
  const rig = new HttpRig(t);
  const adds = Array.from({ length: 25 }, (_, i) => ["ADDJOB", `q${i}`, "x", "0"]);
  await rig.client().send(...adds);
  for (const [path, list] of [
    ["/api/queues", "queues"],
    ["/api/jobs", "jobs"],
  ]) {
    const seen = new Set<unknown>();
    let next: number | null = 0;
    for (let pages = 0; next !== null && pages < 10; pages++) {
      const answer: { json: unknown } = await rig.get(`${path}?count=10&cursor=${next}`);
      const page = answer.json as Record<string, ShownJob[]> & { next: number | null };
      for (const row of page[list ?? ""] ?? []) seen.add(JSON.stringify(row));
      next = page.next;
    }
    assert.equal(seen.size, 25, path);
  }
  const { queues } = (await rig.get("/api/queues?contains=q2")).json as { queues: object[] };
  assert.equal(queues.length, 6);
});

test("a queue is stopped and opened, and errors are those of the commands", async (t) => {
  const rig = new HttpRig(t);
  assert.deepEqual((await rig.post("/api/queues/q/pause", { state: "in" })).json, { pause: "in" });
  const refused = await rig.post("/api/queues/q/jobs", { body: "x" });
  assert.equal(refused.status, 409);
  const line = '{"error":"PAUSED","message":"Queue paused in input, try later"}\n';
  assert.equal(refused.text, line);
  assert.deepEqual((await rig.post("/api/queues/q/resume", {})).json, { pause: "none" });
  const bad = await rig.post("/api/queues/q/jobs", { body: "x", retry: 0, replicate: 2 });
  assert.equal(bad.status, 400);
  assert.match(bad.text, /With RETRY set to 0/);
});

test("what an action changes is done at the end of its turn, by a client others can see", async (t) => {
  const rig = new HttpRig(t);
  const monitor = rig.client();
  await monitor.send(["MONITOR"]);
  const waiter = rig.client();
  await waiter.send(["GETJOB", "FROM", "q"]);
  await add(rig, "q", { body: "x" });
  assert.match(monitor.replies().join("\n"), /"ADDJOB" "q" "x" "5000"/);
  assert.equal(waiter.replies().length, 1);
  await rig.wired.advance(0);
  assert.equal(rig.node.clients.count, 2, "the session of the request is gone");
});

test("workers show what they wait for", async (t) => {
  const rig = new HttpRig(t);
  await rig.client().send(["CLIENT", "SETNAME", "w"], ["GETJOB", "FROM", "a", "b"]);
  const { clients } = (await rig.get("/api/clients")).json as {
    clients: { name: string; isWorker: boolean; waitsFor: { name: string }[] }[];
  };
  const [worker] = clients;
  assert.deepEqual([worker?.name, worker?.isWorker], ["w", true]);
  assert.deepEqual(
    worker?.waitsFor.map(({ name }) => name),
    ["a", "b"],
  );
});

test("what is missing, misspelt or not allowed is named", async (t) => {
  const rig = new HttpRig(t);
  const cases: [status: number, asking: Promise<{ status: number; text: string }>][] = [
    [404, rig.get("/api/queues/none")],
    [404, rig.get("/api/nothing")],
    [404, rig.get(jobUrl(`D-${"0".repeat(8)}-${"A".repeat(24)}-05a1`))],
    [400, rig.get("/api/jobs/abc")],
    [400, rig.get("/api/jobs?cont=3")],
    [400, rig.get("/api/jobs?count=3&count=4")],
    [400, rig.get("/api/jobs?count=many")],
    [400, rig.get("/api/jobs?state=lost")],
    [400, rig.get("/api/queues/%ZZ")],
    [400, rig.post("/api/queues/q/jobs", {})],
    [400, rig.post("/api/queues/q/jobs", { body: "x", bodyBase64: "eA==" })],
    [400, rig.post("/api/queues/q/jobs", { bodyBase64: "*" })],
    [400, rig.post("/api/queues/q/jobs", { body: "\ud800" })],
    [405, rig.post("/api/queues")],
    [413, rig.post("/api/queues/q/jobs", { body: "x".repeat(2 * 1024 * 1024) })],
  ];
  for (const [at, [status, asking]] of cases.entries()) {
    const answer = await asking;
    assert.equal(answer.status, status, `${at}: ${answer.text}`);
    assert.match(answer.text, /^\{"error":"[A-Z]+","message":".+"\}\n$/);
  }
});

test("readiness gives its reasons", async (t) => {
  const rig = new HttpRig(t);
  const ready = async () => {
    const { status, json } = await rig.get("/readyz");
    return [status, ...(json as { reasons: string[] }).reasons];
  };
  assert.deepEqual(await ready(), [200]);
  rig.node.server.cluster.setLeaving(true);
  assert.deepEqual(await ready(), [503, "leaving: the node is being taken out of service"]);
  rig.node.server.cluster.setLeaving(false);
  const { log } = rig.node.server as unknown as { log: object };
  const state = rig.node.server as unknown as { log: object };
  state.log = { ...log, isLoading: true, refusal: "No space left on device" };
  assert.deepEqual(await ready(), [
    503,
    "loading: jobs are being read from the log",
    "disk: the log cannot be written: No space left on device",
  ]);
  assert.equal((await rig.get("/api/queues")).status, 503);
  assert.equal((await rig.get("/healthz")).status, 200);
  state.log = log;
  rig.reasons = ["stopping"];
  assert.deepEqual(await ready(), [503, "stopping"]);
  assert.equal((await rig.post("/api/queues/q/jobs", { body: "x" })).status, 503);
});

test("files of a site are served with a policy, and found by their path alone", async (t) => {
  const file = { contentType: "text/html", body: Buffer.from("<html>"), etag: '"1"' };
  const scriptHashes = ["'sha256-abc='"];
  const site = {
    isOpen: false,
    scriptHashes,
    find: (path: string) => (path === "/" ? file : undefined),
  };
  const rig = new HttpRig(t, {}, site);
  const page = await rig.get("/");
  assert.equal(`${page.status} ${page.text}`, "200 <html>");
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /script-src 'self' 'sha256-abc='; /);
  assert.equal((await rig.get("/", { headers: { "if-none-match": '"1"' } })).status, 304);
  assert.equal((await rig.get("/../package.json")).status, 404);
});
