/** Parameters of a query: bytes, numbers and words, and what is wrong with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromSegment, labelOf, shownBody, shownName } from "../../src/http/bytes-text.ts";
import { readQuery } from "../../src/http/query.ts";
import type { QueryParameter } from "../../src/http/route.ts";
import { fc } from "../support/fast-check.ts";

const parameters: readonly QueryParameter[] = [
  { name: "name", kind: "bytes", help: "" },
  { name: "count", kind: "integer", min: 1, max: 9, absent: 3, help: "" },
  { name: "end", kind: "choice", choices: ["old", "new"], help: "" },
];

test("what is given is read, what is not has its default", () => {
  const query = readQuery("count=7&name=a+b%2B%ff&end=new", parameters);
  assert.deepEqual(query.bytes("name"), Buffer.from([97, 32, 98, 43, 255]));
  assert.deepEqual([query.integer("count"), query.choice("end")], [7, "new"]);
  const empty = readQuery("", parameters);
  assert.equal(empty.bytes("name"), undefined);
  assert.deepEqual([empty.integer("count"), empty.choice("end")], [3, "old"]);
});

const wrong = ["count=0", "count=10", "count=x", "count=", "count=1.5", "count=0x1", "end=mid"];
for (const search of [...wrong, "other=1", "count=1&count=1", "name=%F", "%FF=1"]) {
  test(`"${search}" is refused`, () => {
    assert.throws(() => readQuery(search, parameters), { status: 400 });
  });
}

test("any bytes survive the way into a path and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      const name = Buffer.from(bytes);
      const { nameUrl } = shownName(name);
      assert.match(nameUrl, /^[A-Za-z0-9_.~%-]*$/);
      assert.deepEqual(fromSegment(nameUrl), name);
    }),
  );
});

test("names that a path has no place for stand behind a tilde, and so do those that look like it", () => {
  for (const name of ["", ".", "..", "~", "~.", "~~..", "...", "~a", "~..."]) {
    const { nameUrl } = shownName(Buffer.from(name));
    assert.equal(new URL(`http://host/api/queues/${nameUrl}/jobs`).pathname.split("/").length, 5);
    assert.equal(String(fromSegment(nameUrl)), name);
  }
  assert.equal(shownName(Buffer.from("~a")).nameUrl, "~a");
});

test("names are labels as text when they are text", () => {
  assert.equal(labelOf(Buffer.from("größe /%")), "größe /%");
  assert.equal(labelOf(Buffer.from([0x61, 0xff])), "a%FF");
});

test("a body is text, or base64, and cut between letters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), fc.nat(40), (text, at) => {
      const whole = Buffer.from(text);
      const start = whole.subarray(0, at);
      const shown = shownBody(start, whole.length);
      assert.equal(shown.isCut, start.length < whole.length);
      assert.equal(shown.base64, null);
      assert.ok(text.startsWith(shown.text ?? "-"));
      assert.ok(start.length - Buffer.byteLength(shown.text ?? "") < 4);
    }),
  );
  const bytes = Buffer.from([1, 0xfe, 2]);
  assert.deepEqual(shownBody(bytes, 3).base64, bytes.toString("base64"));
});
