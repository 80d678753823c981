/** Nobody is sent more jobs than it answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobsWorld } from "../../../../src/cluster/jobs/jobs-world.ts";
import { Flow } from "../../../../src/cluster/jobs/lending/flow.ts";

const MEGABYTE = 1024 * 1024;

function flowAt(host: { nowMs: number }): Flow {
  return new Flow({ host } as JobsWorld);
}

test("a node is sent no more when much is unanswered, and again when it answers", () => {
  const flow = flowAt({ nowMs: 1000 });
  for (let i = 0; i < 16; i++) {
    assert.equal(flow.isOpen(1), true);
    flow.sent(1, MEGABYTE);
  }
  assert.equal(flow.isOpen(1), false);
  assert.equal(flow.isOpen(2), true);
  flow.answered(1, 1);
  assert.equal(flow.isOpen(1), true);
});

test("answers that are missing for a second are not waited for any longer", () => {
  const host = { nowMs: 1000 };
  const flow = flowAt(host);
  flow.sent(1, 100 * MEGABYTE);
  assert.equal(flow.isOpen(1), false);
  host.nowMs = 1999;
  assert.equal(flow.isOpen(1), false);
  host.nowMs = 2000;
  assert.equal(flow.isOpen(1), true);
});

test("more answers than jobs do no harm", () => {
  const flow = flowAt({ nowMs: 1000 });
  flow.sent(1, MEGABYTE);
  flow.answered(1, 7);
  flow.answered(1, 7);
  flow.sent(1, 100 * MEGABYTE);
  assert.equal(flow.isOpen(1), false);
});
