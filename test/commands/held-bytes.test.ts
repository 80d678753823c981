/** Replies that are held back come out in the portions and the order in which they went in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HeldBytes } from "../../src/commands/held-bytes.ts";
import { BufferPool } from "../../src/protocol/buffer-pool.ts";
import { ReplyWriter } from "../../src/protocol/reply-writer.ts";
import { fc } from "../support/fast-check.ts";

test("bytes come out as they went in, whatever their sizes and the moments", () => {
  const portion = fc.uint8Array({ maxLength: 700 });
  const step = fc.oneof(portion, portion, fc.constantFrom("shift", "drop"));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const held = new HeldBytes();
      const reply = new ReplyWriter(new BufferPool());
      const inside: Buffer[] = [];
      const expected: Buffer[] = [];
      for (const step of steps) {
        if (typeof step !== "string") {
          const source = Buffer.concat([Buffer.from("before"), step, Buffer.from("behind")]);
          held.push(source, 6, source.length - 6);
          inside.push(Buffer.from(step));
          source.fill(0);
        } else {
          const first = inside.shift();
          if (first === undefined) continue;
          if (step === "drop") held.drop(first.length);
          else {
            held.shiftInto(reply, first.length);
            expected.push(first);
          }
        }
        assert.equal(held.size, Buffer.concat(inside).length);
      }
      assert.deepEqual(reply.take(), Buffer.concat(expected));
    }),
    { numRuns: 500 },
  );
});
