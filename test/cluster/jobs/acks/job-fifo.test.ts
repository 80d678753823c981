/**
 * A row of jobs against an array of pairs.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobFifo } from "../../../../src/cluster/jobs/acks/job-fifo.ts";
import { fc } from "../../../support/fast-check.ts";

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant("push" as const), n: fc.nat(1000) }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant("drop" as const), n: fc.nat(2000) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("retain" as const), n: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("clear" as const), n: fc.nat(1) }) },
);

test("a row keeps what is pushed in order, whatever is taken away", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const row = new JobFifo();
      let model: [job: number, number: number][] = [];
      let next = 0;
      for (const { act, n } of steps) {
        if (act === "push") {
          for (let i = 0; i < n; i++) {
            row.push(next, next * 2 ** 33);
            model.push([next, next * 2 ** 33]);
            next++;
          }
        } else if (act === "drop") {
          row.drop(n);
          model = model.slice(n);
        } else if (act === "retain") {
          row.retain((job) => job % 5 >= n);
          model = model.filter(([job]) => job % 5 >= n);
        } else {
          row.clear();
          model = [];
        }
        assert.equal(row.size, model.length);
      }
      const rest = model.map((_, place) => [row.jobAt(place), row.numberAt(place)]);
      assert.deepEqual(rest, model);
    }),
  );
});
