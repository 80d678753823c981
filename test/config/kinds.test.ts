/**
 * The notations of values: what each reads, refuses, prints and writes.
 *
 * Every kind is also tried with arbitrary bytes: it never throws, and reads back what it prints and
 * writes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fileName,
  integer,
  type Kind,
  oneOf,
  path,
  size,
  text,
  WRONG_COUNT,
  yesNo,
} from "../../src/config/kinds.ts";
import {
  addresses,
  host,
  keepalive,
  outputBufferLimit,
  permissions,
} from "../../src/config/kinds-network.ts";
import { splitArgs } from "../../src/protocol/split-args.ts";
import { fc } from "../support/fast-check.ts";

/** What `kind` makes of one argument: the printed value, or the error after a `!`. */
function read<T>(kind: Kind<T>, argument: string, current?: T): string {
  const parsed = kind.parse([argument], current as T);
  return "error" in parsed ? `!${parsed.error}` : kind.print(parsed.value);
}

function assertReads<T>(kind: Kind<T>, cases: Readonly<Record<string, string>>): void {
  for (const [argument, printed] of Object.entries(cases)) {
    assert.equal(read(kind, argument), printed, argument);
  }
}

function assertRefuses<T>(kind: Kind<T>, args: readonly string[]): void {
  for (const argument of args) assert.match(read(kind, argument), /^!/, JSON.stringify(argument));
}

test("yes and no may be written in any case", () => {
  assertReads(yesNo(), { yes: "yes", YES: "yes", no: "no", nO: "no" });
  assert.equal(read(yesNo(), "true"), "!argument must be 'yes' or 'no'");
  assertRefuses(yesNo(), ["", "y", "1", "yes ", "yes\0"]);
});

test("numbers are whole canonical decimals within their bounds", () => {
  assertReads(integer({ min: 0, max: 10 }), { "0": "0", "10": "10", "7": "7" });
  assertReads(integer(), { "-1": "-1", "9007199254740991": "9007199254740991" });
  assertRefuses(integer(), [
    "",
    "x",
    "1.5",
    "1e3",
    "0x10",
    "+1",
    "-0",
    "01",
    " 1",
    "1\0",
    "9007199254740992",
  ]);
  assert.equal(read(integer({ min: 0, max: 10 }), "11"), "!argument must be a number from 0 to 10");
  assert.equal(
    read(integer({ min: 1, unit: "seconds" }), "0"),
    "!argument must be a number of seconds, 1 or more",
  );
  assert.equal(read(integer({ max: 3 }), "4"), "!argument must be a number, 3 or less");
  assert.equal(read(integer(), "abc"), "!argument must be a whole number");
});

test("a clamped number moves to the nearest bound", () => {
  assertReads(integer({ min: 1, max: 500, clamp: true }), {
    "0": "1",
    "-5": "1",
    "9999": "500",
    "50": "50",
  });
});

test("sizes have units of 1000 and 1024 in any case", () => {
  assertReads(size(), {
    "2gb": "2147483648",
    "100mb": "104857600",
    "2000k": "2000000",
    "3000kb": "3072000",
    "5g": "5000000000",
    "7M": "7000000",
    "77777777b": "77777777",
    "123": "123",
    "0": "0",
  });
  assertRefuses(size(), ["", "abc", "-1", "1tb", "1.5gb", "1 gb", "99999999999gb"]);
  assert.equal(read(size({ min: 10 }), "9"), "!argument must be at least 10");
  assert.equal(read(size({ max: 2048 }), "3kb"), "!argument must be at most 2kb");
});

test("sizes are written with the largest exact unit", () => {
  assert.equal(size().write(1024 ** 3), "1gb");
  assert.equal(size().write(1536), "1536");
  assert.equal(size().write(64 * 1024), "64kb");
});

test("words may be written in any case and are shown as spelled in the table", () => {
  const kind = oneOf(["everysec", "always", "no"]);
  assertReads(kind, { EverySec: "everysec", no: "no" });
  assert.equal(read(kind, "never"), "!argument must be one of 'everysec', 'always', 'no'");
  assert.equal(kind.syntax, "everysec, always or no");
});

test("text keeps any bytes up to its length", () => {
  assertReads(text({ maxBytes: 3 }), { "": "", "a\0": "a\0", "\xff\xfe": "\xff\xfe" });
  assert.equal(read(text({ maxBytes: 3 }), "abcd"), "!argument is longer than 3 bytes");
});

test("a path becomes an ordinary string and is shown as its bytes", () => {
  const parsed = path({ mayBeEmpty: false }).parse(["/tmp/\xc3\xa9t\xc3\xa9"], "");
  assert.deepEqual(parsed, { value: "/tmp/\u00e9t\u00e9" });
  assert.equal(path({ mayBeEmpty: false }).print("/tmp/\u00e9"), "/tmp/\xc3\xa9");
  assertReads(path({ mayBeEmpty: true }), { "": "", "a b": "a b" });
  assertRefuses(path({ mayBeEmpty: false }), ["", "a\0b", "\xff", "x".repeat(4097)]);
});

test("a file name has no folder", () => {
  assertReads(fileName(), { "disque.aof": "disque.aof", "a b": "a b" });
  assertRefuses(fileName(), ["", ".", "..", "a/b", "/a", "a\\b", "\0"]);
});

test("a host is one word", () => {
  assertReads(host(), {
    "": "",
    "10.0.0.1": "10.0.0.1",
    "node-1.example": "node-1.example",
    "::1": "::1",
  });
  assertRefuses(host(), ["a b", "a\n", "a\0", "\xc3\xa9", "h".repeat(256)]);
});

test("addresses are split at blanks wherever they come from", () => {
  assert.equal(read(addresses(), " 127.0.0.1  -::1 "), "127.0.0.1 -::1");
  assert.deepEqual(addresses().parse(["127.0.0.1", "-::1"], []), { value: ["127.0.0.1", "-::1"] });
  assert.deepEqual(addresses().parse([""], ["::1"]), { value: [] });
  assert.equal(read(addresses(), "1 ".repeat(17)), "!Too many bind addresses specified");
  assertRefuses(addresses(), ["\xc3\xa9", "a\0", "h".repeat(256)]);
  assert.equal(addresses().write([]), '""');
  assert.equal(addresses().write(["127.0.0.1", "a'b"]), `127.0.0.1 "a'b"`);
});

test("permissions are octal", () => {
  assertReads(permissions(), { "0": "0", "700": "700", "0755": "755", "777": "777" });
  assertRefuses(permissions(), ["", "8", "1000", "rwx", "-1", "00700"]);
});

test("a keep-alive of 0 and 1 seconds is shown as no and yes", () => {
  assertReads(keepalive(), {
    "0": "no",
    no: "no",
    "1": "yes",
    YES: "yes",
    "60": "60",
    "300": "300",
  });
  assertRefuses(keepalive(), ["", "-1", "x", "2147483648"]);
  assert.equal(keepalive().write(0), "0");
});

test("an output buffer limit takes sizes and seconds of the class normal", () => {
  const kind = outputBufferLimit();
  const none = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  assert.equal(read(kind, "normal 1mb 64kb 10", none), "normal 1048576 65536 10");
  assert.equal(read(kind, "NORMAL 1 2 3", none), "normal 1 2 3");
  assert.equal(read(kind, "normal 1 2 3 normal 4 5 6", none), "normal 4 5 6");
  assert.deepEqual(kind.parse(["normal", "1", "2", "3"], none), kind.parse(["normal 1 2 3"], none));
  assert.equal(kind.write({ hardBytes: 1024, softBytes: 0, softSeconds: 5 }), "normal 1kb 0 5");
});

test("an output buffer limit without a class changes nothing", () => {
  const current = { hardBytes: 1, softBytes: 2, softSeconds: 3 };
  assert.equal(read(outputBufferLimit(), "", current), "normal 1 2 3");
});

test("an output buffer limit says what is wrong with it", () => {
  const current = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  const messages: Record<string, string> = {
    "normal 1 2": WRONG_COUNT,
    "slave 0 0 0": "Unrecognized client limit class",
    "normal -1 0 0": "Invalid size of a client limit",
    "normal 0 x 0": "Invalid size of a client limit",
    "normal 0 0 -1": "Negative number of seconds in soft limit is invalid",
    "normal 0 0 x": "Negative number of seconds in soft limit is invalid",
  };
  for (const [argument, message] of Object.entries(messages)) {
    assert.equal(read(outputBufferLimit(), argument, current), `!${message}`);
  }
});

const anyBytes = fc
  .array(fc.integer({ min: 0, max: 255 }))
  .map((bytes) => String.fromCharCode(...bytes));

const kinds: Readonly<Record<string, Kind<unknown>>> = {
  yesNo: yesNo(),
  integer: integer(),
  size: size(),
  oneOf: oneOf(["a", "b"]),
  text: text({ maxBytes: 512 }),
  path: path({ mayBeEmpty: true }),
  fileName: fileName(),
  host: host(),
  addresses: addresses(),
  permissions: permissions(),
  keepalive: keepalive(),
  outputBufferLimit: outputBufferLimit(),
};

for (const [name, kind] of Object.entries(kinds)) {
  test(`what ${name} prints and writes it reads back, and it survives any bytes`, () => {
    const likely = fc.constantFrom(
      "yes",
      "a",
      "12",
      "7mb",
      "normal 1 2 3",
      "::1 10.0.0.1",
      "777",
      "no",
    );
    const current = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
    fc.assert(
      fc.property(fc.array(fc.oneof(anyBytes, likely), { minLength: 1, maxLength: 3 }), (args) => {
        const parsed = kind.parse(args, current);
        if ("error" in parsed) return;
        const { value } = parsed;
        const again = kind.parse([kind.print(value)], current);
        assert.deepEqual(again, { value });
        const written = splitArgs(kind.write(value));
        assert.ok(written !== undefined && written.length >= kind.minArgs);
        assert.deepEqual(kind.parse(written, current), { value });
      }),
    );
  });
}
