/**
 * What reading a request and writing a reply cost, in nanoseconds.
 *
 * Requests come in chunks as sockets deliver them: complete pipelines, and a stream cut every 64
 * KB. The handler does what a command does at least: looks at the name and at the numbers. `node
 * dist/bench/micro/protocol.js [part of a name]`.
 */
import { BufferPool } from "../../src/protocol/buffer-pool.ts";
import { ReplyWriter } from "../../src/protocol/reply-writer.ts";
import { fullLimits, type Request } from "../../src/protocol/request.ts";
import { RequestReader } from "../../src/protocol/request-reader.ts";

const selection = process.argv[2] ?? "";
const ROUNDS = 7;
const ROUND_MS = 150;

/** Prints the median time of one of `perCall` operations in `call`. */
function measure(name: string, perCall: number, call: () => void): void {
  if (!name.includes(selection)) return;
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let calls = 0;
    const start = performance.now();
    let now = start;
    while (now - start < ROUND_MS) {
      for (let i = 0; i < 64; i++) call();
      calls += 64;
      now = performance.now();
    }
    rounds.push(((now - start) * 1e6) / (calls * perCall));
  }
  rounds.sort((a, b) => a - b);
  const median = rounds[ROUNDS >> 1] ?? 0;
  console.log(`${name.padEnd(58)} ${median.toFixed(1).padStart(8)} ns`);
}

function encode(...args: string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("")}`;
}

const ADDJOB = Buffer.from("ADDJOB");
let sum = 0;
const handler = {
  onRequest(request: Request): boolean {
    sum = (sum + request.count + request.end(1)) | 0;
    return true;
  },
};
const comparing = {
  onRequest(request: Request): boolean {
    if (request.is(0, ADDJOB)) sum = (sum + request.integer(3)) | 0;
    return true;
  },
};

function benchReader(): void {
  const addjob = encode("ADDJOB", "q", "x".repeat(100), "0");
  for (const pipeline of [1, 16, 100]) {
    const chunk = Buffer.from(addjob.repeat(pipeline));
    const reader = new RequestReader(fullLimits());
    measure(`read ADDJOB q <100 bytes> 0, ${pipeline} in a chunk`, pipeline, () => {
      reader.feed(chunk, 0, chunk.length, handler);
    });
  }
  const chunk = Buffer.from(addjob.repeat(100));
  const reader = new RequestReader(fullLimits());
  measure("same, 100, name compared and timeout parsed", 100, () => {
    reader.feed(chunk, 0, chunk.length, comparing);
  });
  const long = encode(
    "ADDJOB",
    "queue",
    "x".repeat(100),
    "1000",
    "REPLICATE",
    "3",
    "RETRY",
    "60",
    "TTL",
    "3600",
  );
  const longChunk = Buffer.from(long.repeat(16));
  measure("read ADDJOB with 10 arguments, 16 in a chunk", 16, () => {
    reader.feed(longChunk, 0, longChunk.length, handler);
  });
  benchCutReader(addjob);
  const inline = Buffer.from(`ADDJOB q ${"x".repeat(100)} 0\r\n`.repeat(16));
  measure("read inline ADDJOB, 16 in a chunk", 16, () => {
    reader.feed(inline, 0, inline.length, handler);
  });
}

/** A long stream in 64 KB chunks, so that nearly every chunk ends within a request. */
function benchCutReader(addjob: string): void {
  const stream = Buffer.from(addjob.repeat(65536));
  const reader = new RequestReader(fullLimits());
  let at = 0;
  const perChunk = 65536 / addjob.length;
  measure("read ADDJOB, endless stream in chunks of 64 KB", perChunk, () => {
    const end = Math.min(at + 65536, stream.length);
    reader.feed(stream, at, end, handler);
    at = end === stream.length ? 0 : end;
  });
  const small = new RequestReader(fullLimits());
  const half = addjob.length >> 1;
  const one = Buffer.from(addjob);
  measure("read ADDJOB in two halves", 1, () => {
    small.feed(one, 0, half, handler);
    small.feed(one, half, one.length, handler);
  });
}

const pool = new BufferPool();
const writer = new ReplyWriter(pool);

/** Prints the time of one of a hundred replies that leave together. */
function measureReply(name: string, reply: () => void): void {
  measure(`write ${name}`, 100, () => {
    for (let i = 0; i < 100; i++) reply();
    writer.release(writer.take());
  });
}

function benchWriter(): void {
  const id = "D-12345678-abcdefghijklmnopqrstuvwx-05a1";
  const idBytes = Buffer.from(id);
  const body = Buffer.alloc(200, "x");
  measureReply("+ID from a string", () => writer.simple(id));
  measureReply("$ID from bytes", () => writer.bulk(idBytes, 0, 40));
  measureReply("a bulk of 5 bytes", () => writer.bulk(body, 0, 5));
  measureReply("a bulk of 100 bytes", () => writer.bulk(body, 50, 150));
  measureReply(":1", () => writer.integer(1));
  measureReply(":123456", () => writer.integer(123456));
  measureReply(":1700000000000", () => writer.integer(1700000000000));
  measureReply("ctime", () => writer.joinedInteger(1700000000000, 17));
  measureReply("$-1", () => writer.nullBulk());
  measureReply("a GETJOB entry [queue, id, 100 bytes]", () => {
    writer.array(3);
    writer.bulk(body, 0, 1);
    writer.bulk(idBytes, 0, 40);
    writer.bulk(body, 0, 100);
  });
  measure("write +OK, take and release", 1, () => {
    writer.simple("OK");
    writer.release(writer.take());
  });
}

benchReader();
benchWriter();
if (sum === 0) console.log("nothing was read");
