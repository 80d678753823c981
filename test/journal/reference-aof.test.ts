/**
 * Walking over an AOF of the reference: whole files, torn tails, damage in the middle, garbage.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWindow } from "../../src/journal/byte-window.ts";
import { ReferenceAof } from "../../src/journal/reference-aof.ts";
import { fc } from "../support/fast-check.ts";
import { delJob, loadJob, record, writtenId } from "../support/reference-aof-writer.ts";
import { BytesSource } from "./byte-sources.ts";

/** The steps of a walk, as "load 0" or "damaged 12-40 reason". */
function steps(bytes: Buffer): string[] {
  const aof = new ReferenceAof(new ByteWindow(new BytesSource(bytes)));
  const seen: string[] = [];
  for (let step = aof.next(); step !== "end"; step = aof.next()) {
    assert.ok(aof.end > aof.offset, "every step goes on");
    const isBad = step === "damaged" || step === "torn";
    seen.push(isBad ? `${step} ${aof.offset}-${aof.end} ${aof.reason}` : `${step} ${aof.offset}`);
  }
  assert.equal(aof.end, bytes.length);
  return seen;
}

const first = loadJob({ id: writtenId(1), body: "one" });
const second = loadJob({ id: writtenId(2), body: "two" });
const gone = delJob(writtenId(1));

test("a file is walked record by record", () => {
  assert.equal(gone.length, 63);
  assert.deepEqual(steps(Buffer.alloc(0)), []);
  assert.deepEqual(steps(Buffer.concat([first, gone, second])), [
    "load 0",
    `delete ${first.length}`,
    `load ${first.length + 63}`,
  ]);
});

test("a file may end anywhere: what is whole counts, the rest is torn", () => {
  const start = Buffer.concat([first, gone]);
  for (const last of [second, gone]) {
    for (let length = 1; length < last.length; length++) {
      const found = steps(Buffer.concat([start, last.subarray(0, length)]));
      assert.equal(found.length, 3);
      const end = start.length + length;
      assert.equal(found[2], `torn ${start.length}-${end} the file ends within a record`);
    }
  }
});

test("a tail of zeros is torn, zeros in the middle are damage", () => {
  const zeros = Buffer.alloc(3_000_000);
  assert.deepEqual(steps(Buffer.concat([gone, zeros])), [
    "delete 0",
    "torn 63-3000063 nothing but zeros follows",
  ]);
  assert.deepEqual(steps(Buffer.concat([zeros, gone])), [
    "damaged 0-3000000 no record begins here",
    "delete 3000000",
  ]);
});

test("what is no record of the format is damage with its offset and extent", () => {
  for (const [bytes, reason] of [
    [Buffer.from("garbage\r\n"), "no record begins here"],
    [record("PING"), "no record begins here"],
    [record("ADDJOB", "x"), "neither LOADJOB nor DELJOB"],
    [record("LOADJOB", "x"), "a LOADJOB of 1 bytes"],
    [record("LOADJOB", Buffer.alloc(100)), "a job whose length is not that of its record"],
    [record("DELJOB", "x".repeat(40)), "a DELJOB without an id"],
    [Buffer.from("*2\r\n$7\r\nLOADJOB\r\n$x\r\n"), "a LOADJOB without a length"],
    [Buffer.from("*2\r\n$7\r\nLOADJOB\r\n$9999999999\r\n"), "a LOADJOB of 9999999999 bytes"],
  ] as const) {
    const found = steps(Buffer.concat([gone, bytes, second]));
    const end = 63 + bytes.length;
    assert.deepEqual(found, ["delete 0", `damaged 63-${end} ${reason}`, `load ${end}`]);
  }
});

test("a length that points behind the end is damage as long as records follow", () => {
  const wrong = Buffer.from(first.toString("latin1").replace("$88", "$88888"), "latin1");
  const found = steps(Buffer.concat([wrong, second, gone]));
  assert.deepEqual(found, [
    `damaged 0-${wrong.length} a length that points behind the end of the file`,
    `load ${wrong.length}`,
    `delete ${wrong.length + second.length}`,
  ]);
});

test("a body that contains records is no more than a body", () => {
  const sly = loadJob({ id: writtenId(3), body: Buffer.concat([gone, second]) });
  assert.deepEqual(steps(Buffer.concat([sly, gone])), ["load 0", `delete ${sly.length}`]);
});

test("jobs larger than the window are read, and little else is kept", () => {
  const large = loadJob({ id: writtenId(4), body: Buffer.alloc(3_000_000, "x") });
  const many = Array.from({ length: 30_000 }, (_, i) => delJob(writtenId(i)));
  const source = new BytesSource(Buffer.concat([...many, large, ...many]));
  const aof = new ReferenceAof(new ByteWindow(source));
  let records = 0;
  for (let step = aof.next(); step !== "end"; step = aof.next()) records++;
  assert.equal(records, 60_001);
  assert.ok(source.largestRead < 3_100_000);
  assert.ok(source.readBytes < 2 * source.size + 8_000_000, `${source.readBytes} bytes are read`);
});

test("garbage is walked through to its end, and every whole record before it is found", () => {
  const piece = fc.oneof(
    fc.constantFrom(first, second, gone),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom("*2\r\n$", "*2\r\n$7\r\nLOADJOB\r\n$", "*2\r\n$6\r\nDELJOB\r\n$40\r\n", "\0\0")
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(fc.constantFrom(first, second, gone)), fc.array(piece), (good, bad) => {
      const found = steps(Buffer.concat([...good, ...bad]));
      const whole = found.slice(0, good.length);
      return whole.every((step) => step.startsWith("load") || step.startsWith("delete"));
    }),
  );
});
