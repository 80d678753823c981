/** A whole file of the reference, from its bytes to what clients of this node see. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { WRITTEN_MS } from "../support/reference-aof-writer.ts";
import { repositoryRoot } from "../support/repository-files.ts";
import { goldenBytes, goldenJobs } from "./golden-reference.ts";
import { ImportTarget } from "./import-target.ts";

const golden = readFileSync(join(repositoryRoot, "test", "journal", "golden", "disque.aof"));

test("the golden file is what its description says", () => {
  assert.deepEqual(golden, goldenBytes());
});

test("it is imported as after a planned stop that was none, ten seconds later", () => {
  const target = new ImportTarget(WRITTEN_MS + 10_000);
  const counts = target.import([golden], { enqueuesJobs: true });
  assert.deepEqual(
    { ...counts },
    {
      queued: 4,
      delayed: 2,
      afterRetry: 1,
      withheld: 1,
      expired: 1,
      known: 0,
      importedBefore: 0,
      spent: 1,
      unfinished: 0,
      removed: 0,
    },
  );
  const { binary, troubled } = goldenJobs;
  assert.equal(target.body(binary.id), binary.body.toString("latin1"));
  assert.equal(target.queueLength("süß\0queue"), 1);
  assert.equal(target.queueLength("emails"), 3);
  assert.equal(target.firstIn("emails"), target.find(goldenJobs.empty.id));
  const { jobs } = target.broker;
  const job = target.find(troubled.id);
  assert.deepEqual([jobs.nacks(job), jobs.additionalDeliveries(job)], [3, 2]);
  target.pass(290_000);
  assert.equal(target.queueLength("emails"), 3);
  target.pass(10_000);
  assert.equal(target.queueLength("emails"), 4, "RETRY after the import the copy is due");
  target.pass(3_289_999);
  assert.deepEqual([target.queueLength("later"), target.queueLength("once")], [0, 0]);
  target.pass(1);
  assert.deepEqual([target.queueLength("later"), target.queueLength("once")], [1, 1]);
});
