/** Rates of queues: differences of counters that somebody noted some seconds ago. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Queue } from "../../src/core/queue.ts";
import { QueueRates } from "../../src/http/queue-rates.ts";
import { FakeServer } from "../support/fake-server.ts";

const NAME = Buffer.from("q");

class Watched {
  readonly rates = new QueueRates();
  readonly server = new FakeServer();
  readonly client = this.server.connect();

  get queue(): Queue {
    return this.server.state.broker.queues.find(NAME, 0, NAME.length) as Queue;
  }

  add(jobs: number): void {
    for (let i = 0; i < jobs; i++) this.client.send("ADDJOB", "q", "x", "0", "RETRY", "0");
  }

  note(): void {
    const { broker, host } = this.server.state;
    const noting = this.rates.begin(host.nowMs, broker.queues.numberLimit);
    noting?.take(this.queue, host.nowMs);
    noting?.end();
  }

  rate(): (number | null)[] {
    const found = this.rates.of(this.queue, this.server.state.host.nowMs);
    return [found.in, found.out];
  }
}

test("a rate is over five seconds at least once two notes are there", () => {
  const watched = new Watched();
  watched.add(10);
  assert.deepEqual(watched.rate(), [null, null]);
  watched.note();
  assert.deepEqual(watched.rate(), [null, null], "over no time there is no rate");
  watched.server.advance(5000);
  watched.add(10);
  watched.client.send("GETJOB", "COUNT", "5", "FROM", "q");
  assert.deepEqual(watched.rate(), [2, 1]);
  watched.note();
  assert.deepEqual(watched.rate(), [2, 1], "the note before the last one counts");
  watched.server.advance(5000);
  assert.deepEqual(watched.rate(), [1, 0.5]);
});

test("a queue that was made anew has no rate, and one that nobody looked at for long has none either", () => {
  const watched = new Watched();
  watched.add(1);
  watched.note();
  watched.server.advance(61_000);
  assert.deepEqual(watched.rate(), [null, null]);
  watched.note();
  watched.server.advance(1000);
  assert.deepEqual(watched.rate(), [0, 0]);
  const { broker, host } = watched.server.state;
  watched.client.send("GETJOB", "FROM", "q");
  broker.queues.unregister(watched.queue);
  watched.server.advance(1000);
  watched.add(1);
  assert.equal(watched.queue.createdAtMs, host.nowMs);
  assert.deepEqual(watched.rate(), [null, null]);
});
