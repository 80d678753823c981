/** Jobs as lines of JSON: every byte comes back, and nonsense is told in words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { exportedLine, parseJobLine } from "../../src/cli/job-lines.ts";
import type { Reply } from "../../src/client/reply.ts";
import { fc } from "../support/fast-check.ts";

const NOW_MS = 1_800_000_000_000;

function job(fields: Record<string, Reply>): Map<string, Reply> {
  return new Map<string, Reply>(
    Object.entries({
      id: Buffer.from("D-1"),
      queue: Buffer.from("q"),
      body: Buffer.from("x"),
      state: Buffer.from("queued"),
      repl: "2",
      ttl: "100",
      ctime: `${NOW_MS - 5000}000007`,
      delay: "0",
      retry: "60",
      nacks: "1",
      "additional-deliveries": "2",
      ...fields,
    }),
  );
}

const parsed = (fields: Record<string, Reply>) =>
  parseJobLine(exportedLine(job(fields), NOW_MS) ?? "left out");

test("every byte of queue and body survives, and so do the settings", () => {
  const bytes = fc.uint8Array({ maxLength: 20 }).map((each) => Buffer.from(each));
  fc.assert(
    fc.property(bytes, bytes, fc.nat(100), fc.nat(100), (queue, body, retry, repl) => {
      assert.deepEqual(parsed({ queue, body, retry: `${retry}`, repl: `${repl + 1}` }), {
        queue,
        body,
        ttl: 100,
        retry,
        delay: 0,
        replicate: repl + 1,
      });
    }),
  );
});

test("text stays readable", () => {
  const line = exportedLine(job({ body: Buffer.from("ä") }), NOW_MS) ?? "";
  assert.match(line, /^\{"queue":"q","body":"ä","state":"queued","ttl":100,"retry":60,/);
});

test("a delayed job keeps what is left of its delay, one that was handed out has none", () => {
  const active = { state: Buffer.from("active") };
  assert.equal((parsed({ ...active, delay: "30" }) as { delay: number }).delay, 25);
  assert.equal((parsed({ ...active, delay: "3" }) as { delay: number }).delay, 0);
});

test("a job that is handed out at most once and was is left out; one that was not is not", () => {
  const once = { retry: "0", state: Buffer.from("active") };
  assert.equal(exportedLine(job(once), NOW_MS), undefined);
  assert.notEqual(exportedLine(job({ ...once, delay: "30" }), NOW_MS), undefined);
  assert.notEqual(exportedLine(job({ retry: "0" }), NOW_MS), undefined);
});

test("a job in its last second can still be imported", () => {
  assert.equal((parsed({ ttl: "0" }) as { ttl: number }).ttl, 1);
});

const bad = [
  ["", "not JSON"],
  ['{"queue":"q","body":"x"', "not JSON"],
  ["[]", "not a JSON object"],
  ["null", "not a JSON object"],
  ['{"body":"x"}', "queue is missing"],
  ['{"queue":"q"}', "body is missing"],
  ['{"queue":1,"body":"x"}', "queue is not a string"],
  ['{"queue":"q","body64":"%"}', "body64 is not base64"],
  ['{"queue":"q","body":"x","body64":""}', "both body and body64"],
  ['{"queue":"q","body":"x","ttl":0}', /^ttl is not a whole number/],
  ['{"queue":"q","body":"x","retry":1.5}', /^retry is not/],
  ['{"queue":"q","body":"x","delay":"1"}', /^delay is not/],
  ['{"queue":"q","body":"x","replicate":-1}', /^replicate is not/],
] as const;

for (const [line, reason] of bad) {
  test(`${line} is refused`, () => {
    const problem = parseJobLine(line);
    assert.ok(typeof problem === "string");
    if (typeof reason === "string") assert.equal(problem, reason);
    else assert.match(problem, reason);
  });
}

test("queue and body are enough", () => {
  const job = parseJobLine('{"queue":"q","body":"x","extra":[1]}');
  assert.deepEqual(job, {
    queue: Buffer.from("q"),
    body: Buffer.from("x"),
    ttl: 86_400,
    retry: -1,
    delay: 0,
    replicate: 0,
  });
});
