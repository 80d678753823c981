/**
 * Counting replies does not depend on where the stream is cut.
 *
 * Every stream is cut into two at every place.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReport } from "../../bench/load/redis-benchmark.ts";
import { dialects } from "../../src/client/load/dialect.ts";
import {
  FixedReplyCounter,
  type ReplyCounter,
  ReplyScanner,
} from "../../src/client/load/reply-scanner.ts";
import { TakeScanner } from "../../src/client/load/take-scanner.ts";

/** Feeds a text cut into two at every place, with a new counter each time. */
function countsAtEveryCut(text: string, create: () => ReplyCounter): Set<number> {
  const counts = new Set<number>();
  const bytes = Buffer.from(text, "latin1");
  for (let cut = 0; cut <= bytes.length; cut++) {
    const counter = create();
    const tail = bytes.subarray(cut);
    counts.add(counter.feed(bytes, cut) + counter.feed(tail, tail.length));
  }
  return counts;
}

test("every shape of reply is counted once", () => {
  const replies = [
    "+OK\r\n",
    ":12\r\n",
    "$5\r\nab\r\nc\r\n",
    "$0\r\n\r\n",
    "$-1\r\n",
    "*-1\r\n",
    "*0\r\n",
    "*2\r\n*1\r\n:1\r\n$1\r\nx\r\n",
    "*1\r\n-ERR within\r\n",
    "%1\r\n+a\r\n*2\r\n_\r\n#t\r\n",
  ];
  const counts = countsAtEveryCut(replies.join(""), () => new ReplyScanner());
  assert.deepEqual([...counts], [replies.length]);
});

test("replies of one size are counted once, and another size is refused", () => {
  const replies = `+${"i".repeat(40)}\r\n`.repeat(4);
  assert.deepEqual([...countsAtEveryCut(replies, () => new FixedReplyCounter())], [4]);
  assert.throws(() =>
    countsAtEveryCut(`${replies}+short\r\n${replies}`, () => new FixedReplyCounter()),
  );
  assert.throws(() => new FixedReplyCounter().feed(Buffer.from("-OOM\r\n"), 6), /-OOM/);
});

test("a consumer's replies yield the place of every job", () => {
  const id = `D-${"0".repeat(38)}`;
  const job = `*3\r\n$1\r\nq\r\n$40\r\n${id}\r\n$3\r\nabc\r\n`;
  const stream = Buffer.from(`*2\r\n${job}${job}:2\r\n*-1\r\n*1\r\n${job}`);
  const { disque } = dialects;
  const idAt = (disque.idOffset("q") ?? 0) + "$40\r\n".length;
  for (let cut = 0; cut <= stream.length; cut++) {
    const events: (number | string)[] = [];
    const scanner = new TakeScanner(disque, "q", 3, {
      onJobs(bytes, offset, count) {
        const last = offset + (count - 1) * disque.jobBytes("q", 3) + idAt;
        events.push(count, count > 0 ? bytes.toString("latin1", last, last + 40) : "");
      },
      onAcked: (count) => events.push(`acked ${count}`),
    });
    scanner.feed(stream.subarray(0, cut), cut);
    scanner.feed(stream.subarray(cut), stream.length - cut);
    assert.deepEqual(events, [2, id, "acked 2", 0, "", 1, id]);
  }
});

test("the report of redis-benchmark is understood", () => {
  const report = [
    "50.000% <= 0.071 milliseconds (cumulative count 12032)",
    "99.219% <= 0.175 milliseconds (cumulative count 19856)",
    "99.902% <= 0.351 milliseconds (cumulative count 19984)",
    "100.000% <= 0.367 milliseconds (cumulative count 20000)",
    "99.360% <= 0.207 milliseconds (cumulative count 19872)",
    "  throughput summary: 869565.19 requests per second",
  ].join("\n");
  const { operationsPerSecond, latency } = parseReport(report);
  assert.equal(operationsPerSecond, 869565.19);
  const rounded = Object.values(latency).map(Math.round);
  assert.deepEqual(rounded, [71, 175, 351, 367]);
  assert.throws(() => parseReport("Error from server: OOM"), /OOM/);
});
