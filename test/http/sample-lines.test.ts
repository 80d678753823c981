/** Lines for Prometheus as bytes: every number, every name, and lines of any length. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { labelBytesOf, SampleLines } from "../../src/http/sample-lines.ts";

function textOf(lines: SampleLines): string {
  return Buffer.concat(lines.blocks).toString("utf8");
}

test("numbers are written as they are", () => {
  const lines = new SampleLines("m", "l", "# TYPE m gauge\n");
  const values = [0, 7, 10, 99, 100, 999_999_999, 1e9, 2 ** 53, 0.125, -3, -0.5, 1.5e-7, 1e21];
  for (const value of values) lines.add(Buffer.from("x"), value);
  const [head, ...samples] = textOf(lines).trimEnd().split("\n");
  assert.equal(head, "# TYPE m gauge");
  assert.deepEqual(
    samples.map((line) => line.replace(/^m\{l="x"\} /, "")),
    values.map(String),
  );
});

test("lines are whole and in order, however many blocks they fill", () => {
  const lines = new SampleLines("metric", "queue", "");
  const names = Array.from({ length: 5000 }, (_, i) => `queue-${i}-${"n".repeat(i % 97)}`);
  names[2500] = "long".repeat(50_000);
  names.forEach((name, i) => {
    lines.add(Buffer.from(name), i);
  });
  const expected = names.map((name, i) => `metric{queue="${name}"} ${i}\n`);
  assert.equal(textOf(lines), expected.join(""));
  assert.ok(lines.blocks.length > 5 && lines.blocks.length < 50);
});

test("a name that needs no escapes is its own label", () => {
  const plain = Buffer.from("orders.eu-1 {x}");
  assert.equal(labelBytesOf(plain), plain);
  const escaped: [Buffer, string][] = [
    [Buffer.from('a"b\\c\nd'), 'a\\"b\\\\c\\nd'],
    [Buffer.from("größe"), "größe"],
    [Buffer.from([0xff, 0x41]), "%FFA"],
  ];
  for (const [name, label] of escaped) assert.equal(labelBytesOf(name).toString("utf8"), label);
});
