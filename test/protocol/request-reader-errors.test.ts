/**
 * Protocol errors: the text of each, and the exact place of each limit.
 *
 * Clients and people know these texts from Redis, so they are compared word by word; what a reader
 * does after an error belongs here too.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fullLimits, unauthenticatedLimits } from "../../src/protocol/request.ts";
import { CROSS_PROTOCOL, RequestReader } from "../../src/protocol/request-reader.ts";
import { encode, Recorder, read, tinyLimits } from "./requests.ts";

const PREFIX = "ERR Protocol error: ";

test("every violation has its text, and nothing behind it is run", () => {
  const long = "1".repeat(65537);
  const cases: [string, string][] = [
    ["A".repeat(65537), "too big inline request"],
    [`${"A".repeat(65537)}\n`, "too big inline request"],
    ['PING "a"b\r\n', "unbalanced quotes in request"],
    ["PING 'a\r\n", "unbalanced quotes in request"],
    [`*${long}`, "too big mbulk count string"],
    [`*${long}\r\n`, "too big mbulk count string"],
    ["*1048577\r\n", "invalid multibulk length"],
    ["*01\r\n", "invalid multibulk length"],
    ["*+1\r\n", "invalid multibulk length"],
    ["*-0\r\n", "invalid multibulk length"],
    ["*-01\r\n", "invalid multibulk length"],
    ["*\r\n", "invalid multibulk length"],
    ["* 1\r\n", "invalid multibulk length"],
    ["*1 \r\n", "invalid multibulk length"],
    ["*1\0\r\n", "invalid multibulk length"],
    ["*4294967297\r\n", "invalid multibulk length"],
    ["*18446744073709551617\r\n", "invalid multibulk length"],
    ["*1\n$4\r\nPING\r\n", "invalid multibulk length"],
    ["*1\rx\n", "invalid multibulk length"],
    [`*1\r\n$${long}`, "too big bulk count string"],
    ["*1\r\n+PING\r\n", "expected '$', got '+'"],
    ["*1\r\n:1\r\n", "expected '$', got ':'"],
    ["*1\r\n*1\r\n", "expected '$', got '*'"],
    ["*1\r\nfooz", "expected '$', got 'f'"],
    ["*1\r\n\xff", "expected '$', got '\xff'"],
    ["*1\r\n$-1\r\n", "invalid bulk length"],
    ["*1\r\n$abc\r\n", "invalid bulk length"],
    ["*1\r\n$\r\n", "invalid bulk length"],
    ["*1\r\n$00\r\n", "invalid bulk length"],
    ["*1\r\n$04\r\n", "invalid bulk length"],
    ["*1\r\n$536870913\r\n", "invalid bulk length"],
    ["*1\r\n$4294967300\r\n", "invalid bulk length"],
    ["*1\r\n$1\nx", "invalid bulk length"],
    ["*1\r\n$4\r\nPINGxx", "expected CRLF after bulk string"],
    ["*1\r\n$4\r\nPING\n\n", "expected CRLF after bulk string"],
    ["*1\r\n$4\r\nPING\rx", "expected CRLF after bulk string"],
    ["*2\r\n$536870912\r\n", "too big request"],
  ];
  for (const [text, what] of cases) {
    const limits = { ...fullLimits(), requestBytesMax: 512 * 1024 * 1024 };
    const result = read(`PING\r\n${text}\r\nPING\r\n`, [], limits);
    assert.equal(result.error, PREFIX + what, JSON.stringify(text.slice(0, 40)));
    assert.deepEqual(result.requests, [["PING"]]);
    assert.equal(result.bufferedBytes, 0);
  }
});

test("a line of exactly the limit passes", () => {
  const line = `PING ${"A".repeat(65531)}`;
  assert.deepEqual(read(`${line}\n`).requests, [["PING", "A".repeat(65531)]]);
  assert.deepEqual(read(`${line}\n`, [3, 65536]).requests, [["PING", "A".repeat(65531)]]);
  assert.equal(read(line).error, undefined);
});

test("a request of exactly the limit passes, in one piece and byte by byte", () => {
  const text = encode("PING", "a".repeat(10));
  const everywhere = [...text].map((_, i) => i);
  for (const cuts of [[], everywhere]) {
    const exact = { ...fullLimits(), requestBytesMax: text.length, bulkBytesMax: 10, argsMax: 2 };
    assert.equal(read(text, cuts, exact).requests.length, 1);
    const less = { ...exact, requestBytesMax: text.length - 1 };
    assert.equal(read(text, cuts, less).error, `${PREFIX}too big request`);
    const smaller = { ...exact, bulkBytesMax: 9 };
    assert.equal(read(text, cuts, smaller).error, `${PREFIX}invalid bulk length`);
    const fewer = { ...exact, argsMax: 1 };
    assert.equal(read(text, cuts, fewer).error, `${PREFIX}invalid multibulk length`);
  }
});

test("lines that look like HTTP close the connection without an answer", () => {
  for (const text of ["POST / HTTP/1.1\r\n", "Host: example.com\r\n", "post x\n", "host: x\r\n"]) {
    const result = read(`PING\r\n${text}PING\r\n`);
    assert.equal(result.error, CROSS_PROTOCOL);
    assert.deepEqual(result.requests, [["PING"]]);
  }
  assert.deepEqual(read(encode("POST", "x")).requests, [["POST", "x"]]);
  assert.deepEqual(read("PING POST\r\n").requests, [["PING", "POST"]]);
});

test("a client that has not authenticated can send little, and is told why", () => {
  const withLimits = (text: string) => read(text, [], unauthenticatedLimits());
  assert.equal(withLimits("*1025\r\n").error, `${PREFIX}unauthenticated multibulk length`);
  assert.equal(withLimits("*1\r\n$65537\r\n").error, `${PREFIX}unauthenticated bulk length`);
  assert.equal(
    withLimits(`*2\r\n$65000\r\n${"a".repeat(65000)}\r\n$600\r\n`).error,
    `${PREFIX}too big request`,
  );
  assert.equal(withLimits(`${"x ".repeat(1025)}\n`).error, `${PREFIX}too big inline request`);
  assert.equal(withLimits(`${"x".repeat(65536)}\n`).error, `${PREFIX}too big inline request`);
  assert.deepEqual(withLimits(encode("AUTH", "secret")).requests, [["AUTH", "secret"]]);
});

test("limits raised by a request hold for the next one in the same chunk", () => {
  const limits = { ...tinyLimits() };
  const reader = new RequestReader(limits);
  const sizes: number[] = [];
  const text = Buffer.from(encode("AUTH", "x") + encode("ADDJOB", "a".repeat(100)), "latin1");
  const error = reader.feed(text, 0, text.length, {
    onRequest(request) {
      Object.assign(limits, fullLimits());
      sizes.push(request.size(1));
      return true;
    },
  });
  assert.equal(error, undefined);
  assert.deepEqual(sizes, [1, 100]);
});

test("a handler that throws when its reader goes on ends that reader", () => {
  const reader = new RequestReader(fullLimits());
  const bytes = Buffer.from("PING\r\nPING\r\n");
  assert.equal(reader.feed(bytes, 0, bytes.length, new Recorder(() => "stop")), undefined);
  const broken = new Recorder(() => {
    throw new Error("a bug");
  });
  assert.throws(() => reader.resume(broken), /a bug/);
  assert.match(reader.resume(new Recorder()) ?? "", /abandoned/);
  assert.equal(reader.bufferCapacity, 0);
});

test("after an error the reader stays dead and holds no memory", () => {
  const reader = new RequestReader(fullLimits());
  const recorder = new Recorder();
  const bytes = Buffer.from("*1\r\n$4\r\nPI*1xx", "latin1");
  assert.equal(reader.feed(bytes, 0, 10, recorder), undefined);
  assert.ok(reader.bufferCapacity > 0);
  const error = `${PREFIX}expected CRLF after bulk string`;
  assert.equal(reader.feed(bytes, 10, bytes.length, recorder), error);
  assert.equal(reader.bufferCapacity, 0);
  assert.equal(reader.feed(Buffer.from("PING\r\n"), 0, 6, recorder), error);
  assert.equal(reader.resume(recorder), error);
  assert.deepEqual(recorder.requests, []);
});
