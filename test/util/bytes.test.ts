/**
 * Sizes as people write and read them.
 *
 * The reader refuses what it does not know, and reads everything the printer writes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { humanSize, parseSize, printSize } from "../../src/util/bytes.ts";
import { fc } from "../support/fast-check.ts";

test("sizes are read in decimal and binary units of any case", () => {
  assert.equal(parseSize("0"), 0);
  assert.equal(parseSize("100"), 100);
  assert.equal(parseSize("7b"), 7);
  assert.equal(parseSize("1k"), 1000);
  assert.equal(parseSize("1kb"), 1024);
  assert.equal(parseSize("2M"), 2_000_000);
  assert.equal(parseSize("2mB"), 2 * 1024 * 1024);
  assert.equal(parseSize("3g"), 3_000_000_000);
  assert.equal(parseSize("1GB"), 1024 ** 3);
});

test("what is no size is refused", () => {
  for (const text of [
    "",
    "kb",
    "-1",
    "+1",
    "1.5gb",
    "1 gb",
    " 1",
    "1tb",
    "1kbb",
    "9007199254740992",
    "9007199254740991kb",
  ]) {
    assert.equal(parseSize(text), undefined, JSON.stringify(text));
  }
});

test("sizes print with the largest unit that is exact", () => {
  assert.equal(printSize(0), "0");
  assert.equal(printSize(1000), "1000");
  assert.equal(printSize(1024), "1kb");
  assert.equal(printSize(1536 * 1024 * 1024), "1536mb");
  assert.equal(printSize(2 * 1024 ** 3), "2gb");
  assert.equal(printSize(1024 ** 3 + 1), "1073741825");
});

test("a printed size reads back as itself", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(30), (size, shift) => {
      const rounded = Math.floor(size / 2 ** shift) * 2 ** shift;
      return parseSize(printSize(rounded)) === rounded;
    }),
  );
});

test("human sizes look as in INFO", () => {
  assert.equal(humanSize(512), "512B");
  assert.equal(humanSize(773_868), "755.73K");
  assert.equal(humanSize(1024 * 1024), "1.00M");
  assert.equal(humanSize(1.5 * 1024 ** 3), "1.50G");
  assert.equal(humanSize(2 * 1024 ** 4), "2.00T");
});
