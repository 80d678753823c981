/** Figures as people read them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, count, duration, percent, rate, short } from "../../src/dashboard/format.ts";

/** Thin spaces as plain ones. */
const plain = (text: string): string => text.replaceAll("\u2009", " ");

test("numbers have three digits that matter and a prefix", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [0.04, "0"],
    [7.25, "7.3"],
    [999, "999"],
    [999.7, "1 k"],
    [1234, "1.23 k"],
    [12_345, "12.3 k"],
    [999_999, "1 M"],
    [4.5e9, "4.5 G"],
    [-1500, "-1.5 k"],
  ];
  for (const [value, text] of cases) assert.equal(plain(short(value)), text);
  assert.equal(plain(rate(1234)), "1.23 k/s");
  assert.equal(count(1_234_567), "1,234,567");
});

test("bytes come in steps of 1024, fractions in percent", () => {
  assert.equal(plain(bytes(512)), "512 B");
  assert.equal(plain(bytes(1536)), "1.5 KiB");
  assert.equal(plain(bytes(1024 ** 3)), "1 GiB");
  assert.deepEqual([0, 0.3333, 1].map(percent).map(plain), ["0 %", "33.3 %", "100 %"]);
});

test("times have the unit that fits, long ones two", () => {
  const cases: [number, string][] = [
    [0, "0 s"],
    [0.00008, "80 µs"],
    [0.0123, "12.3 ms"],
    [3.44, "3.4 s"],
    [60, "1 min"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
    [86_400 * 3 + 4 * 3600, "3 d 4 h"],
    [-2, "-2 s"],
  ];
  for (const [seconds, text] of cases) assert.equal(plain(duration(seconds)), text);
  assert.equal(ago(0.2), "now");
});

test("what is not known is a dash", () => {
  for (const format of [count, short, rate, bytes, percent, duration, ago]) {
    assert.equal(format(null), "–");
    assert.equal(format(undefined), "–");
    assert.equal(format(Number.NaN), "–");
  }
});
