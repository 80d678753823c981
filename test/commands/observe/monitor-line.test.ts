/**
 * The lines of MONITOR: the format, the escapes, and what may never get into a line.
 * An independent inverse of the escapes reads random lines back.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { monitorLine } from "../../../src/commands/observe/monitor-line.ts";
import { argumentList } from "../../support/argument-list.ts";
import { fc } from "../../support/fast-check.ts";

/** The line of a command whose words are latin1. */
function line(words: readonly string[], secret: number[] = [], clientAddress = "127.0.0.1:58720") {
  return monitorLine({
    unixMicros: 1_795_238_196_765_088,
    clientAddress,
    args: argumentList(words),
    secretPositions: new Set(secret),
  });
}

test("a line has the moment in microseconds, the client and the quoted arguments", () => {
  assert.equal(
    line(["addjob", "q", 'a"b\n\x01\xff', "0"]),
    '1795238196.765088 [127.0.0.1:58720] "addjob" "q" "a\\"b\\n\\x01\\xff" "0"',
  );
});

test("microseconds keep their leading zeros", () => {
  const args = argumentList(["ping"]);
  assert.equal(
    monitorLine({ unixMicros: 1_000_042, clientAddress: "unix:/run/q", args }),
    '1.000042 [unix:/run/q] "ping"',
  );
});

test("quotes, backslashes and control characters are escaped, the rest of ASCII is not", () => {
  assert.ok(line(['"\\\n\r\t\x07\b']).endsWith(' "\\"\\\\\\n\\r\\t\\a\\b"'));
  assert.ok(line(["\x00\x1f\x7f\x80"]).endsWith(' "\\x00\\x1f\\x7f\\x80"'));
  assert.ok(line([" ~!'"]).endsWith(' " ~!\'"'));
});

test("an empty argument is a pair of quotes", () => {
  assert.ok(line(["ping", ""]).endsWith('"ping" ""'));
});

test("secret positions are shown as redacted", () => {
  assert.ok(line(["AUTH", "hunter2"], [1]).endsWith('] "AUTH" "(redacted)"'));
});

test("the path of a unix socket cannot end the line", () => {
  assert.ok(line(["ping"], [], "unix:/a\r\nb:0").includes("[unix:/a\\r\\nb:0]"));
});

test("of enormous arguments the beginning is shown and the rest is counted", () => {
  const eightMegabytes = 8 * 1024 * 1024;
  const args = ["PING", Buffer.alloc(eightMegabytes, 1), "xyz"];
  const text = monitorLine({ unixMicros: 0, clientAddress: "", args: argumentList(args) });
  assert.ok(text.endsWith('\\x01... (4 more bytes)" "... (3 more bytes)"'));
  assert.ok(text.length < 4 * eightMegabytes + 100);
});

test("whatever the bytes, the line is printable ASCII and can be read back", () => {
  const words = fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(words, (values) => {
      const buffers = values.map((bytes) => Buffer.from(bytes));
      const text = monitorLine({
        unixMicros: 5,
        clientAddress: "1.2.3.4:5",
        args: argumentList(buffers),
      });
      assert.match(text, /^[ -~]*$/);
      const quoted = text.slice("0.000005 [1.2.3.4:5] ".length).match(/"(?:[^"\\]|\\.)*"/g) ?? [];
      assert.deepEqual(quoted.map(unquote), buffers);
    }),
  );
});

/** The inverse of the escapes, written independently. */
function unquote(quoted: string): Buffer {
  const short: Record<string, number> = { n: 10, r: 13, t: 9, a: 7, b: 8, '"': 34, "\\": 92 };
  const bytes: number[] = [];
  for (let at = 1; at < quoted.length - 1; at++) {
    if (quoted[at] !== "\\") {
      bytes.push(quoted.charCodeAt(at));
    } else if (quoted[at + 1] === "x") {
      bytes.push(Number.parseInt(quoted.slice(at + 2, at + 4), 16));
      at += 3;
    } else {
      bytes.push(short[quoted[at + 1] ?? ""] ?? -1);
      at += 1;
    }
  }
  return Buffer.from(bytes);
}
