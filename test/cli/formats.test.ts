/** Replies as people and programs see them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatted } from "../../src/cli/formats/format.ts";
import { quoted } from "../../src/cli/formats/quoted.ts";
import { ErrorReply, type Reply, Status } from "../../src/client/reply.ts";
import { splitArgs } from "../../src/protocol/split-args.ts";
import { fc } from "../support/fast-check.ts";

const jobs: Reply = [
  [Buffer.from("q"), new Status(Buffer.from("D-1")), Buffer.from('a"\x00\n')],
  [Buffer.from("q"), Buffer.from("D-2"), null, "12", new ErrorReply("ERR x"), []],
];

const shown = {
  human: `1) 1) "q"
   2) D-1
   3) "a\\"\\x00\\n"
2) 1) "q"
   2) "D-2"
   3) (nil)
   4) (integer) 12
   5) (error) ERR x
   6) (empty array)
`,
  raw: 'q\nD-1\na"\x00\n\nq\nD-2\n\n12\nERR x\n\n',
  csv: '"q","D-1","a\\"\\x00\\n","q","D-2",NULL,12,ERROR,"ERR x",\n',
  json: '[["q","D-1","a\\"\\u0000\\n"],["q","D-2",null,12,{"error":"ERR x"},[]]]\n',
} as const;

for (const [format, text] of Object.entries(shown)) {
  test(`a list of jobs in ${format}`, () => {
    const bytes = formatted(format as keyof typeof shown, ["getjob"], jobs);
    assert.equal(bytes.toString("latin1"), text);
  });
}

test("numbers of a long list stand under one another", () => {
  const text = formatted(
    "human",
    [],
    Array.from({ length: 10 }, () => ["1", "2"]),
  ).toString();
  assert.match(text, /^ 1\) 1\) \(integer\) 1\n {4}2\) \(integer\) 2\n 2\) 1\)/);
  assert.match(text, /\n10\) 1\) \(integer\) 1\n {4}2\) \(integer\) 2\n$/);
});

test("pages of text are shown as such, their last line ended", () => {
  const page = Buffer.from("# Server\r\nport:1\r\n");
  for (const format of ["human", "raw", "csv"] as const) {
    assert.equal(formatted(format, ["INFO"], page).toString(), "# Server\r\nport:1\r\n");
  }
  assert.equal(formatted("human", ["INFO"], Buffer.from("x")).toString(), "x\n");
  assert.equal(formatted("human", ["QPEEK"], page).toString(), '"# Server\\r\\nport:1\\r\\n"\n');
  assert.equal(formatted("human", ["INFO"], new ErrorReply("ERR")).toString(), "(error) ERR\n");
});

test("in JSON lists of names and values are objects, and integers keep their digits", () => {
  const pairs: Reply = [
    Buffer.from("name"),
    Buffer.from("ä"),
    Buffer.from("n"),
    "9007199254740993",
  ];
  const json = formatted("json", ["QSTAT", "q"], pairs).toString("utf8");
  assert.equal(json, '{"name":"ä","n":9007199254740993}\n');
  assert.equal(formatted("json", ["qpeek"], pairs).toString("utf8").at(0), "[");
  assert.equal(formatted("json", ["SHOW", "x"], null).toString(), "null\n");
});

test("what is quoted can be typed again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      const text = quoted(Buffer.from(bytes));
      assert.match(text, /^"[ -~]*"$/);
      assert.deepEqual(splitArgs(text), [Buffer.from(bytes).toString("latin1")]);
    }),
  );
});
