/**
 * Reading requests. The central property: whatever a client sends, broken or not, gives the same
 * requests and the same error however it is cut into pieces and wherever the reader stops.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fullLimits, type Request } from "../../src/protocol/request.ts";
import { RequestReader } from "../../src/protocol/request-reader.ts";
import { fc } from "../support/fast-check.ts";
import { encode, Recorder, read, tinyLimits } from "./requests.ts";

const byteString = fc.string({
  unit: fc.nat(255).map((code) => String.fromCharCode(code)),
  maxLength: 20,
});

const validPiece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(byteString, { minLength: 1, maxLength: 6 }).map((args) => encode(...args)),
  },
  fc.constantFrom("*0\r\n", "*-1\r\n", "*-17\r\n", "\r\n", "\n", "  \r\n"),
  fc.constantFrom(
    "PING\r\n",
    "PING\n",
    " ping  'a b' \"\" \r\n",
    'PING "\\x41\\r\\n"\n',
    "A\0B c\r\n",
    "x\r y\r\n",
  ),
);

/** Mostly right, now and then broken. */
const anyPiece = fc.oneof(
  { weight: 8, arbitrary: validPiece },
  fc.constantFrom(
    "*x\r\n",
    "*01\r\n",
    "*1\r\n+A\r\n",
    "*1\r\n$-1\r\n",
    "*1\r\n$1\r\nabc",
    "*1\n",
    "*1\r\n$1\n",
    '"\r\n',
    "POST /\r\n",
  ),
  fc.string({
    unit: fc.constantFrom("*", "$", "\r", "\n", "1", "0", "-", '"', "A", " ", "\0"),
    maxLength: 12,
  }),
);

test("requests are the same however they are cut, stopped and deferred", () => {
  const decisions = fc.array(
    fc.constantFrom("run" as const, "run" as const, "stop" as const, "defer" as const),
  );
  const input = fc.array(anyPiece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  const cuts = fc.array(fc.nat(200), { maxLength: 12 });
  fc.assert(
    fc.property(input, cuts, decisions, fc.boolean(), (text, offsets, list, isTiny) => {
      const limits = isTiny ? tinyLimits() : fullLimits();
      let next = 0;
      const decide = () => list[next++] ?? "run";
      const inOnePiece = read(text, [], limits);
      assert.deepEqual(read(text, offsets, limits), inOnePiece, "cut");
      assert.deepEqual(
        read(text, offsets, limits, decide),
        inOnePiece,
        "cut, stopped and deferred",
      );
      assert.deepEqual(
        read(
          text,
          [...text].map((_, i) => i),
          limits,
        ),
        inOnePiece,
        "byte by byte",
      );
    }),
    { numRuns: 3000 },
  );
});

test("what a client library sends is what the handler gets", () => {
  const requests = fc.array(fc.array(byteString, { minLength: 1, maxLength: 40 }), {
    maxLength: 10,
  });
  fc.assert(
    fc.property(requests, (list) => {
      const texts = list.map((args) => encode(...args));
      const result = read(texts.join(""));
      assert.deepEqual(
        result.requests,
        list.filter((args) => args.length > 0),
      );
      assert.deepEqual(
        result.sizes,
        texts.map((text) => text.length),
      );
      assert.equal(result.error, undefined);
      assert.equal(result.bufferedBytes, 0);
    }),
  );
});

test("inline requests are lines with quoting, ended by CR LF or LF", () => {
  const cases: [string, string[][]][] = [
    ["PING\r\n", [["PING"]]],
    ["PING\nPING x\n", [["PING"], ["PING", "x"]]],
    ["  ping   hello  \r\n", [["ping", "hello"]]],
    ['PING "a b\\n\\x41\\t"\r\n', [["PING", "a b\nA\t"]]],
    ["PING 'it\\'s'\r\n", [["PING", "it's"]]],
    ["\r\n\r\nPING one\r\n", [["PING", "one"]]],
    ['PING ""\r\n', [["PING", ""]]],
    ['""\r\n', [[""]]],
    ["PING a\0b\r\n", [["PING", "a\0b"]]],
    ["a\rb\r\r\n", [["a", "b"]]],
    ["\xff\xfe \x80\r\n", [["\xff\xfe", "\x80"]]],
    ["PING x\r\n*1\r\n$4\r\nPING\r\nPING y\r\n", [["PING", "x"], ["PING"], ["PING", "y"]]],
  ];
  for (const [text, requests] of cases) {
    const result = read(text);
    assert.deepEqual(result.requests, requests, JSON.stringify(text));
    assert.equal(result.error, undefined);
  }
});

test("an inline request may have thousands of arguments, quoted or not", () => {
  const plain = Array.from({ length: 5000 }, (_, i) => `a${i}`);
  assert.deepEqual(read(`${plain.join(" ")}\n`).requests, [plain]);
  // More than any request before, so that room for them has to be made.
  const quoted = Array.from({ length: 12_000 }, (_, i) => String(i % 10));
  assert.deepEqual(read(`"0" ${quoted.slice(1).join(" ")}\n`).requests, [quoted]);
});

test("empty and negative arrays are swallowed", () => {
  const result = read("*0\r\nPING\r\n*-1\r\n*-1048577\r\nPING x\r\n");
  assert.deepEqual(result.requests, [["PING"], ["PING", "x"]]);
  assert.equal(result.error, undefined);
});

test("arguments may be empty and contain anything", () => {
  const args = ["", "\r\n", "$5\r\n*3\r\n", "\0\xff", ""];
  assert.deepEqual(read(encode(...args)).requests, [args]);
});

test("bytes around those that are handed over do not count", () => {
  for (const line of ["\n", "PING\n", "*1\r\n$4\r\nPING\r\n"]) {
    const recorder = new Recorder();
    const chunk = Buffer.from(`"\r${line}\nPING"\n`, "latin1");
    new RequestReader(fullLimits()).feed(chunk, 2, 2 + line.length, recorder);
    assert.deepEqual(recorder.requests, line === "\n" ? [] : [["PING"]]);
  }
});

test("requests that lie completely in a chunk need no memory of the reader's own", () => {
  const reader = new RequestReader(fullLimits());
  const bytes = Buffer.from(encode("PING", "x").repeat(100), "latin1");
  let highest = 0;
  reader.feed(bytes, 0, bytes.length, {
    onRequest(request) {
      assert.equal(request.buffer, bytes);
      highest = Math.max(highest, reader.bufferCapacity);
      return true;
    },
  });
  assert.equal(highest, 0);
  assert.equal(reader.bufferCapacity, 0);
});

test("a request that is kept beyond its call is empty, not somebody else's", () => {
  const reader = new RequestReader(fullLimits());
  const kept: Request[] = [];
  const keeping = {
    onRequest(request: Request): boolean {
      kept.push(request);
      return true;
    },
  };
  reader.feed(Buffer.from("PING\r\n"), 0, 6, keeping);
  assert.throws(() => kept[0]?.text(0), RangeError);
});

test("arguments are compared, copied and parsed where they lie", () => {
  const reader = new RequestReader(fullLimits());
  const bytes = Buffer.from(encode("getJob", "-0042", "\0\xff", ""), "latin1");
  let copy: Buffer = Buffer.alloc(0);
  const checking = {
    onRequest(request: Request): boolean {
      assert.ok(request.is(0, Buffer.from("GETJOB")));
      assert.ok(!request.is(0, Buffer.from("GETJOBS")));
      assert.equal(request.integer(1), -42);
      assert.ok(Number.isNaN(request.integer(3)));
      assert.equal(request.text(2), "\0\xff");
      assert.equal(request.size(3), 0);
      assert.throws(() => request.start(4), RangeError);
      copy = request.bytes(2);
      return true;
    },
  };
  assert.equal(reader.feed(bytes, 0, bytes.length, checking), undefined);
  assert.equal(copy.buffer.byteLength, 2);
  bytes.fill(0);
  assert.deepEqual(copy, Buffer.from([0, 255]));
});

test("a stopped reader keeps what arrives and goes on where it was", () => {
  const reader = new RequestReader(fullLimits());
  let decision: "stop" | "run" = "stop";
  const recorder = new Recorder(() => decision);
  const bytes = Buffer.from("GETJOB\r\nPING 1\r\nPING 2\r\nPI", "latin1");
  reader.feed(bytes, 0, bytes.length, recorder);
  reader.feed(Buffer.from("NG 3\r\nPING 4\r\n"), 0, 14, recorder);
  assert.deepEqual(recorder.requests, [["GETJOB"]]);
  assert.equal(reader.bufferedBytes, 32);
  reader.resume(recorder);
  assert.deepEqual(recorder.requests.at(-1), ["PING", "1"]);
  decision = "run";
  reader.resume(recorder);
  assert.deepEqual(recorder.requests.slice(2), [
    ["PING", "2"],
    ["PING", "3"],
    ["PING", "4"],
  ]);
  assert.equal(reader.bufferCapacity, 0);
  reader.resume(recorder);
  assert.equal(recorder.requests.length, 5);
});

test("a deferred request comes again, with the same arguments", () => {
  let tries = 0;
  const decide = () => (++tries < 3 ? "defer" : "run");
  const text = encode("PING", "x") + encode("PING", "y");
  for (const cuts of [[], [5], [5, 12]]) {
    tries = 0;
    assert.deepEqual(read(text, cuts, fullLimits(), decide).requests, [
      ["PING", "x"],
      ["PING", "y"],
    ]);
  }
});

test("handlers must not read, and a handler that throws ends its reader only", () => {
  const reader = new RequestReader(fullLimits());
  const other = new RequestReader(fullLimits());
  const bytes = Buffer.from("PING\r\nPING\r\n");
  const reentering = {
    onRequest(): boolean {
      other.feed(bytes, 0, bytes.length, new Recorder());
      return true;
    },
  };
  const stopped = new RequestReader(fullLimits());
  const waking = {
    onRequest(): boolean {
      stopped.resume(new Recorder());
      return true;
    },
  };
  stopped.feed(bytes, 0, bytes.length, new Recorder(() => "stop"));
  assert.throws(
    () => new RequestReader(fullLimits()).feed(bytes, 0, bytes.length, waking),
    /no handler calls a reader/,
  );
  const woken = new Recorder();
  stopped.resume(woken);
  assert.deepEqual(woken.requests, [["PING"]]);
  assert.throws(() => reader.feed(bytes, 0, bytes.length, reentering), /no handler calls a reader/);
  assert.match(reader.feed(bytes, 0, bytes.length, new Recorder()) ?? "", /abandoned/);
  assert.equal(reader.bufferCapacity, 0);
  const recorder = new Recorder();
  assert.equal(other.feed(bytes, 0, bytes.length, recorder), undefined);
  assert.equal(recorder.requests.length, 2);
});

test("a handler that counts empty requests may stop behind one of them", () => {
  const reader = new RequestReader(fullLimits());
  const seen: (string | number)[] = [];
  let left = 3;
  const handler = {
    onRequest: (request: Request) => seen.push(request.text(0)) > 0,
    onSkipped: (bytes: number) => seen.push(bytes) > 0 && --left > 0,
  };
  const text = Buffer.from(`\n\r\n*0\r\n${encode("PING")}\n`);
  assert.equal(reader.feed(text, 0, text.length, handler), undefined);
  assert.deepEqual(seen, [1, 2, 4]);
  left = 10;
  reader.resume(handler);
  assert.deepEqual(seen, [1, 2, 4, "PING", 1]);
});
