/**
 * Jobs as the reference writes them: every field in its place, and nothing believed that does not add up.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ReferenceJob } from "../../src/journal/reference-job.ts";
import { fc } from "../support/fast-check.ts";
import { serializedJob, WRITTEN_MS, writtenId } from "../support/reference-aof-writer.ts";

const id = writtenId(1);
const node = "dcb833cf8f42fbb7924d92335ff6d67d3cea6e3d";

function readJob(bytes: Buffer): ReferenceJob {
  const job = new ReferenceJob();
  assert.equal(job.read(bytes), undefined);
  return job;
}

test("every field is read from its place", () => {
  const bytes = serializedJob({
    id,
    queue: "some queue",
    body: Buffer.from([0, 255, 13, 10]),
    state: 1,
    gcAttempts: 9,
    flags: 5,
    replicate: 3,
    etime: 4_000_000_000,
    createdMs: WRITTEN_MS + 7,
    counter: 999_999,
    delay: 4_294_967_295,
    retry: 60,
    nacks: 65_535,
    additional: 2,
    nodes: [node, node.toUpperCase()],
  });
  const job = readJob(bytes);
  assert.equal(job.idKind, "canonical");
  assert.deepEqual(
    [job.state, job.wasDelivered, job.replicate, job.expiresAtSeconds],
    [1, true, 3, 4_000_000_000],
  );
  assert.deepEqual([job.createdMs, job.createdCounter], [WRITTEN_MS + 7, 999_999]);
  assert.deepEqual([job.delaySeconds, job.retrySeconds], [4_294_967_295, 60]);
  assert.deepEqual([job.nacks, job.additionalDeliveries], [65_535, 2]);
  assert.equal(bytes.toString("utf8", job.queueStart, job.queueEnd), "some queue");
  assert.deepEqual([...bytes.subarray(job.bodyStart, job.bodyEnd)], [0, 255, 13, 10]);
});

test("the smallest job has 84 bytes", () => {
  const bytes = serializedJob({ id, queue: "", body: "" });
  assert.equal(bytes.length, 84);
  assert.equal(readJob(bytes).bodyEnd, 80);
  assert.match(new ReferenceJob().read(bytes.subarray(0, 83)) ?? "", /83 bytes/);
});

test("a flipped bit in a length is noticed", () => {
  const whole = serializedJob({ id, queue: "queue", body: "body", nodes: [node] });
  for (const at of [0, 72, 81, 89]) {
    for (let bit = 0; bit < 32; bit++) {
      const bytes = Buffer.from(whole);
      const byte = at + (bit >> 3);
      bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (bit & 7));
      assert.notEqual(new ReferenceJob().read(bytes), undefined, `offset ${at}, bit ${bit}`);
    }
  }
});

test("a creation time beyond all clocks is a number", () => {
  const bytes = serializedJob({ id });
  bytes.fill(0xff, 52, 60);
  assert.equal(readJob(bytes).createdMs, 18_446_744_073_709);
});

test("an id that no server makes is told from one that is none", () => {
  const foreign = `D-dcb833cf-${"!".repeat(24)}-05a1`;
  assert.equal(readJob(serializedJob({ id: foreign })).idKind, "foreign");
  assert.match(new ReferenceJob().read(serializedJob({ id: "no id" })) ?? "", /without an id/);
});

test("any bytes are a job or a problem in words", () => {
  const start = serializedJob({ id, queue: "", body: "" });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.tuple(fc.nat(90), fc.nat(255))),
      (tail, changes) => {
        const bytes = Buffer.concat([start, tail]);
        bytes.writeUInt32LE(bytes.length - 4);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const job = new ReferenceJob();
        const problem = job.read(bytes);
        if (problem !== undefined) return problem !== "";
        return job.queueEnd <= bytes.length && job.bodyEnd <= bytes.length;
      },
    ),
  );
});
