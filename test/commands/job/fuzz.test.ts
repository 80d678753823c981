/**
 * Random arguments for the job and queue commands: nothing throws, what is refused changes nothing,
 * and the broker agrees with itself after every command.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeClient } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { fc } from "../../support/fast-check.ts";
import { digest, FOREIGN_ID, UNKNOWN_ID } from "./steps.ts";

const commands = [
  ...["ADDJOB", "GETJOB", "ACKJOB", "FASTACK", "DELJOB", "SHOW", "ENQUEUE", "NACK", "DEQUEUE"],
  ...["WORKING", "JSCAN", "QLEN", "QPEEK", "QSTAT", "QSCAN", "PAUSE"],
];
const words = [
  ...[
    "REPLICATE",
    "delay",
    "RETRY",
    "ttl",
    "MAXLEN",
    "ASYNC",
    "NOHANG",
    "timeout",
    "COUNT",
    "FROM",
  ],
  ...[
    "WITHCOUNTERS",
    "BUSYLOOP",
    "QUEUE",
    "state",
    "REPLY",
    "id",
    "ALL",
    "queued",
    "active",
    "acked",
  ],
  ...["MINLEN", "IMPORTRATE", "in", "out", "all", "none", "STATE", "bcast", "x", ""],
];
const numbers = ["0", "1", "2", "5", "100", "-1", "+3", "4294967296", "9007199254740993", "1.5"];
const queues = ["q", "r", "", "\xff\x00", "a queue"];

/** An argument: a word, a number, a queue, or the id of one of the jobs of this run. */
const argument = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...words) },
  { weight: 4, arbitrary: fc.constantFrom(...numbers) },
  { weight: 4, arbitrary: fc.constantFrom(...queues) },
  { weight: 5, arbitrary: fc.nat(30).map((job) => ({ job })) },
  { weight: 1, arbitrary: fc.constantFrom(UNKNOWN_ID, FOREIGN_ID, "D-0000") },
  { weight: 1, arbitrary: fc.string({ maxLength: 45 }) },
);
type Argument = string | { job: number };

/** Requests that are likely to do something, so that there are jobs in all states. */
const sensible = fc.oneof(
  fc
    .constantFrom(
      ...[
        "ADDJOB q b 0",
        "ADDJOB q b 0 RETRY 1",
        "ADDJOB r b 0 RETRY 0",
        "ADDJOB q b 0 DELAY 1 TTL 9",
      ],
      ...["GETJOB NOHANG FROM q r", "GETJOB COUNT 2 FROM r q", "PAUSE q in", "PAUSE q none"],
      ...["PAUSE r out", "GETJOB TIMEOUT 900 FROM q", "ADDJOB q b 0 TTL 2 RETRY 0"],
    )
    .map((line): Argument[] => line.split(" ")),
  fc
    .tuple(fc.constantFrom("NACK", "ENQUEUE", "DEQUEUE", "WORKING", "ACKJOB", "SHOW"), fc.nat(30))
    .map(([command, job]): Argument[] => [command, { job }]),
);
const random = fc
  .tuple(fc.constantFrom(...commands), fc.array(argument, { maxLength: 9 }))
  .map(([command, args]): Argument[] => [command, ...args]);
const step = fc.record({
  request: fc.oneof(sensible, random),
  advanceMs: fc.constantFrom(0, 0, 0, 1, 500, 1000),
  client: fc.nat(2),
  closes: fc.nat(20).map((n) => n === 0),
});

/** Somebody who can send: a blocked client gives up its place to a new one now and then. */
function free(server: FakeServer, clients: FakeClient[], i: number, closes: boolean): FakeClient {
  const client = clients[i];
  if (client !== undefined && !client.session.isBlocked && !closes) return client;
  if (closes && client !== undefined) client.close();
  const fresh = server.connect();
  clients[i] = fresh;
  return fresh;
}

test("random requests never throw, and change nothing when they are refused", () => {
  let refused = 0;
  let done = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const server = new FakeServer();
      const clients = [server.connect(), server.connect(), server.connect()];
      const ids: string[] = [];
      for (const { request, advanceMs, client: i, closes } of steps) {
        server.advance(advanceMs);
        const client = free(server, clients, i, closes);
        client.readAll();
        const before = digest(server);
        const args = request.map((arg) =>
          typeof arg === "string" ? arg : (ids[arg.job % (ids.length || 1)] ?? "no job yet"),
        );
        const reply = client.send(...args);
        assert.deepEqual(client.readAll(), [], "one reply a request");
        const after = digest(server);
        if (typeof reply === "string" && reply.startsWith("-")) {
          assert.deepEqual(after, before, `${args.join(" ")} answered ${reply}`);
          refused++;
        } else done++;
        if (String(reply).startsWith("+D-")) ids.push(String(reply).slice(1));
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(refused > 1000 && done > 1000, `${refused} refused, ${done} done`);
});
