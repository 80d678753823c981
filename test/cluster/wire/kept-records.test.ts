/** Kept records: a queue of bytes that agrees with a plain array. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KeptRecords } from "../../../src/cluster/wire/kept-records.ts";
import { WireWriter } from "../../../src/cluster/wire/wire-writer.ts";
import { fc } from "../../support/fast-check.ts";
import { fact, sampleCodec } from "./sample-messages.ts";

function recordOf(number: number, bodyBytes: number): Buffer {
  const writer = new WireWriter();
  sampleCodec.encode(writer, fact(number, bodyBytes));
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}

test("adding and releasing in any proportion agrees with an array", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(3000)), {
    maxLength: 100,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const kept = new KeptRecords();
      let model: Buffer[] = [];
      list.forEach(([change, bodyBytes], number) => {
        const added = Array.from({ length: Math.max(0, change) }, () =>
          recordOf(number, bodyBytes),
        );
        for (const record of added) kept.add(record, 0, record.length);
        model.push(...added);
        const released = Math.min(Math.max(0, -change), model.length);
        kept.release(released);
        model = model.slice(released);
        const found: Buffer[] = [];
        kept.visit((buffer, start, end) => found.push(Buffer.from(buffer.subarray(start, end))));
        assert.deepEqual(found, model);
        assert.equal(kept.count, model.length);
        assert.equal(kept.bytes, Buffer.concat(model).length);
      });
    }),
    { numRuns: 50 },
  );
});
